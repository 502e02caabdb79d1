"""Vectors of papers, and changes put into an index one after another, so that any of them may be interrupted."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.index.chunking import chunks_of, embedded_text
from assistant.index.index import Index
from assistant.index.layout import GRAINS
from assistant.interfaces import Embedder
from assistant.records import Grain, Paper
from ingest.planning import Change


@dataclass(frozen=True, slots=True)
class Rows:
    """Chunks of one grain with their vectors, ``(chunks, dimension)``, and their papers."""

    ids: Sequence[str]
    vectors: NDArray[np.float32]
    paper_ids: Sequence[str]


class Storing:
    """Stores changes in a thread of its own, in their order, while the next is being embedded.

    A change is noted in the library, then its vectors are stored, then it is shown. Leaving the context waits for what
    is under way, and raises what that did.
    """

    def __init__(self, index: Index, embedding: Embedder | None = None) -> None:
        """Without an embedding, only changes with nothing to embed can be stored."""
        self._index = index
        self._embedding = embedding
        self._thread = ThreadPoolExecutor(1, "storing")
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Storing:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._thread.shutdown(wait=True)
        if kind is None:
            self.wait()

    def store(self, change: Change) -> None:
        """Embeds here, and leaves the rest to the thread."""
        rows = _rows(change.embedded, self._embedding) if self._embedding and change.embedded else None
        self.wait()
        if change:
            self._index.note(change.stored, change.dropped, change.pending, change.notices, change.dropped_notices)
            self._under_way = self._thread.submit(self._finish, change, rows)

    def wait(self) -> None:
        """Until the last change is stored. Raises what storing it raised."""
        if self._under_way:
            self._under_way.result()

    def _finish(self, change: Change, rows: dict[Grain, Rows] | None) -> None:
        for grain, store in self._index.stores.items():
            store.delete_papers(change.stale)
            if rows:
                store.put(rows[grain].ids, rows[grain].vectors, rows[grain].paper_ids)
        self._index.show(change.shown.values(), change.gone)


def _rows(papers: Sequence[Paper], embedding: Embedder) -> dict[Grain, Rows]:
    """The chunks of papers at each grain, all embedded together."""
    chunks = [(paper, chunk) for paper in papers for chunk in chunks_of(paper)]
    texts = [embedded_text(paper, chunk) for paper, chunk in chunks]
    vectors = embedding.vectors_of(texts)
    found: dict[Grain, Rows] = {}
    for grain in GRAINS:
        rows = [row for row, (_, chunk) in enumerate(chunks) if chunk.grain == grain]
        of_grain = [chunks[row][1] for row in rows]
        found[grain] = Rows(
            [chunk.chunk_id for chunk in of_grain],
            vectors[rows],
            [chunk.paper_id for chunk in of_grain],
        )
    return found
