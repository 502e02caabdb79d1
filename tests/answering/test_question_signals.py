"""Numbers for the gate about what a question asks for and whether the papers contain it."""

from __future__ import annotations

import pytest

from assistant.answering.question_signals import question_signals
from assistant.records import FoundSide, Paper, RankedPaper, Retrieval

FAST = Paper("f", "FastNet: Quick Training", "FastNet trains networks on DataSet1. It has 12 layers.")
SLOW = Paper("s", "SlowNet: Slow Training", "SlowNet learns images.")
FOUND = Retrieval((RankedPaper(FAST, 1.0), RankedPaper(SLOW, 0.5)), ())
COMPARED = Retrieval(FOUND.papers, (), sides=(FoundSide("FastNet", "f"), FoundSide("SlowNet", "s")))


@pytest.mark.parametrize(
    ("question", "missing", "unknown", "together"),
    [
        ("How many layers has FastNet?", 0, 0, 1),
        ("How many layers has SlowNet?", 1, 0, 1),
        ("How many layers are there?", 0, 0, 1),
        ("What licence is it under?", 1, 0, 1),
        ("Does FastNet beat QuickNet on GSM8K?", 0, 2, 1),
        ("Does SlowNet learn DataSet1?", 0, 0, 0),
        ("Why?", 0, 0, 1),
    ],
)
def test_signals_tell_what_the_papers_lack(question, missing, unknown, together):
    signals = question_signals(question, FOUND)
    assert signals["missing_answer_type"] == missing
    assert signals["names_in_no_paper"] == unknown
    assert signals["names_in_one_paper"] == together


def test_the_names_of_a_comparison_may_be_in_different_papers():
    assert question_signals("How do FastNet and SlowNet differ?", COMPARED)["names_in_one_paper"] == 1


def test_the_share_of_words_is_that_of_the_best_paper():
    assert question_signals("Does SlowNet learn sounds?", FOUND)["words_in_one_paper"] == pytest.approx(2 / 3)
    assert question_signals("Why?", FOUND)["words_in_one_paper"] == 0
    assert question_signals("Does it learn?", Retrieval((), ()))["words_in_one_paper"] == 0
