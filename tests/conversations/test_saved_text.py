"""Saved questions and what changed, as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from assistant.conversations.answer_diff import diff_of
from assistant.conversations.saved import SavedQuestion
from assistant.conversations.saved_run import SavedResult
from assistant.conversations.saved_text import diff_json, diff_text, result_json, saved_json, saved_text
from assistant.presentation import as_json
from assistant.records import ShortAnswer
from tests.support.saved import GEESE, HENS, QUESTION, answer_of, declined, said

EGGS = said("Hens lay eggs.")
OLD = answer_of(EGGS, said("They have 2 legs.", end=32), said("Geese swim.", GEESE))
NEW = answer_of(said("They have 4 legs.", end=32), EGGS, short=ShortAnswer("yes", EGGS.evidence, 0.9))
CHANGED = SavedQuestion(3, QUESTION, answered="2026-01-02", version="v2", answer=NEW, seen=OLD)


def test_each_kind_of_change_has_a_heading_and_each_change_a_line():
    assert diff_text(diff_of(OLD, NEW)).splitlines() == [
        "Short answer: Yes; before: none.",
        "Papers no longer cited:",
        "  - Geese",
        "Sentences removed:",
        "  - Geese swim. [Geese]",
        "Sentences changed:",
        "  - They have 2 legs. [Hens]",
        "  + They have 4 legs. [Hens]",
    ]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (
            declined(),
            answer_of(EGGS),
            ["Answered now; declined before.", "New papers cited:", "  + Hens (Author, 2020)"],
        ),
        (answer_of(EGGS), declined(), ["Declined now; answered before.", "Papers no longer cited:"]),
        (
            answer_of(EGGS),
            answer_of(said("Hens lay eggs.", replace(HENS, is_retracted=True))),
            ["Papers retracted since:", "  ! Hens (Author, 2020)"],
        ),
    ],
    ids=["answered", "declined", "retracted"],
)
def test_what_matters_most_comes_first(before, after, lines):
    assert diff_text(diff_of(before, after)).splitlines()[: len(lines)] == lines


def test_a_saved_question_is_shown_with_its_answer_its_footnotes_and_its_change():
    question, answer, footnotes, change = saved_text(CHANGED).split("\n\n")
    assert question == QUESTION
    assert answer == "Yes [1]: They have 4 legs. [1] Hens lay eggs. [1]"
    assert footnotes.startswith("[1] Hens (2020)")
    assert change.startswith("Changed since you last looked:\nShort answer")
    assert "Not answered yet" in saved_text(SavedQuestion(1, QUESTION))


def test_a_program_gets_the_question_and_every_change():
    values = saved_json(CHANGED)
    assert json.loads(json.dumps(values)) == values
    assert (values["id"], values["question"], values["opening"]) == (3, QUESTION, saved_text(CHANGED).split("\n\n")[1])
    assert values["diff"] == diff_json(diff_of(OLD, NEW))
    assert values["diff"]["short"] == {"before": "", "after": "Yes"}
    assert values["diff"]["lost_papers"] == [{"paper_id": "geese", "title": "Geese", "url": ""}]
    (changed,) = values["diff"]["changed"]
    assert changed["after"] == {
        "text": "They have 4 legs.",
        "quotes": [{"paper_id": "hens", "text": "Hens lay eggs. They have 2 legs."}],
    }
    assert saved_json(CHANGED, with_answer=True)["answer"] == as_json(NEW)


def test_a_question_without_an_answer_or_a_change_has_empty_values():
    values = saved_json(SavedQuestion(1, QUESTION), with_answer=True)
    assert (values["answered"], values["opening"], values["answer"], values["diff"]) == ("", "", None, None)


def test_a_result_says_why_a_question_could_not_be_answered():
    assert result_json(SavedResult(CHANGED, "The server failed."))["problem"] == "The server failed."
    assert result_json(SavedResult(CHANGED))["problem"] == ""
