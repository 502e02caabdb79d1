"""The reason for declining is the most specific one that can be looked up."""

from __future__ import annotations

import pytest

from assistant.answering.reasons import missing_side_notice, reason_for_declining
from assistant.records import FoundSide, Paper, RankedPaper, Retrieval

BENCHMARK = Paper("d", "DataSet1: A Benchmark", "DataSet1 tests networks.")
SCORED = Paper("g", "Good Training", "It gets 12 points on DataSet1.")
FAST = Paper("f", "FastNet: Quick Training of Networks", "FastNet trains networks on DataSet1. It is quick.")
SLOW = Paper("s", "Slow Training in the Long Run", "We present SlowNet, which learns images. It gets 3 points.")
FOUND = Retrieval((RankedPaper(FAST, 1.0), RankedPaper(SLOW, 0.5)), ())


def is_in_library(words: str) -> bool:
    return any(words.casefold() in f"{one.title} {one.abstract}".casefold() for one in (FAST, SLOW))


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("How many layers does FastNet have?", "FastNet's abstract does not give the number of layers."),
        ("Which licence does fastnet have?", "FastNet's abstract does not give a licence."),
        (
            "What learning rate does SlowNet use?",
            "The abstract of “Slow Training in the Long Run” does not give the learning rate.",
        ),
        ("What is FastNet's accuracy on DataSet1?", "The abstracts give no figure for DataSet1."),
        ("What is FastNet's accuracy on GSM8K?", "No paper here mentions GSM8K."),
        ("What does QuickNet do?", "No paper here mentions QuickNet."),
        ("Does SlowNet help on DataSet1?", "No paper here combines SlowNet with DataSet1."),
        ("Does FastNet help with blue whales?", "FastNet's abstract does not mention “blue whales”."),
        ("Can whales learn?", "No abstract here mentions “whales”."),
        ("Why?", ""),
        ("Is it quick?", ""),
    ],
)
def test_a_reason_says_what_the_papers_lack(question, reason):
    assert reason_for_declining(question, FOUND, is_in_library) == reason


def test_a_benchmark_is_not_the_paper_that_is_asked_about():
    found = Retrieval((RankedPaper(BENCHMARK, 1.0), RankedPaper(SCORED, 0.5)), ())
    reason = reason_for_declining("How many points did SlowNet get on DataSet1?", found, is_in_library)
    assert not reason.startswith("DataSet1's abstract")


def test_without_papers_only_the_library_is_asked():
    assert reason_for_declining("Can whales learn?", Retrieval((), ()), lambda _: True) == ""


@pytest.mark.parametrize(
    ("papers", "notice"),
    [(["a", "b"], ""), (["a", ""], "No paper here is about SlowNet."), (["", ""], ""), ([], "")],
)
def test_a_notice_names_the_side_that_no_paper_is_about(papers, notice):
    sides = [FoundSide(name, paper) for name, paper in zip(["FastNet", "SlowNet"], papers, strict=False)]
    assert missing_side_notice(sides) == notice


def test_a_word_in_another_form_is_mentioned():
    assert reason_for_declining("Is networking quick?", FOUND, is_in_library) == ""


@pytest.mark.parametrize(
    "question", ["Does FastNet trane it?", "Is learnig quick?", "What do SlowNet-like images show?"]
)
def test_another_spelling_or_ending_is_no_reason(question):
    assert reason_for_declining(question, FOUND, is_in_library) == ""
