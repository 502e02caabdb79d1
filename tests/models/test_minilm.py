from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from safetensors.torch import save_file

from assistant.errors import ModelError
from assistant.models import weights
from assistant.models.aligner import Aligner
from assistant.models.minilm import LONGEST_TEXT_TOKENS, QuestionEncoder, minilm_with, packaged_minilm
from assistant.models.sentence_transformer import SentenceTransformerEmbedding
from assistant.settings import PACKAGED

pytestmark = pytest.mark.models


@pytest.fixture
def _switching_often():
    """Threads switch every ten microseconds, so that they interrupt each other in the middle of a call."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_switching_often")
def test_threads_with_different_options_get_the_tokens_they_would_get_alone():
    tokenizer, _ = packaged_minilm()
    texts = ["hens lay eggs " * count for count in range(1, 9)]

    def tokens(number: int) -> list[list[int]]:
        if number % 2:
            return tokenizer(texts, ["they do"] * 8, truncation="longest_first", max_length=16, padding=True)[
                "input_ids"
            ]
        return tokenizer(texts[7:], truncation=True, max_length=LONGEST_TEXT_TOKENS)["input_ids"]

    alone = [tokens(0), tokens(1)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(tokens, range(8_000)))
    assert [number for number, found in enumerate(together) if found != alone[number % 2]] == []


def test_the_question_encoder_and_the_verifier_share_one_model():
    _, encoder = packaged_minilm()
    assert Aligner(weights.VERIFIER)._encoder._encoder is encoder
    assert QuestionEncoder()._encoder.embeddings is encoder.embeddings


def test_the_weights_of_the_question_encoder_leave_the_shared_model_unchanged():
    _, encoder = packaged_minilm()
    before = [parameter.clone() for parameter in encoder.parameters()]
    own = QuestionEncoder()._encoder
    assert all((one == other).all() for one, other in zip(encoder.parameters(), before, strict=True))
    changed = own.encoder.layer[0].output.dense.weight, encoder.encoder.layer[0].output.dense.weight
    assert (changed[0] != changed[1]).any()


def test_a_paper_keeps_the_vector_of_the_packaged_model_and_a_question_gets_one_near_it():
    embedding = SentenceTransformerEmbedding(PACKAGED)
    text = "Hens lay about three hundred eggs a year."
    ((paper,), question) = embedding.vectors_of([text]), embedding.get_query_embedding(text)
    assert 0.6 < float(paper @ np.array(question)) < 0.999


@pytest.mark.parametrize("content", [b"", b"not weights"])
def test_damaged_weights_of_the_question_encoder_are_named(tmp_path, content):
    path = tmp_path / "query_encoder.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="cannot be used"):
        minilm_with(path)


def test_weights_that_would_change_the_shared_embeddings_are_refused(tmp_path):
    _, encoder = packaged_minilm()
    path = tmp_path / "query_encoder.safetensors"
    save_file({"embeddings.LayerNorm.bias": encoder.embeddings.LayerNorm.bias.detach().clone()}, path)
    with pytest.raises(ModelError, match="another model"):
        minilm_with(path)
