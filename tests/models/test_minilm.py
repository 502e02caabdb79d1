from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from assistant.answering.reranking import packaged_reranker
from assistant.models import weights
from assistant.models.aligner import Aligner
from assistant.models.minilm import LONGEST_TEXT_TOKENS, packaged_minilm
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


def test_questions_the_reranker_and_the_verifier_share_one_model():
    embedding = SentenceTransformerEmbedding(PACKAGED)
    embedding.get_query_embedding("Which birds lay eggs?")
    scorer: Any = packaged_reranker().scorer
    aligner = Aligner(weights.VERIFIER)
    _, encoder = packaged_minilm()
    assert embedding._question_encoder._encoder is encoder
    assert aligner._encoder._encoder is encoder
    assert scorer._encoder.embeddings is encoder.embeddings


def test_the_weights_of_the_reranker_leave_the_shared_model_unchanged():
    _, encoder = packaged_minilm()
    before = [parameter.clone() for parameter in encoder.parameters()]
    scorer: Any = packaged_reranker().scorer
    own = scorer._encoder
    assert all((one == other).all() for one, other in zip(encoder.parameters(), before, strict=True))
    changed = own.encoder.layer[0].output.dense.weight, encoder.encoder.layer[0].output.dense.weight
    assert (changed[0] != changed[1]).any()
