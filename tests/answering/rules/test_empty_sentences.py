"""Sentences that say nothing are discarded without evidence; complete sentences about the papers are not."""

from __future__ import annotations

import time

import pytest

from assistant.answering.rules.empty_sentences import empty_sentence_reason, uninformative_reason


@pytest.mark.parametrize(
    "sentence",
    [
        "It reaches 81.7%.",
        "Prompting helps.",
        "Scaling laws hold for small models.",
        "The router lowers the cost of training by a third.",
        "Training costs are lowered by a third.",
        "The model trained on code outperforms all others.",
        "When trained on code, models make fewer mistakes.",
        "What matters is the number of experts.",
        "The gain comes from routing, which sends each token to two experts.",
        "The answer is that the router sends each token to two experts.",
        "It blocks most attacks.",
        "This paper shares insights on routing.",
        "No model that was tested solves more than half of the tasks.",
    ],
)
def test_a_complete_sentence_is_not_empty(sentence):
    assert empty_sentence_reason(sentence) == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "A remarkable amount of data.",
        "Sparse Mixture Routing (SMR).",
        "The router that sends each token to two experts.",
        "Models trained on code and on prose.",
        "From 12% to 48%.",
        "Experts, tokens, routers.",
        "Lowers the cost.",
    ],
)
def test_a_phrase_without_a_main_verb_is_discarded(sentence):
    assert empty_sentence_reason(sentence) == "it has no verb"


@pytest.mark.parametrize(
    "sentence",
    [
        "The answer is that pre-",
        "The router sends each token to",
        "The models that were tried are:",
        "It is (the router.",
    ],
)
def test_an_incomplete_sentence_is_discarded(sentence):
    assert empty_sentence_reason(sentence) == "it is incomplete"


@pytest.mark.parametrize("sentence", ["The answer is a router.", "The correct answer is two experts and tokens."])
def test_the_answer_is_before_a_phrase_without_a_verb_is_discarded(sentence):
    assert "“the answer is”" in empty_sentence_reason(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "As an AI, I cannot read papers.",
        "The text says that experts are used.",
        "You asked about routers.",
        "I think that two experts are enough.",
    ],
)
def test_a_sentence_about_the_question_or_the_text_is_discarded(sentence):
    assert empty_sentence_reason(sentence).startswith("it is about the question")


def test_a_question_is_discarded():
    assert empty_sentence_reason("How many experts does a token get?") == "it is a question"
    assert empty_sentence_reason("The cost becomes lower by how much.") == "it is a question"


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("It is a thing known as the gap and a thing known as the gap and a thing known as the gap.", "repeats itself"),
        ("a a a a a a a a a", "repeats itself"),
        ("The test suite that finds faulty patches is a faulty patch test suite.", "repeats itself"),
        ("The models that were tried are:", "incomplete"),
        ("We lower the cost of training by a third.", "speaks as the authors"),
        ("In our tests the router needs a third of the time.", "speaks as the authors"),
        ("Sparse training is a method that is known as", "incomplete"),
        ("Llama 2 (7B).", "no verb"),
        ("How much the cost of sparse training is reduced.", "repeats the question"),
    ],
)
def test_a_sentence_that_says_nothing_is_discarded_without_evidence(sentence, reason):
    assert reason in uninformative_reason(sentence, "By how much does sparse training reduce its cost?")


@pytest.mark.parametrize(
    "sentence",
    [
        "Sparse training reduces the cost by 2.5x.",
        "The size of the model and the size of the data both count.",
        "Tables are what it was trained on.",
        "It was tested on data from the US.",
        "Data from Our World in Data show it.",
        "The authors write that “we find no gain” in it.",
    ],
)
def test_a_sentence_that_says_something_is_not_discarded(sentence):
    assert uninformative_reason(sentence, "By how much does sparse training reduce its cost?") == ""


def test_a_very_long_word_is_checked_in_two_seconds():
    started = time.perf_counter()
    assert empty_sentence_reason(f"{'A-' * 4_000} falls.") == ""
    assert time.perf_counter() - started < 2.0
