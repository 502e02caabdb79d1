from __future__ import annotations

import math

import pytest

from evals.metrics import auroc, citation_precision, citation_recall, fact_recall, reciprocal_rank, stray_numbers


def test_a_fact_counts_when_any_alternative_is_in_the_first_120_words():
    answer = "It reaches 81.7% [1] " + "word " * 116 + "late"
    assert fact_recall(answer, [["81.7", "82"], ["missing"]]) == 0.5
    assert fact_recall(answer, [["late"]]) == 1.0  # markers are not words: this is the 120th
    assert fact_recall("x " + answer, [["late"]]) == 0.0


def test_no_facts_asked_is_a_full_score():
    assert fact_recall("anything", []) == 1.0


@pytest.mark.parametrize(("ranked", "expected"), [(["a", "b"], 1.0), (["b", "a"], 0.5), (["b"], 0.0)])
def test_reciprocal_rank_of_the_first_right_paper(ranked, expected):
    assert reciprocal_rank(ranked, ["a"]) == expected


def test_citation_precision_and_recall():
    assert citation_precision(["a", "b", "c", "d"], ["a", "b", "z"]) == 0.5
    assert citation_precision([], ["a"]) == 0.0
    assert citation_recall(["a", "b"], ["a", "z"]) == 0.5


def test_numbers_in_no_cited_paper_are_stray():
    answer = {
        "citations": [{"paper_id": "p", "title": "Phi 2.5"}],
        "claims": [{"text": "It is 40% on 7 tasks with Phi 2.5"}],
    }
    assert stray_numbers(answer, {"p": "We reach 40% ."}) == ["7"]


def test_auroc_counts_ordered_pairs_and_halves_ties():
    assert auroc([3, 2], [1, 2]) == (1 + 1 + 1 + 0.5) / 4
    assert math.isnan(auroc([], [1]))
