from __future__ import annotations

import time

import pytest

from assistant.text.findings import states_own_finding


@pytest.mark.parametrize(
    "sentence",
    [
        "We find that hens lay more eggs in spring.",
        "However, we empirically show that hens lay less.",
        "The experimental results show that hens lay.",
        "Our results on six farms demonstrate the value of oats.",
        "Extensive experiments across 21 farms show that oats pay.",
        "In all, these findings suggest that hens lay.",
        "This study shows that hens sit.",
        "Our empirical evaluations on 21 farms demonstrate that oats help.",
    ],
)
def test_what_a_paper_says_that_it_shows_is_its_finding(sentence):
    assert states_own_finding(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Recent results show that hens lay.",
        "The results of earlier studies show that hens lay.",
        "It was shown that hens lay.",
        "We show hens a mirror.",
        "We compare the results of two farms.",
        "The analysis uses 12 hens.",
        "Studies show that hens lay.",
        "Previously, we showed that hens lay.",
        "The experiments of Pavlov show that hens learn.",
        "The results in the literature suggest that hens lay.",
        "It is unclear whether these findings show that hens lay.",
        "When we observe that hens lay, we stop.",
        "We demonstrate a system that feeds hens.",
        "We report two methods that feed hens.",
    ],
)
def test_what_others_found_or_what_was_done_is_not(sentence):
    assert not states_own_finding(sentence)


@pytest.mark.parametrize(
    "text", ["our results on " * 70, "our results on " * 130 + "also " * 400, "we " + " " * 50_000]
)
def test_a_hostile_abstract_costs_no_time(text):
    started = time.perf_counter()
    assert not states_own_finding(text)
    assert time.perf_counter() - started < 2.0
