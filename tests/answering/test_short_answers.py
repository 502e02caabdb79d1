"""A short answer is said only from findings of one paper, and only where the model is sure."""

from __future__ import annotations

import pytest

from assistant.answering.short_answers import SURE, open_short_answers, short_answer
from assistant.records import Claim, Evidence, Paper, Role
from assistant.settings import PACKAGED

ABSTRACT = "We ask whether hens swim. Hens sank. Hens cannot swim."
PAPER, OTHER = Paper("hens", "Hens", ABSTRACT), Paper("ducks", "Ducks", "Ducks swim.")


def sentence(text: str, role: Role) -> Evidence:
    start = ABSTRACT.index(text)
    return Evidence(PAPER, start, start + len(text), 0.0, role)


AIM = sentence("We ask whether hens swim.", "aim")
RESULT, CONCLUSION = sentence("Hens sank.", "result"), sentence("Hens cannot swim.", "conclusion")
DUCKS = Evidence(OTHER, 0, len(OTHER.abstract), 0.0, "result")
QUESTION = "Can hens swim?"


class Scripted:
    """Gives one word a probability, and keeps what it was given."""

    def __init__(self, word="no", probability=0.9):
        self.word, self.probability, self.asked = word, probability, []

    def shares(self, source, question):
        self.asked.append((source, question))
        rest = (1 - self.probability) / 3
        return {word: self.probability if word == self.word else rest for word in ("yes", "no", "mixed", "unclear")}


def quoted(*items, is_more=False):
    return [Claim(item.text, (item,), "quoted", 1.0, is_more=is_more) for item in items]


def test_the_word_rests_on_results_and_conclusions_in_the_order_of_the_paper():
    model = Scripted()
    found = short_answer(QUESTION, quoted(CONCLUSION, AIM, RESULT), model)
    assert found is not None
    assert (found.word, found.label, found.probability) == ("no", "No", 0.9)
    assert found.evidence == (RESULT, CONCLUSION)
    assert model.asked == [("Hens sank. Hens cannot swim.", QUESTION)]


def test_only_the_first_paper_counts():
    found = short_answer(QUESTION, quoted(RESULT, DUCKS), Scripted())
    assert found is not None
    assert found.evidence == (RESULT,)


@pytest.mark.parametrize(
    ("question", "claims"),
    [
        ("How do hens swim?", quoted(RESULT)),
        ("Is swimming or flying easier for hens?", quoted(RESULT)),
        (QUESTION, quoted(AIM)),
        (QUESTION, quoted(RESULT, is_more=True)),
        (QUESTION, []),
    ],
)
def test_there_is_no_word_without_a_yes_no_question_and_a_finding_that_is_shown(question, claims):
    model = Scripted()
    assert short_answer(question, claims, model) is None
    assert model.asked == []


@pytest.mark.parametrize("difference", [-0.01, 0.01])
def test_the_model_must_be_sure(difference):
    found = short_answer(QUESTION, quoted(RESULT), Scripted(probability=SURE + difference))
    assert (found is not None) == (difference > 0)


def test_another_verifier_gives_no_short_answers():
    assert open_short_answers("/some/folder") is None


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Does aspirin lower the risk of a second stroke?", "yes"),
        ("Does aspirin raise the risk of a second stroke?", "no"),
    ],
)
def test_the_packaged_model_follows_the_direction_of_the_question(question, word):
    model = open_short_answers(PACKAGED)
    assert model is not None
    shares = model.shares("Aspirin lowered the risk of a second stroke by 22% compared with placebo.", question)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert max(shares, key=shares.__getitem__) == word
