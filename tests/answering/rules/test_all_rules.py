"""The rules for numbers, names and polarity as they apply together to one claim."""

from __future__ import annotations

import pytest

from assistant.answering.rules.all_rules import refusal_reason

SPARSE = "We train a sparse model with 1.5B parameters on 300 billion tokens."
COST = "Sparse training reduces the cost by 2.5x on the Pile."
GLUE = "Accuracy on GLUE does not fall."


def test_a_wrong_number_is_refused():
    assert refusal_reason("The model has 2.5B parameters.", [SPARSE]) == "the number 2.5B is not in the evidence"


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("LLMs learn tables.", "An LLM learns tables."),
        ("An LLM learns tables.", "LLMs learn tables."),
        ("GPT-3 reads tables.", "We show that GPT-3 reads tables."),
        ("GPT-3’s accuracy is high.", "The accuracy of GPT-3 is high."),
        ("T5-based models read tables.", "Models with T5 read tables."),
        ("It is a 1.7-billion-parameter model.", "We train a 1.7-billion-parameter model."),
        ("It is a 10B-parameter model.", "The model has 10B parameters."),
        ("Here Sparse Training costs little.", "Here sparse training costs little."),
    ],
)
def test_a_name_in_another_grammatical_form_is_accepted(claim, evidence):
    assert refusal_reason(claim, [evidence]) == ""


@pytest.mark.parametrize(
    ("claim", "evidence", "name"),
    [
        ("GPT-4 reads tables.", "GPT-3 reads 4 tables.", "GPT-4"),
        ("BERT-large reads tables.", "BERT-base reads large tables.", "BERT-large"),
        ("Accuracy on SuperGLUE does not fall.", GLUE, "SuperGLUE"),
        ("It reads tables better than T6.", "It reads tables better than T5.", "T6"),
        ("The tables come from Paris.", "The tables come from a city.", "Paris"),
    ],
)
def test_a_name_that_the_evidence_does_not_contain_is_refused(claim, evidence, name):
    assert refusal_reason(claim, [evidence]) == f"the name {name} is not in the evidence"


def test_a_claim_may_use_names_and_numbers_of_the_title():
    assert not refusal_reason("SparseNet reviews 120 methods.", ["It reviews methods."], title="SparseNet: 120 methods")


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Accuracy on GLUE falls.", GLUE),
        ("The model can read tables.", "The model cannot read tables."),
        ("The model reads tables.", "The model fails to read tables."),
        ("It improves accuracy.", "It does not significantly improve accuracy."),
        ("Labels are needed.", "No labels are needed."),
        ("It needs fine-tuning.", "It works without fine-tuning, needs nothing."),
    ],
)
def test_a_claim_that_affirms_what_the_evidence_denies_is_refused(claim, evidence):
    assert refusal_reason(claim, [evidence]) == "it says what the evidence denies"


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Accuracy on GLUE does not fall.", "Accuracy on GLUE falls."),
        ("The model doesn’t read tables.", "The model reads tables."),
        ("The model reads tables without training.", "The model reads tables with training."),
    ],
)
def test_a_claim_that_denies_what_the_evidence_affirms_is_refused(claim, evidence):
    assert refusal_reason(claim, [evidence]) == "it denies what the evidence says"


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("Sparse training increases the cost.", COST),
        ("The cost of training falls.", "The cost of training rises."),
        ("It needs fewer labels.", "It needs more labels."),
        ("It needs more labels.", "It needs fewer labels."),
        ("The small model is better.", "The small model is worse."),
        ("The two use the same model.", "The two use a different model."),
        ("Training is unnecessary.", "Training is necessary."),
    ],
)
def test_a_claim_with_an_antonym_of_a_word_of_the_evidence_is_refused(claim, evidence):
    assert refusal_reason(claim, [evidence]).startswith("it says the opposite of the evidence")


def test_a_claim_may_deny_what_the_evidence_denies():
    assert refusal_reason("Accuracy on GLUE does not fall.", [GLUE]) == ""


def test_not_only_is_not_a_negation():
    assert refusal_reason("It improves accuracy.", ["It not only improves accuracy but also saves energy."]) == ""


def test_two_sentences_of_evidence_may_support_a_claim_together():
    claim = "The survey of 120 methods finds forgetting central."
    both = ["The survey reviews 120 methods.", "It finds forgetting central."]
    assert refusal_reason(claim, both) == ""
    assert refusal_reason(claim, both[1:]) == "the number 120 is not in the evidence"
