"""Text to vectors, by sentence-transformers behind llama-index's ``BaseEmbedding``."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding, Embedding
from pydantic import PrivateAttr

from assistant.errors import ModelError
from assistant.models import embedding_folder, sha256_of
from assistant.settings import PACKAGED

_BATCH_TEXTS = 32


class SentenceTransformerEmbedding(BaseEmbedding):
    """Unit-length vectors of a sentence-transformers model, on the CPU or whatever accelerator torch finds.

    ``fingerprint`` names the exact weights: an index made with others is refused. Threads take turns, 32 texts at a
    time, so that a question waits for one batch of an ingest and not for all of it.
    """

    _model: Any = PrivateAttr()
    _fingerprint: str = PrivateAttr()
    _dimension: int = PrivateAttr()
    # Fast tokenizers fail when two threads use them at once ("Already borrowed"). Who waits for the turn holds the
    # queue, so that a thread which has just had its turn comes after.
    _turn: Any = PrivateAttr(default_factory=threading.Lock)
    _queue: Any = PrivateAttr(default_factory=threading.Lock)

    def __init__(self, name: str) -> None:
        """Raises ModelError when the model is missing or does not load."""
        source = embedding_folder(name)
        is_local = Path(source).is_dir()
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
        try:
            model = SentenceTransformer(source, local_files_only=is_local)  # a folder needs no hub
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            reason = str(error).split("\n")[0]
            raise ModelError(
                f"The embedding model {name} does not load ({reason}): give another with --embedding."
            ) from error
        dimension = model.get_embedding_dimension()
        if not dimension:
            raise ModelError(f"The embedding model {name} does not say its dimension: give another with --embedding.")
        super().__init__(model_name=name, embed_batch_size=_BATCH_TEXTS)
        self._model = model
        self._fingerprint = _fingerprint(name, source, is_local)
        self._dimension = dimension

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._dimension

    @property
    def device(self) -> str:
        return str(self._model.device)

    def _get_query_embedding(self, query: str) -> Embedding:
        return self._encode([query])[0]

    def _get_text_embedding(self, text: str) -> Embedding:
        return self._encode([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        return self._encode(texts)

    async def _aget_query_embedding(self, query: str) -> Embedding:
        return self._get_query_embedding(query)

    def _encode(self, texts: list[str]) -> list[Embedding]:
        """Vectors of at most 32 texts: llama-index hands over no more at once (``embed_batch_size``)."""
        with self._queue:
            self._turn.acquire()
        try:
            vectors = self._model.encode(
                texts,
                batch_size=_BATCH_TEXTS,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        finally:
            self._turn.release()
        embeddings: list[Embedding] = vectors.tolist()
        return embeddings


def _fingerprint(name: str, source: str, is_local: bool) -> str:
    if name == PACKAGED:
        return "all-MiniLM-L6-v2"
    weights = sorted(Path(source).rglob("*.safetensors")) if is_local else []
    return f"{Path(source).name}-{sha256_of(weights[0])[:12]}" if weights else source
