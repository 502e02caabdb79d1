"""Embeds the papers of changes and puts the changes into an index, one after another.

Any change may be interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from assistant.index.chunking import chunks_of, embedded_text
from assistant.index.exact import Rows
from assistant.index.layout import GRAINS
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.records import Grain, Paper
from ingest.planning import Change


class Storing:
    """Stores changes in a thread of its own, in their order, while the next one is being embedded.

    Leaving the context waits for the change under way, and raises what storing it raised.
    """

    def __init__(self, writer: IndexWriter, embedding: Embedder | None = None) -> None:
        """Without an embedding, only changes with nothing to embed can be stored."""
        self._writer = writer
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
        """Embed the change here, and store it in the thread."""
        rows = _rows(change.embedded, self._embedding) if self._embedding and change.embedded else None
        self.wait()
        if change:
            self._writer.begin(change.stored, change.dropped, change.pending, change.notices, change.dropped_notices)
            self._under_way = self._thread.submit(
                self._writer.apply, list(change.published.values()), change.deleted, rows, change.stale
            )

    def wait(self) -> None:
        """Wait until the last change is stored. Raises what storing it raised."""
        if self._under_way:
            self._under_way.result()


def _rows(papers: Sequence[Paper], embedding: Embedder) -> dict[Grain, Rows]:
    """The chunks of papers at each grain, embedded in one call."""
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
