"""A yes/no question becomes the statement that a yes would make, and its denial."""

from __future__ import annotations

import pytest

from assistant.answering.yes_no import is_yes_no_question, statements


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("Does aspirin lower the risk?", "Aspirin lowers the risk.", "Aspirin does not lower the risk."),
        ("Do larger models forget less?", "Larger models forget less.", "Larger models do not forget less."),
        (
            "Did the new drug reduce mortality in adults?",
            "The new drug did reduce mortality in adults.",
            "The new drug did not reduce mortality in adults.",
        ),
        ("Is pruning harmful?", "Pruning is harmful.", "Pruning is not harmful."),
        (
            "Are small models better at copying?",
            "Small models are better at copying.",
            "Small models are not better at copying.",
        ),
        (
            "Can a transformer learn addition from few examples?",
            "A transformer can learn addition from few examples.",
            "A transformer can not learn addition from few examples.",
        ),
        (
            "Is there evidence that pigs fly?",
            "There is evidence that pigs fly.",
            "There is not evidence that pigs fly.",
        ),
        (
            "Treadmill training after a stroke: is it useful?",
            "Treadmill training after a stroke is useful.",
            "Treadmill training after a stroke is not useful.",
        ),
        (
            "Has each motif been shown to bind?",
            "Each motif has been shown to bind.",
            "Each motif has not been shown to bind.",
        ),
        ("Does the dose change with age?", "The dose changes with age.", "The dose does not change with age."),
        ("And does noise carry on?", "Noise carries on.", "Noise does not carry on."),
        ("Does the trial have a control group?", "The trial has a control group.", None),
    ],
)
def test_a_question_is_turned_into_a_statement_and_its_denial(question, yes, no):
    found = statements(question)
    assert found is not None
    assert found.yes == yes
    assert no is None or found.no == no


@pytest.mark.parametrize(
    "question",
    [
        "Is it better to prompt or to fine-tune?",
        "How does pruning work?",
        "Which models are small?",
        "Pruning",
        "",
        "?",
        "Is",
        "Does",
        "Why: because",
    ],
)
def test_other_questions_have_no_statement(question):
    assert not is_yes_no_question(question) or statements(question) is None
    assert statements(question) is None


@pytest.mark.parametrize(
    "question",
    [
        "Is <b>this</b> \x00 safe?",
        "Does " + "very " * 300 + "long text end?",
        "Is ? ?",
        "Can the the the?",
        "Are “ ” ok?",
    ],
)
def test_odd_questions_raise_nothing(question):
    found = statements(question)
    assert found is None or (found.yes.endswith(".") and " not " in found.no)


def test_most_yes_no_questions_of_researchers_are_understood():
    """``yes_no.jsonl`` was written by someone who had not seen these rules."""
    from evals.runs.short_answers import load

    questions = [one.question for one in load()]
    assert sum(statements(question) is not None for question in questions) >= 0.9 * len(questions)
