"""Numbers for the gate about what a question asks for and whether the papers contain it."""

from __future__ import annotations

import pytest

from assistant.answering.question_signals import question_signals
from assistant.records import FoundSide, Paper, RankedPaper, Retrieval

FAST = Paper("f", "FastNet: Quick Training", "FastNet trains networks on DataSet1. It has 12 layers.")
SLOW = Paper("s", "SlowNet: Slow Training", "SlowNet learns images.")
FOUND = Retrieval((RankedPaper(FAST, 1.0), RankedPaper(SLOW, 0.5)), ())


@pytest.mark.parametrize(
    ("question", "missing", "unknown"),
    [
        ("How many layers has FastNet?", 0, 0),
        ("How many layers has SlowNet?", 1, 0),
        ("How many layers are there?", 0, 0),
        ("What licence is it under?", 1, 0),
        ("Does FastNet beat QuickNet on GSM8K?", 0, 2),
        ("Why?", 0, 0),
    ],
)
def test_signals_tell_what_the_papers_lack(question, missing, unknown):
    signals = question_signals(question, FOUND)
    assert signals["missing_answer_type"] == missing
    assert signals["names_in_no_paper"] == unknown


@pytest.mark.parametrize(
    ("sides", "is_comparison"),
    [
        ((), 0),
        ((FoundSide("FastNet", "f"), FoundSide("SlowNet", "s")), 1),
        ((FoundSide("FastNet", "f"), FoundSide("QuickNet", "")), 0),
    ],
)
def test_a_question_compares_if_its_sides_are_found_in_several_papers(sides, is_comparison):
    found = Retrieval(FOUND.papers, (), sides=sides)
    assert question_signals("How do they differ?", found)["is_comparison"] == is_comparison
