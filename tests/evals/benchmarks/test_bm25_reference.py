"""BM25 as it is published, by hand."""

from __future__ import annotations

from math import log

import pytest

from assistant.records import Paper
from evals.benchmarks.bm25_reference import ReferenceBM25

PAPERS = (Paper("h", "Hens", "The hens lay eggs."), Paper("c", "Cows", "They give milk."))


def test_a_score_is_as_by_hand():
    # "hens" stands twice in 4 words ("the" is a stop word); 2 papers of 4 and 3 words, one of which holds it.
    idf, length = log(1 + (2 - 1 + 0.5) / (1 + 0.5)), 1 - 0.75 + 0.75 * 4 / 3.5
    assert ReferenceBM25(PAPERS).rank("Hens", 10) == {"h": pytest.approx(idf * 2 / (2 + 1.2 * length), rel=1e-4)}


def test_a_title_that_opens_the_abstract_counts_once():
    once = ReferenceBM25((Paper("h", "", "Hens lay."), PAPERS[1]))
    twice = ReferenceBM25((Paper("h", "Hens", "Hens lay."), PAPERS[1]))
    assert once.rank("hens", 10) == twice.rank("hens", 10)


@pytest.mark.parametrize("query", ["goats", "the", ""])
def test_a_query_without_a_known_word_finds_nothing(query):
    assert ReferenceBM25(PAPERS).rank(query, 10) == {}


def test_papers_without_words_are_no_error():
    assert ReferenceBM25((Paper("e", "", "the"),)).rank("hens", 10) == {}


def test_at_most_so_many_are_ranked_best_first():
    ranked = ReferenceBM25(PAPERS).rank("hens eggs and milk", 1)
    assert list(ranked) == ["h"]
