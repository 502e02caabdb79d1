from __future__ import annotations

import pytest

from assistant.text.findings import states_own_finding


@pytest.mark.parametrize(
    "sentence",
    [
        "We find that hens lay more eggs in spring.",
        "However, we empirically show for small farms that hens lay less.",
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
    ],
)
def test_what_others_found_or_what_was_done_is_not(sentence):
    assert not states_own_finding(sentence)
