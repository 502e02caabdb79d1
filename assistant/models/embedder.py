"""The embedding model that the settings name, as an ``Embedder``: sentence-transformers, or any of llama-index."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from numpy.typing import NDArray

from assistant.errors import ModelError
from assistant.interfaces import Embedder
from assistant.models.sentence_transformer import SentenceTransformerEmbedding
from assistant.settings import Settings
from assistant.system.batching import batched
from assistant.system.named_class import Named, create, names_class, resolved

# Texts that have little in common.
_PROBES = (
    "A hen lays an egg.",
    "We train a neural network on 12,000 images.",
    "The patients of the control group recovered within two weeks.",
    "Prices rose by 3% while wages fell.",
    "Theorem 4 holds if p > 2 is prime.",
)
_PLANES = 8  # see ``_fingerprint``; more planes detect smaller changes, but also change with a server's last digits
# Options that say how a model is reached and do not change its vectors.
_CONNECTION = re.compile(r"url|uri|host|port|key|token|timeout|retr|batch|worker|header|client|cache|callback|rate")


def open_embedder(settings: Settings) -> Embedder:
    """Raises ModelError when the model is missing or does not work, SettingsError when its options are wrong."""
    if names_class(settings.embedding):
        kind: Any = BaseEmbedding
        options = resolved(settings.embedding_options, "embedding")
        return LlamaIndexEmbedder(create(settings.embedding, kind, options, "embedding"))
    return SentenceTransformerEmbedding(settings.embedding)


def llama_index_embedding(embedder: Embedder) -> BaseEmbedding:
    """The llama-index ``BaseEmbedding`` of an open embedding model. Raises ModelError when the model has none."""
    model = embedder.model if isinstance(embedder, LlamaIndexEmbedder) else embedder
    if not isinstance(model, BaseEmbedding):
        raise ModelError("The embedding model is not one of llama-index: choose another with --embedding.")
    return model


class LlamaIndexEmbedder:
    """Any llama-index ``BaseEmbedding`` as an ``Embedder``. Threads take turns, one batch at a time."""

    def __init__(self, named: Named[BaseEmbedding]) -> None:
        """Embeds a few texts to learn the dimension and the fingerprint. Raises ModelError when that fails."""
        self._named = named
        self._turn = threading.Lock()
        self.device = "an unknown device"  # of a server, or as the class decides
        self.dimension = 0  # until it is known
        probes = self.vectors_of(_PROBES)
        self.dimension = probes.shape[1]
        self.fingerprint = _fingerprint(named, probes)

    @property
    def model(self) -> BaseEmbedding:
        return self._named.instance

    def vectors_of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of the shape ``(len(texts), dimension)``. Raises ModelError when the model fails."""
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        batches = batched(texts, self.model.embed_batch_size)
        return np.concatenate(
            [self._units(self.model.get_text_embedding_batch, list(batch), len(batch)) for batch in batches]
        )

    def get_query_embedding(self, query: str) -> list[float]:
        vector: list[float] = self._units(lambda text: [self.model.get_query_embedding(text)], query, 1)[0].tolist()
        return vector

    def _units(self, embed: Callable[[Any], Sequence[Sequence[float]]], given: Any, count: int) -> NDArray[np.float32]:
        with self._turn, self._failing():
            vectors = np.asarray(embed(given), dtype=np.float32)
        if not vectors.size:
            raise ModelError(f"{self._named.name} gave vectors without dimensions: choose another with --embedding.")
        expected = (count, self.dimension or vectors.shape[-1])
        if vectors.shape != expected:
            raise ModelError(
                f"{self._named.name} gave vectors of the shape {vectors.shape} instead of {expected}: "
                "choose another model with --embedding."
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise ModelError(f"{self._named.name} gave a vector without a direction: choose another with --embedding.")
        units: NDArray[np.float32] = vectors / lengths
        return units

    def _failing(self) -> AbstractContextManager[None]:
        return self._named.translated(ModelError, "to embed a text", "check that its server runs and embedding_options")


def _fingerprint(named: Named[BaseEmbedding], probes: NDArray[np.float32]) -> str:
    """Model name and a hash of the class, of the options that shape vectors, and of the probes' vectors.

    The last digits of a server's vectors differ from call to call, so no digits are hashed. What is hashed is on which
    side of some random planes each vector lies (SimHash: Charikar, 2002), which stays unless the model changes: with
    noise of 1e-6 in each number, it changed for 5 of 20,000 random models of 384 dimensions.
    """
    planes = np.random.RandomState(0).standard_normal(
        (probes.shape[1], _PLANES)
    )  # the same with every version of numpy
    sides = (probes - probes.mean(axis=0)) @ planes > 0
    shaping = {name: value for name, value in named.public.items() if not _CONNECTION.search(name.lower())}
    parts = (named.name, sorted(shaping.items()), sides.tolist())
    digest = hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()
    return f"{named.instance.model_name}-{digest[:12]}"
