from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from assistant.models.sentence_transformer import SentenceTransformerEmbedding
from assistant.settings import PACKAGED

pytestmark = pytest.mark.models
TEXTS = [f"Sentence {number} of an abstract says what was done, and on which data." for number in range(32 * 6)]


@pytest.fixture(scope="module")
def embedding():
    return SentenceTransformerEmbedding(PACKAGED)


@pytest.fixture
def batches(embedding, monkeypatch):
    """The texts of each batch that the model got, in order."""
    given = []
    encode = embedding._model.encode

    def noting(texts, **options):
        given.append(list(texts))
        return encode(texts, **options)

    monkeypatch.setattr(embedding._model, "encode", noting)
    return given


def test_model_is_given_32_texts_at_a_time(embedding, batches):
    assert len(embedding.get_text_embedding_batch(TEXTS[:70])) == 70
    assert [len(batch) for batch in batches] == [32, 32, 6]


def test_question_alone_does_not_import_sentence_transformers():
    program = f"""import sys
from assistant.models.sentence_transformer import SentenceTransformerEmbedding
embedding = SentenceTransformerEmbedding({PACKAGED!r})
assert len(embedding.get_query_embedding("Which birds lay eggs?")) == embedding.dimension
assert "sentence_transformers" not in sys.modules"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_text_embedded_during_an_ingest_waits_for_one_batch_of_it(embedding, batches):
    with ThreadPoolExecutor(1) as pool:
        ingest = pool.submit(embedding.get_text_embedding_batch, TEXTS)
        while len(batches) < 2:
            time.sleep(0.001)
        begun = len(batches)
        embedding.get_text_embedding("a question")
        ingest.result()
    assert ["a question"] in batches[begun : begun + 2]
    assert len(batches) == 7


def test_threads_get_the_vectors_they_would_get_alone(embedding):
    alone = [embedding.get_text_embedding_batch(TEXTS[first : first + 40]) for first in (0, 40, 80, 120)]
    start = threading.Barrier(4)

    def embed(first):
        start.wait()
        return embedding.get_text_embedding_batch(TEXTS[first : first + 40])

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(embed, (0, 40, 80, 120)))
    assert np.allclose(alone, together, atol=1e-5)


def test_failed_batch_releases_its_turn(embedding, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(embedding._model, "encode", fail)
    with pytest.raises(RuntimeError):
        embedding.get_text_embedding("a question")
    monkeypatch.undo()
    assert len(embedding.get_text_embedding("a question")) == embedding.dimension


def test_vectors_to_store_are_those_of_the_texts_whatever_their_order_and_length(embedding):
    texts = ["Sand. " * 40, "Rivers carry sand.", "A cat slept.", "Rivers carry sand.", "Sand. " * 3]
    stored = embedding.vectors_of(texts)
    asked = np.array(embedding.get_text_embedding_batch(texts))
    assert stored.shape == asked.shape
    assert np.linalg.norm(stored, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    assert (stored * asked).sum(axis=1).min() > 0.999
    assert (stored[1] == stored[3]).all()


def test_a_batch_to_store_has_texts_of_one_padded_length(monkeypatch):
    monkeypatch.setattr("assistant.models.sentence_transformer.has_fast_bfloat16", lambda: False)
    embedding = SentenceTransformerEmbedding(PACKAGED)
    padded = []
    forward = embedding._model.forward
    monkeypatch.setattr(embedding._model, "forward", lambda features, **_: padded.append(features) or forward(features))
    texts = [f"{'Rivers carry sand. ' * (number % 9)}Text {number}." for number in range(100)]
    embedding.vectors_of(texts)
    assert sum(len(features["input_ids"]) for features in padded) == len(texts)
    for features in padded:
        length = features["input_ids"].shape[1]
        assert length % 8 == 0
        assert all(length - 8 < count <= length for count in features["attention_mask"].sum(dim=1).tolist())


def test_no_texts_have_no_vectors(embedding):
    assert embedding.vectors_of([]).shape == (0, embedding.dimension)
