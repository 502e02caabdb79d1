"""The reranker's transformer reads an abstract once, and its scores do not depend on what else it was asked."""

from __future__ import annotations

import pytest
import torch

from assistant.errors import ModelError
from assistant.interfaces import Abstract
from assistant.models.abstract_scorer import (
    LONGEST_ABSTRACT_TOKENS,
    LONGEST_QUESTION_TOKENS,
    NOT_READ,
    AbstractScorer,
    abstract_tokens,
    question_tokens,
)
from assistant.models.smollm2 import packaged_embeddings

pytestmark = pytest.mark.models

HENS = Abstract("Eggs", ("Hens lay eggs.", "They sit on them for three weeks.", "Then the chickens hatch."))
COWS = Abstract("Milk", ("Cows give milk.",))
QUESTION = "Who lays eggs?"


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A randomly initialised model of one layer."""
    from assistant.models.abstract_model import AbstractModel
    from assistant.models.abstract_weights import save_model

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "abstract.safetensors"
    save_model(AbstractModel(layers=1), path)
    return path


@pytest.fixture
def scorer(weights):
    """In 16 bits: with 8, questions asked together share one scale, so that they change each other a little."""
    return AbstractScorer(weights, bfloat16=True)


def test_every_sentence_of_every_abstract_has_a_logit(scorer):
    found = scorer.logits([QUESTION, "What hatches?"], [HENS, COWS])
    assert [[len(logits) for logits in of_question] for of_question in found] == [[3, 1], [3, 1]]
    assert scorer.logits([QUESTION], []) == [[]]
    assert scorer.logits([], [HENS]) == []


@pytest.mark.parametrize("bfloat16", [False, True])
def test_an_abstract_scores_the_same_to_the_last_bit_alone_and_among_others(weights, bfloat16):
    scorer = AbstractScorer(weights, bfloat16=bfloat16)
    alone = [scorer.logits([QUESTION], [one])[0][0] for one in (COWS, HENS)]
    assert scorer.logits([QUESTION], [COWS, HENS]) == [alone]


@pytest.mark.parametrize("bfloat16", [False, True])
def test_a_question_gets_the_same_logits_to_the_last_bit_whatever_was_asked_before(weights, bfloat16):
    first = AbstractScorer(weights, bfloat16=bfloat16).logits([QUESTION], [HENS, COWS])
    scorer = AbstractScorer(weights, bfloat16=bfloat16)
    scorer.logits(["What do cows give?"], [COWS, Abstract("Oats", ("Oats grow.",))])
    assert scorer.logits([QUESTION], [HENS, COWS]) == first


def test_an_abstract_is_read_once_for_several_questions(scorer, monkeypatch):
    read = []
    once = scorer._model.read
    monkeypatch.setattr(scorer._model, "read", lambda embedded: read.append(len(embedded)) or once(embedded))
    for question in (QUESTION, "What hatches?"):
        scorer.logits([question], [HENS, COWS])
    assert sum(read) == 2


def test_questions_about_one_abstract_do_not_see_each_other(scorer):
    questions = [QUESTION, "What hatches, and after how long?"]
    together = scorer.logits(questions, [HENS])
    for question, (logits,) in zip(questions, together, strict=True):
        assert logits == pytest.approx(scorer.logits([question], [HENS])[0][0], abs=0.02)


def test_sentences_after_the_longest_abstract_get_the_lowest_logit_of_those_that_are_read(scorer):
    many = Abstract("Eggs", tuple(f"Hen {number} lays eggs in the morning." for number in range(200)))
    ((logits,),) = scorer.logits([QUESTION], [many])
    tokens, spans = abstract_tokens(packaged_embeddings(), many)
    assert len(logits) == 200
    assert set(logits[len(spans) :]) == {min(logits[: len(spans)])}
    assert len(tokens) == LONGEST_ABSTRACT_TOKENS  # the last sentence is read in part


def test_a_title_as_long_as_an_abstract_leaves_nothing_to_score(scorer):
    assert scorer.logits([QUESTION], [Abstract("egg " * 2000, ("Hens lay eggs.",))]) == [[[NOT_READ]]]


def test_of_a_long_question_the_end_is_read():
    tokens = question_tokens(packaged_embeddings(), f"{'egg ' * 500}or milk?")
    assert len(tokens) == LONGEST_QUESTION_TOKENS
    assert tokens[-3:] == question_tokens(packaged_embeddings(), "or milk?")[-3:]


def test_eight_bits_and_sixteen_bits_give_nearly_the_same_logits(weights):
    eight, sixteen = (AbstractScorer(weights, bfloat16=half).logits([QUESTION], [HENS])[0][0] for half in (False, True))
    assert sixteen == pytest.approx(eight, abs=0.1)


@pytest.mark.parametrize("content", [b"", b"not weights"])
def test_damaged_weights_are_named(tmp_path, content):
    path = tmp_path / "abstract.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="cannot be used"):
        AbstractScorer(path)


def test_weights_of_another_model_are_refused(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "abstract.safetensors"
    save_file({"llama.layers.0.other.weight": torch.zeros(2, 2)}, path)
    with pytest.raises(ModelError, match="another model"):
        AbstractScorer(path)
