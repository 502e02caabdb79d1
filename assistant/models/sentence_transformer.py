"""Embeds texts with sentence-transformers, as a ``BaseEmbedding`` of llama-index."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding, Embedding
from numpy.typing import NDArray
from pydantic import PrivateAttr

from assistant.errors import ModelError
from assistant.models.locate import embedding_folder, is_on_disk
from assistant.models.minilm import DIMENSION, QuestionEncoder
from assistant.settings import PACKAGED
from assistant.system.batching import batched
from assistant.system.disk import sha256_of
from assistant.system.processor import has_fast_bfloat16

_BATCH_TEXTS = 32
_PADDING_TOKENS = 8  # texts are padded to a multiple of this, so that more texts have the same padded length


class SentenceTransformerEmbedding(BaseEmbedding):
    """Unit vectors of a sentence-transformers model, on the CPU or the accelerator that torch finds.

    Of the packaged model, only the first paper loads sentence-transformers: for questions, ``minilm`` is enough.
    ``fingerprint`` identifies the exact weights: an index computed with others is refused. Threads take turns after
    each batch of 32 texts, so that a question waits for one batch of an ingest and not for all of it.
    """

    _source: str = PrivateAttr()
    _fingerprint: str = PrivateAttr()
    _dimension: int = PrivateAttr()
    # sentence-transformers does not lock its tokenizer (see ``minilm.Tokenizer``). A thread that waits for its turn
    # holds the queue, so that the thread which has just finished its turn cannot take the next one first.
    _turn: Any = PrivateAttr(default_factory=threading.Lock)
    _queue: Any = PrivateAttr(default_factory=threading.Lock)

    def __init__(self, name: str) -> None:
        """Raises ModelError when the model is missing or does not load."""
        source = embedding_folder(name)
        super().__init__(model_name=name, embed_batch_size=_BATCH_TEXTS)
        self._source = source
        self._fingerprint = _fingerprint(name, source)
        self._dimension = DIMENSION if name == PACKAGED else self._model.get_embedding_dimension() or 0
        if not self._dimension:
            raise ModelError(
                f"The embedding model {name} does not state its dimension: choose another with --embedding."
            )

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self._dimension

    @property
    def device(self) -> str:
        return str(self._model.device)

    def vectors_of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors to be stored, ``(texts, dimension)``; computed in 16 bits if the CPU is fast at it.

        The vector of a text does not depend on the texts embedded with it: in 16 bits the amount of padding changes
        the result (a cosine by up to 0.002), so all texts of a batch have the same padded length.
        """
        distinct = list(dict.fromkeys(texts))
        rows = {text: row for row, text in enumerate(distinct)}
        vectors = np.empty((len(distinct), self.dimension), dtype=np.float32)
        for batch in self._batches(distinct):
            vectors[[rows[text] for text in batch]] = self._encoded(self._storing_model, batch)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)  # 16 bits leave lengths that differ from 1
        return vectors[[rows[text] for text in texts]]

    def _batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Batches of at most 32 texts of the same padded length, the longest texts first."""
        lengths = dict(zip(texts, self._padded_lengths(texts), strict=True))
        longest_first = sorted(texts, key=lambda text: (lengths[text], len(text)), reverse=True)
        for _, group in groupby(longest_first, key=lengths.__getitem__):
            yield from batched(group, _BATCH_TEXTS)

    def _padded_lengths(self, texts: Sequence[str]) -> list[int]:
        """The length of each text in tokens after padding; 0 for a model that does not pad."""
        model = self._storing_model
        if not texts or not hasattr(model[0], "processing_kwargs"):
            return [0] * len(texts)
        with self._in_turn():
            tokens = model.tokenizer(list(texts), truncation=True, max_length=model.max_seq_length)["input_ids"]
        return [-(-len(ids) // _PADDING_TOKENS) * _PADDING_TOKENS for ids in tokens]

    @cached_property
    def _model(self) -> Any:
        return _loaded(self.model_name, self._source)

    @cached_property
    def _question_encoder(self) -> QuestionEncoder:
        return QuestionEncoder()

    @cached_property
    def _storing_model(self) -> Any:
        """The model in 16 bits, if the CPU is fast at it; questions are few, so they are embedded in 32 bits."""
        if self.device == "cpu" and has_fast_bfloat16():
            return _loaded(self.model_name, self._source, dtype="bfloat16")
        return self._model

    def _get_query_embedding(self, query: str) -> Embedding:
        if self.model_name == PACKAGED:
            return self._question_encoder.vector(query)
        return self._encode([query])[0]

    def _get_text_embedding(self, text: str) -> Embedding:
        return self._encode([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        return self._encode(texts)

    async def _aget_query_embedding(self, query: str) -> Embedding:
        return self._get_query_embedding(query)

    def _encode(self, texts: list[str]) -> list[Embedding]:
        embeddings: list[Embedding] = self._encoded(self._model, texts).tolist()
        return embeddings

    def _encoded(self, model: Any, texts: list[str]) -> NDArray[np.float32]:
        """Unit vectors of at most 32 texts: llama-index passes no more at once (``embed_batch_size``)."""
        with self._in_turn():
            vectors: NDArray[np.float32] = model.encode(
                texts,
                batch_size=_BATCH_TEXTS,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return vectors

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        with self._queue:
            self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()


def _loaded(name: str, source: str, **options: str) -> Any:
    """The model; weights are read from disk when they are first used. Raises ModelError."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    try:
        model = SentenceTransformer(source, local_files_only=is_on_disk(source), model_kwargs=options)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).split("\n")[0]
        raise ModelError(
            f"The embedding model {name} does not load ({reason}): choose another with --embedding."
        ) from error
    if hasattr(model[0], "processing_kwargs"):  # only models of transformers are padded
        model[0].processing_kwargs = {"text": {"pad_to_multiple_of": _PADDING_TOKENS}}
    return model


def _fingerprint(name: str, source: str) -> str:
    if name == PACKAGED:
        return "all-MiniLM-L6-v2"
    weights = sorted(Path(source).rglob("*.safetensors")) if Path(source).is_dir() else []
    return f"{Path(source).name}-{sha256_of(weights[0])[:12]}" if weights else source
