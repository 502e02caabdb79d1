"""Gives texts the vectors that an archive has of them, and embeds the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Embedder
from ingest.archiving.reading import Archive


class ArchivedEmbedder:
    """An ``Embedder`` that equals ``embedding`` and asks it only for texts that the archive has no vectors of.

    ``taken``: how many vectors came from the archive. ``computed``: how many did not.
    """

    def __init__(self, embedding: Embedder, archive: Archive) -> None:
        """The vectors of the archive are not used if they were computed with another model."""
        self._embedding, self._archive = embedding, archive
        self.fingerprint, self.dimension, self.device = embedding.fingerprint, embedding.dimension, embedding.device
        self.is_same_model = (self.fingerprint, self.dimension) == (
            archive.manifest.embedding,
            archive.manifest.dimension,
        )
        self.taken = self.computed = 0

    def vectors_of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        archived = self._archived(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in archived]
        found = {**archived, **dict(zip(missing, self._embedding.vectors_of(missing) if missing else (), strict=True))}
        computed = len([text for text in texts if text not in archived])
        self.computed += computed
        self.taken += len(texts) - computed
        return np.array([found[text] for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    def get_query_embedding(self, query: str) -> list[float]:
        return self._embedding.get_query_embedding(query)

    def _archived(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        if not self.is_same_model:
            return {}
        rows = {text: self._archive.vectors.row(row) for text, row in self._archive.library.rows_of(texts).items()}
        return {text: vector for text, vector in rows.items() if vector is not None}
