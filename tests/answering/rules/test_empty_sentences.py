from __future__ import annotations

import time

import pytest

from assistant.answering.rules.empty_sentences import addition_reason, empty_sentence_reason

TITLE = "Rook: Sparse Routing for Small Encoders"
COST = "We present Rook, a router that sends each token to two experts, which lowers the cost of training by a third."
RATE = "The error rate falls to 4% while the speed of the decoder drops by half."
ORDER = "Second passes are responsible for most of the gain, whereas first passes add little."
RIVAL = "A 3B student outperforms a 9B teacher on long inputs."


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
def test_a_whole_sentence_is_not_empty(sentence):
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
def test_a_phrase_without_a_main_verb_is_refused(sentence):
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
def test_a_sentence_that_was_cut_off_is_refused(sentence):
    assert empty_sentence_reason(sentence) == "it is incomplete"


@pytest.mark.parametrize("sentence", ["The answer is a router.", "The correct answer is two experts and tokens."])
def test_a_frame_around_a_phrase_is_refused(sentence):
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
def test_talk_about_the_question_or_the_text_is_refused(sentence):
    assert empty_sentence_reason(sentence).startswith("it is about the question")


def test_a_question_is_refused():
    assert empty_sentence_reason("How many experts does a token get?") == "it is a question"
    assert empty_sentence_reason("The cost becomes lower by how much.") == "it is a question"


@pytest.mark.parametrize("judgement", ["an impressive", "a crucial", "a groundbreaking", "a remarkably efficient"])
def test_a_judgement_that_the_evidence_lacks_is_refused_by_its_word(judgement):
    reason = addition_reason(f"Rook is {judgement} router.", ["Rook is a router."], TITLE)
    assert reason == f"the evidence does not call anything “{judgement.split()[1]}”"


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Routing is crucial for small models.", "Routing is of key importance for small models."),
        ("Rook is a novel router.", COST),
        ("Rook significantly lowers the cost.", "Rook lowers the cost substantially."),
        ("The best router sends tokens to two experts.", "The strongest router sends tokens to two experts."),
        ("Routing leads to lower cost.", "Lower cost results from routing."),
        ("The models use two experts.", "The models rely on two experts."),
    ],
)
def test_a_judgement_passes_that_the_evidence_makes_in_its_own_words(claim, evidence):
    assert addition_reason(claim, [evidence], TITLE) == ""


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The speed of the decoder falls to 4%.", RATE),
        ("First passes are responsible for most of the gain.", ORDER),
        ("A 9B teacher outperforms a 3B student on long inputs.", RIVAL),
        ("Blocks are harder than mixtures of tasks.", "We find that mixtures of tasks are harder than blocks."),
    ],
)
def test_a_claim_about_another_subject_than_that_of_the_evidence_is_refused(claim, evidence):
    assert addition_reason(claim, [evidence], TITLE).startswith("the evidence says this of something else")


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The error rate falls to 4%.", RATE),
        ("The rate falls to 4%.", RATE),
        ("Second passes are responsible for most of the gain.", ORDER),
        ("A small student outperforms a 9B teacher on long inputs.", RIVAL),
        ("Rook sends each token to two experts.", COST),
        ("The router lowers the cost of training.", COST),
        ("The method lowers the cost of training.", COST),
        ("Each token is sent to two experts.", COST),
        ("It lowers the cost of training.", COST),
        ("Accuracy improves by two points.", "The router improves accuracy by two points."),
        ("Fixes that close the issue alter other code.", "Of fixes that close the issue, most alter other code."),
    ],
)
def test_a_claim_about_the_subject_of_the_evidence_passes(claim, evidence):
    assert addition_reason(claim, [evidence], TITLE) == ""


def test_advice_to_the_reader_is_refused_unless_the_evidence_gives_it():
    assert "advice" in addition_reason("You can send each token to two experts.", [COST], TITLE)
    assert addition_reason("You can use two experts.", ["If you use two experts, it works."], TITLE) == ""


def test_a_supposition_is_refused_unless_the_evidence_supposes_too():
    claim = "The router could lower the cost of training."
    assert addition_reason(claim, [COST], TITLE) == "it supposes (“could”) what the evidence does not"
    assert addition_reason(claim, ["The router may lower the cost of training."], TITLE) == ""


def test_a_sentence_that_continues_another_is_refused():
    assert addition_reason("In other words, the router sends each token to two experts.", [COST], TITLE) == (
        "it continues another sentence (“In other words”)"
    )


def test_a_word_of_any_length_takes_little_time():
    started = time.perf_counter()
    assert empty_sentence_reason(f"{'A-' * 4_000} falls.") == ""
    assert time.perf_counter() - started < 2.0
