"""The reader of claims judges each claim by itself, and shares the weights of the reranker without changing them."""

from __future__ import annotations

import pytest
import torch

from assistant.errors import ModelError
from assistant.models import weights
from assistant.models.abstract_model import AbstractModel
from assistant.models.abstract_weights import shared_model
from assistant.models.claim_reader import (
    LONGEST_CLAIM_TOKENS,
    LONGEST_SOURCE_TOKENS,
    VERDICTS,
    ClaimModel,
    ClaimReader,
    claim_tokens,
    source_tokens,
)
from assistant.models.matrices import load_matrices, save_matrices
from assistant.models.smollm2 import packaged_embeddings
from assistant.system.processor import has_amx
from evals.metrics import auroc
from evals.training.verifier import source_of, verifier_documents

pytestmark = pytest.mark.models

SOURCE = "Aspirin lowered the risk of a second stroke by 22% in 3,100 patients. It raised the risk of bleeding."


@pytest.fixture(scope="module")
def reader() -> ClaimReader:
    return ClaimReader(weights.CLAIM_READER)


def test_claims_about_texts_that_it_was_not_trained_on_are_told_apart(reader):
    groups, documents, held_out = verifier_documents([])
    supported, others = [], []
    for group in groups:
        if group["doc"] in held_out and group["doc"] in documents:  # the invented ones, which are in the repository
            source = source_of(documents[group["doc"]], set(group["s"]))
            supported += [reading.supported for reading in reader.read(source, group["true"])]
            others += [reading.supported for reading in reader.read(source, [one["c"] for one in group["false"]])]
    assert len(supported) > 50
    assert auroc(supported, others) > 0.65


def test_a_claim_about_something_else_is_not_told(reader):
    (reading,) = reader.read(SOURCE, ["The bridge over the river was closed for repairs in May."])
    assert VERDICTS[max(range(len(VERDICTS)), key=reading.shares.__getitem__)] == "not told"


def test_a_processor_that_computes_in_16_bits_judges_nearly_as_one_that_computes_in_8(reader):
    claims = ["Aspirin lowered the risk of a second stroke.", "Aspirin raised the risk of a second stroke."]
    in_16_bits = ClaimReader(weights.CLAIM_READER, bfloat16=True).read(SOURCE, claims)
    assert in_16_bits[0].supported > in_16_bits[1].supported
    for one, other in zip(in_16_bits, reader.read(SOURCE, claims), strict=True):
        assert one.shares == pytest.approx(other.shares, abs=0.1)


def test_a_claim_is_judged_the_same_alone_and_among_others(reader):
    claims = ["Bleeding became more likely.", "The patients were Danish.", ""]
    together = reader.read(SOURCE, claims)
    for claim, reading in zip(claims, together, strict=True):
        (alone,) = reader.read(SOURCE, [claim])
        assert alone.supported == pytest.approx(reading.supported, abs=0.7)  # 8 bits: one scale for all inputs
        assert sum(alone.shares) == pytest.approx(1.0, abs=1e-3)
    assert reader.read(SOURCE, []) == []


def test_the_weights_of_the_reranker_are_shared_and_stay_as_they_are(reader):
    base = shared_model(weights.RERANKER, bfloat16=has_amx())
    hidden = torch.randn(1, 5, 576, dtype=torch.bfloat16 if has_amx() else torch.float32)
    before, _ = base.read(hidden)
    model = ClaimModel(base)
    assert all("LowRank" not in type(module).__name__ for module in base.modules())
    assert model.reader.llama.layers[0].self_attn.q_proj.base is base.llama.layers[0].self_attn.q_proj
    reader.read(SOURCE, ["Bleeding became more likely."])
    after, _ = base.read(hidden)
    assert torch.equal(before, after)


@pytest.mark.parametrize("source", ["", "word " * 1000])
def test_empty_and_long_texts_are_read(reader, source):
    (reading,) = reader.read(source, ["word " * 1000])
    assert 0 <= reading.shares[0] <= 1
    assert 1 <= len(source_tokens(packaged_embeddings(), source)) <= LONGEST_SOURCE_TOKENS
    assert len(claim_tokens(packaged_embeddings(), "word " * 1000)) == LONGEST_CLAIM_TOKENS


def test_matrices_are_stored_in_8_bits_with_little_loss(tmp_path):
    state = {"a": torch.randn(6, 9), "b": torch.randn(5)}
    save_matrices(state, tmp_path / "some.safetensors")
    found = load_matrices(tmp_path / "some.safetensors")
    assert torch.allclose(found["a"], state["a"], atol=float(state["a"].abs().max()) / 127)
    assert torch.allclose(found["b"], state["b"], atol=1e-2)


def test_weights_of_another_model_and_damaged_ones_are_one_clear_line(tmp_path):
    other, damaged = tmp_path / "other.safetensors", tmp_path / "damaged.safetensors"
    save_matrices(dict(AbstractModel(layers=1).key.state_dict()), other)
    with pytest.raises(ModelError, match=r"are of another model: reinstall footnote"):
        ClaimReader(other)
    damaged.write_bytes(weights.CLAIM_READER.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"cannot be used \(.*\): reinstall footnote"):
        ClaimReader(damaged)
