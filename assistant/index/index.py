"""An index open for reading, which can be written while it goes on answering."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass

from assistant.errors import IndexInUse
from assistant.index.bm25 import WordIndex
from assistant.index.checks import UNFINISHED
from assistant.index.layout import load_words, papers_file
from assistant.index.library import Library
from assistant.index.locks import IndexLock
from assistant.index.stored_index import StoredIndex, exact_stores
from assistant.index.vectors import VectorIndex
from assistant.index.writer import IndexWriter
from assistant.records import Grain
from assistant.system.disk import translating_full_disk


@dataclass
class Index(StoredIndex):
    """Use ``open_for_reading``; ``close`` it when done."""

    vectors: VectorIndex
    words: dict[Grain, WordIndex]
    lock: IndexLock | None
    """None when another process was writing: then only files that may be read meanwhile are, and nothing is written."""
    _is_written: bool = False
    _is_closed: bool = False

    @property
    def label(self) -> str:
        """How answers name the index they came from."""
        name = f"{len(self.library)} papers, {self.fingerprint[:12]}"
        return f"{name} (the last ingest did not finish: run it again)" if self.is_unfinished else name

    @property
    def is_being_written(self) -> bool:
        """Does a thread of this process write, or did another process when this was opened?"""
        return self.lock is None or self.lock.is_writing

    @property
    def is_unfinished(self) -> bool:
        """Was the last ingest or removal interrupted? The same command again finishes it."""
        return self.library.fact("state") == UNFINISHED and not self.is_being_written

    @property
    def is_at_rest(self) -> bool:
        """Is everything stored, and nobody writing? Then each sentence of each paper has its vector and its words."""
        return self.is_complete and not self.is_being_written

    def nearest(
        self, grain: Grain, vector: Sequence[float], count: int, paper_ids: Collection[str] = ()
    ) -> dict[str, float]:
        """The ``count`` nearest chunks, of these papers if any are given: id to cosine, the nearest first."""
        return self.vectors.nearest(grain, vector, count, paper_ids)

    def store_released(self) -> AbstractContextManager[None]:
        return self.vectors.released()

    @contextmanager
    def writing(self) -> Iterator[IndexWriter]:
        """A writer of this index, which goes on answering. Do not close what is yielded.

        Papers are found here as soon as they are stored, and by their words when the writer has finished. Raises
        IndexInUse when another thread or process writes, or another process reads.
        """
        if self.lock is None:
            raise IndexInUse(
                "Another footnote program was adding or removing papers when this one was started, which therefore "
                "only reads: start it again to add or remove papers here."
            )
        path = papers_file(self.settings)
        with (
            translating_full_disk(path.parent),
            self.lock.as_writer(),
            closing(Library(path, is_writable=True)) as library,
        ):
            self._is_written = True
            writer = IndexWriter(self.settings, library, exact_stores(self.settings, library), self.store_released)
            try:
                yield writer
            finally:
                self._is_written = False
                if self._is_closed:
                    self._close_files()
                elif writer.is_complete:
                    self.words = load_words(self.settings)

    def close(self) -> None:
        """Close all files; during ``writing``, as soon as it ends."""
        self._is_closed = True
        if self.lock:
            self.lock.release()
        if not self._is_written:
            self._close_files()

    def _close_files(self) -> None:
        self.vectors.close()
        self.library.close()
        for exact in self.exact.values():
            exact.close()
