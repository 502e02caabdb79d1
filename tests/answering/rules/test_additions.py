"""A claim must not add an evaluation, advice, speculation or another subject to its evidence."""

from __future__ import annotations

import pytest

from assistant.answering.rules.additions import addition_reason

TITLE = "Rook: Sparse Routing for Small Encoders"
COST = "We present Rook, a router that sends each token to two experts, which lowers the cost of training by a third."
RATE = "The error rate falls to 4% while the speed of the decoder drops by half."
ORDER = "Second passes are responsible for most of the gain, whereas first passes add little."
RIVAL = "A 3B student outperforms a 9B teacher on long inputs."


@pytest.mark.parametrize("evaluation", ["an impressive", "a crucial", "a groundbreaking", "a remarkably efficient"])
def test_an_evaluative_word_that_the_evidence_lacks_is_named_in_the_reason(evaluation):
    reason = addition_reason(f"Rook is {evaluation} router.", ["Rook is a router."], TITLE)
    assert reason == f"the evidence does not call anything “{evaluation.split()[1]}”"


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
def test_an_evaluative_word_with_a_synonym_in_the_evidence_is_accepted(claim, evidence):
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
def test_a_claim_about_another_subject_than_the_evidence_is_refused(claim, evidence):
    assert addition_reason(claim, [evidence], TITLE).startswith("the evidence says this about something else")


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
def test_a_claim_about_the_subject_of_the_evidence_is_accepted(claim, evidence):
    assert addition_reason(claim, [evidence], TITLE) == ""


def test_advice_to_the_user_is_refused_unless_the_evidence_gives_it():
    assert "advice" in addition_reason("You can send each token to two experts.", [COST], TITLE)
    assert addition_reason("You can use two experts.", ["If you use two experts, it works."], TITLE) == ""


def test_speculation_is_refused_unless_the_evidence_speculates_too():
    claim = "The router could lower the cost of training."
    assert addition_reason(claim, [COST], TITLE) == "it speculates (“could”), which the evidence does not"
    assert addition_reason(claim, ["The router may lower the cost of training."], TITLE) == ""


def test_a_sentence_that_refers_to_another_one_is_refused():
    assert addition_reason("In other words, the router sends each token to two experts.", [COST], TITLE) == (
        "it refers to another sentence (“In other words”)"
    )


@pytest.mark.parametrize(
    "claim",
    ["To refine its training data, Rook sends tokens to two experts.", "By pruning, Rook sends tokens to two experts."],
)
def test_a_purpose_or_a_means_that_the_evidence_does_not_name_is_refused(claim):
    reason = addition_reason(claim, ["For efficiency, Rook sends tokens to two experts."], TITLE)
    assert reason == f"the evidence does not say “{claim.split(',')[0]}”"


@pytest.mark.parametrize(
    "opening", ["To send tokens", "By sending tokens to experts", "If a token is sent to an expert"]
)
def test_a_purpose_or_a_means_in_words_of_the_evidence_is_accepted(opening):
    assert (
        addition_reason(f"{opening}, Rook uses two experts.", ["Rook uses two experts and sends tokens."], TITLE) == ""
    )
