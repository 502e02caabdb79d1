"""Any embedding model of llama-index can be named in the settings."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.errors import ModelError, SettingsError
from assistant.models.embedder import LlamaIndexEmbedder, llama_index_embedding, open_embedder
from tests.support.fakes import DIMENSION, WordCountEmbedding
from tests.support.named_classes import PLACE, NoisyEmbedding

NOISY = f"{PLACE}:NoisyEmbedding"
SECRET = "sk-a-secret"  # noqa: S105 - of no server


def opened(settings, name: str = NOISY, **options) -> LlamaIndexEmbedder:
    embedder = open_embedder(settings.changed(embedding=name, embedding_options=options))
    assert isinstance(embedder, LlamaIndexEmbedder)
    return embedder


def test_it_gives_unit_vectors_whose_dimension_it_learned(settings):
    embedder = opened(settings)
    assert embedder.dimension == DIMENSION
    vectors = embedder.vectors_of(["Hens lay eggs.", "Cows give milk."])
    assert vectors.shape == (2, DIMENSION)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0])
    assert embedder.vectors_of([]).shape == (0, DIMENSION)


def test_a_question_gets_the_unit_vector_of_the_model(settings):
    vector = opened(settings).get_query_embedding("Hens lay eggs.")
    assert vector == pytest.approx(WordCountEmbedding().get_query_embedding("Hens lay eggs."), abs=1e-4)


def test_texts_go_in_batches_of_the_size_of_the_class(settings):
    embedder = opened(settings, embed_batch_size=2)
    assert isinstance(embedder.model, NoisyEmbedding)
    embedder.model.batches.clear()
    embedder.vectors_of(["a", "b", "c", "d", "e"])
    assert embedder.model.batches == [2, 2, 1]


def test_the_fingerprint_stays_though_the_last_digits_do_not(settings):
    assert len({opened(settings).fingerprint for _ in range(20)}) == 1


def test_the_fingerprint_stays_for_another_key_or_address(settings):
    one, other = opened(settings, api_key="sk-one"), opened(settings, api_key="sk-two", base_url="http://other")
    assert one.fingerprint == other.fingerprint
    assert "sk-one" not in one.fingerprint


def test_the_fingerprint_changes_with_an_option_of_the_model(settings):
    assert opened(settings).fingerprint != opened(settings, scale=2.0).fingerprint


def test_the_fingerprint_changes_when_the_same_settings_give_other_vectors(settings, monkeypatch):
    before = opened(settings).fingerprint
    monkeypatch.setattr(NoisyEmbedding.model_fields["turned"], "default", True)
    NoisyEmbedding.model_rebuild(force=True)
    after = opened(settings).fingerprint
    monkeypatch.undo()
    NoisyEmbedding.model_rebuild(force=True)
    assert after != before
    assert after.startswith("noisy-")


def test_a_model_that_does_not_answer_is_one_line_without_its_key(settings):
    with pytest.raises(
        ModelError, match=r"FailingEmbedding failed to embed a text \(Connection refused for \*\*\*\)"
    ) as raised:
        opened(settings, f"{PLACE}:FailingEmbedding", embed_dim=4, api_key=SECRET)
    assert "\n" not in str(raised.value)


def test_vectors_without_dimensions_are_refused(settings):
    with pytest.raises(ModelError, match="MockEmbedding gave vectors without dimensions: choose another"):
        opened(settings, "llama_index.core.embeddings:MockEmbedding", embed_dim=0)


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        (NOISY, {"scal": 1.0}, "has no option 'scal': did you mean scale?"),
        (NOISY, {"scale": -1.0}, "scale: Input should be greater than 0"),
        (NOISY, {"scale": "big"}, "scale: Input should be a valid number"),
        (f"{PLACE}:EchoLLM", {}, "is not a BaseEmbedding of llama-index"),
        (f"{PLACE}:Nothing", {}, "has no class Nothing"),
        ("llama_index.embeddings.nowhere:Model", {}, "pip install llama-index-embeddings-nowhere"),
    ],
)
def test_what_is_wrong_with_the_setting_is_one_line(settings, name, options, said):
    with pytest.raises(SettingsError) as raised:
        opened(settings, name, **options)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_programs_of_llama_index_get_the_model_itself(settings):
    embedder = opened(settings)
    assert llama_index_embedding(embedder) is embedder.model
    own = WordCountEmbedding()
    assert llama_index_embedding(own) is own
