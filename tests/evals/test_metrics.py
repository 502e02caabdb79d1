from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from evals.metrics import (
    attribution,
    auroc,
    citation_precision,
    citation_recall,
    fact_recall,
    is_found,
    numbers_supported,
)

SOURCES = {1: ["hens lay eggs"], 2: ["cows give", "grass"], 3: ["milk and grass"], 4: ["hens lay daily"]}


def holds_all_words(claim: str, sources: Sequence[str]) -> bool:
    """A judge that can be followed by hand."""
    return set(claim.split()) <= set(" ".join(sources).split())


def test_a_fact_counts_when_any_alternative_is_in_the_first_120_words():
    answer = "It reaches 81.7% [1] " + "word " * 116 + "late"
    assert fact_recall(answer, [["81.7", "82"], ["missing"]]) == 0.5
    assert fact_recall(answer, [["late"]]) == 1.0  # markers are not words: this is the 120th
    assert fact_recall("x " + answer, [["late"]]) == 0.0


@pytest.mark.parametrize(
    ("ranked", "depth", "expected"), [("ab", 1, True), ("ba", 1, False), ("ba", 2, True), ("b", 5, False)]
)
def test_a_right_paper_counts_down_to_a_depth(ranked, depth, expected):
    assert is_found([*ranked], ["a"], depth) is expected


def test_citation_precision_and_recall():
    assert citation_precision(["a", "b", "c", "d"], ["a", "b", "z"]) == 0.5
    assert citation_precision([], ["a"]) == 0.0
    assert citation_recall(["a", "b"], ["a", "z"]) == 0.5


def test_numbers_are_supported_by_the_sources_of_their_own_claim():
    sources = {1: ["We use 40 hens on 7 farms.", "Phi 2.5"], 2: ["They lay 3 eggs."]}
    assert numbers_supported([("It has 40 hens on 7 farms.", [1]), ("Hens lay 3 eggs.", [2])], sources) == 1.0
    assert numbers_supported(
        [("It has 40 hens on 7 farms.", [1]), ("Hens lay 3 eggs.", [1])], sources
    ) == pytest.approx(2 / 3)
    assert numbers_supported([("It has 40 cows on 7 farms.", [1, 2])], sources) == 0.5
    assert numbers_supported([("Phi 2.5 counts hens.", [1])], sources) == 1.0
    assert numbers_supported([("Hens lay.", [1])], sources) == 1.0


def test_auroc_counts_ordered_pairs_and_halves_ties():
    assert auroc([3, 2], [1, 2]) == (1 + 1 + 1 + 0.5) / 4
    assert math.isnan(auroc([], [1]))


def test_attribution_of_three_claims_one_with_an_idle_citation():
    claims = [
        ("hens lay eggs", [1, 2]),  # 1 supports it alone; 2 does nothing, alone or with it
        ("cows give milk", [2, 3]),  # neither supports it alone, both together do: both count
        ("pigs dig", [3]),  # unsupported, and its citation with it
    ]
    assert attribution(claims, SOURCES, holds_all_words) == (2 / 3, 3 / 5)


@pytest.mark.parametrize(
    ("claim", "markers", "expected"),
    [
        ("hens lay", [1, 4], (1.0, 1.0)),  # either would do: neither is idle
        ("hens lay", [1, 1], (1.0, 1.0)),  # cited twice is cited once
        ("hens lay", [1, 1, 2], (1.0, 0.5)),
        ("hens lay", [1, 9], (1.0, 0.5)),  # 9 is not a source
        ("hens lay", [9], (0.0, 0.0)),
        ("hens lay", [], (0.0, 0.0)),
        ("hens fly", [1, 4], (0.0, 0.0)),
        ("cows grass", [2], (1.0, 1.0)),  # all texts of a source count
    ],
)
def test_attribution_of_one_claim(claim, markers, expected):
    assert attribution([(claim, markers)], SOURCES, holds_all_words) == expected


def test_a_claim_without_citations_lowers_recall_and_not_precision():
    assert attribution([("hens lay", [1]), ("hens lay", [])], SOURCES, holds_all_words) == (0.5, 1.0)


def test_nothing_claimed_is_nothing_attributed():
    assert attribution([], SOURCES, holds_all_words) == (0.0, 0.0)
