"""A question that assumes the opposite of its evidence gets a notice; no other question does."""

from __future__ import annotations

import pytest

from assistant.answering.false_premise import false_premise_notice
from assistant.pipeline import AnswerPipeline


@pytest.mark.parametrize(
    ("question", "evidence"),
    [
        ("Why did fences increase badger deaths?", "Deaths of badgers near fences fell by a third."),
        ("Why did rents fall in the valley?", "In the valley rents rose by 12% within a year."),
        ("How did the drug raise blood pressure?", "Blood pressure was reduced by the drug."),
        ("By how much did noise grow at night?", "At night the noise decreased by 3 dB."),
    ],
)
def test_a_notice_quotes_the_evidence_that_contradicts_the_question(question, evidence):
    assert false_premise_notice(question, [evidence]).startswith("The question says “")


@pytest.mark.parametrize(
    ("question", "evidence"),
    [
        ("Why did fences reduce badger deaths?", ["Deaths of badgers near fences fell by a third."]),
        ("Did fences increase badger deaths?", ["Deaths of badgers near fences fell by a third."]),
        ("Why did fences increase badger deaths?", ["Costs of fences fell by a third."]),
        ("Why did fences increase badger deaths?", ["Badger sightings fell by a third."]),
        ("Why did rents rise or fall?", ["Rents rose."]),
        ("Why did rents rise?", ["Rents fell in May.", "Rents rose over the year."]),
        ("Why is the small model worse?", ["The large model is better."]),
        ("Why did rents rise?", []),
    ],
)
def test_other_questions_get_no_notice(question, evidence):
    assert false_premise_notice(question, evidence) == ""


def test_the_notice_is_shown_before_the_answer(make_assistant):
    assistant: AnswerPipeline = make_assistant([""])
    answer = assistant.ask("Why does sparse training of small models increase the cost?")
    assert answer.notice == "The question says “increase”; the evidence says the opposite: “reduces”."
    assert answer.claims
