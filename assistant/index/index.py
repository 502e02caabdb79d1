"""An open index: the papers, their vectors at two grains, their words, and what all of it was computed with.

While papers are added, and when that was interrupted, the index answers from the papers that are stored. A process
that finds another one writing answers from a copy of the vectors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from assistant.index.bm25 import WordIndex
from assistant.index.checks import (
    COMPLETE,
    REBUILDING,
    UNFINISHED,
)
from assistant.index.chunking import CHUNKING
from assistant.index.identity import Notice, Record
from assistant.index.layout import GRAINS, load_words, papers_file, words_folder
from assistant.index.library import Library
from assistant.index.locks import IndexLock, NoLock
from assistant.index.vectors import ChromaStore
from assistant.records import Grain, Paper
from assistant.settings import Settings
from assistant.system.disk import translating_full_disk


@dataclass
class Index:
    """An open index. Use ``open_for_reading``; ``close`` it when done."""

    settings: Settings
    library: Library
    stores: dict[Grain, ChromaStore]
    words: dict[Grain, WordIndex]
    lock: IndexLock | NoLock
    copy: TemporaryDirectory[str] | None = None
    _is_written: bool = False
    _is_closed: bool = False

    @property
    def fingerprint(self) -> str:
        """Changes when a paper, the embedding model or the chunking does, as soon as all of the change is stored."""
        return self.library.fact("fingerprint")

    @property
    def label(self) -> str:
        """How answers name the index they came from."""
        name = f"{len(self.library)} papers, {self.fingerprint[:12]}"
        return f"{name} (the last ingest did not finish: run it again)" if self.is_unfinished else name

    @property
    def is_complete(self) -> bool:
        return self.library.fact("state") == COMPLETE

    @property
    def is_unfinished(self) -> bool:
        """Was the last ingest or removal interrupted? It answers from what is stored; the same again finishes it."""
        return self.library.fact("state") == UNFINISHED and not self.lock.is_writing

    @property
    def is_at_rest(self) -> bool:
        """Is all stored, and nobody writing? Then each sentence of each paper has its vector and its words."""
        return self.is_complete and not self.lock.is_writing

    @property
    def is_stored(self) -> bool:
        """Has something changed since the last ``seal``, and is all of it stored? Then ``seal`` is what is left."""
        return self.library.fact("state") == UNFINISHED and not self.library.catalogue.pending()

    @property
    def is_beside_writer(self) -> bool:
        """Was it opened while another program wrote, to be read only?"""
        return isinstance(self.lock, NoLock)

    def note(
        self,
        stored: Sequence[Record],
        dropped: Sequence[Record],
        pending: Mapping[str, str],
        notices: Iterable[Notice] = (),
        dropped_notices: Iterable[Notice] = (),
    ) -> None:
        """State what is about to change, as ``Catalogue.note`` does; unfinished until ``show`` and then ``seal``."""
        is_rebuild = self.library.fact("state") == REBUILDING
        state = REBUILDING if is_rebuild else UNFINISHED
        self.library.catalogue.note(stored, dropped, pending, state, notices, dropped_notices)

    def show(self, papers: Iterable[Paper], gone: Iterable[str]) -> None:
        """Show papers whose vectors are stored, and no longer those that are gone."""
        counts = {f"{grain}_chunks": str(len(store)) for grain, store in self.stores.items()}
        self.library.show(papers, gone, **counts)

    def seal(self, texts: Callable[[Grain], Iterable[tuple[str, str]]]) -> None:
        """Build the word indexes of ids and texts, and state that all is complete."""
        for store in self.stores.values():
            store.let_go()
        for grain in GRAINS:
            WordIndex.build(texts(grain)).save(words_folder(self.settings, grain))
        self.library.state(fingerprint=_fingerprint(self.library), state=COMPLETE)

    @contextmanager
    def writing(self) -> Iterator[Index]:
        """This index, open for reading, once more and open for writing, while this one goes on answering.

        Papers are found here as soon as they are stored, and by their words once all of it is sealed. Raises
        IndexInUse when another thread or process writes, or another process reads. Do not close what is yielded.
        """
        path = papers_file(self.settings)
        with (
            translating_full_disk(path.parent),
            self.lock.as_writer(),
            closing(Library(path, is_writable=True)) as library,
        ):
            writer = Index(self.settings, library, self.stores, {}, self.lock)
            self._is_written = True
            try:
                yield writer
            finally:
                self._is_written = False
                if self._is_closed:
                    close_stores(self.stores)
                elif writer.is_complete:
                    self.words = load_words(self.settings)

    def close(self) -> None:
        """Close all files; those of the vectors, while ``writing`` is under way, as soon as it ends."""
        self._is_closed = True
        if not self._is_written:
            close_stores(self.stores)
        self.library.close()
        self.lock.release()
        if self.copy:
            self.copy.cleanup()


def close_stores(stores: Mapping[Grain, ChromaStore]) -> None:
    for store in stores.values():
        store.close()


def _fingerprint(library: Library) -> str:
    digest = hashlib.sha256("\n".join((CHUNKING, library.fact("embedding"))).encode())
    for paper_id, content_hash in library.each_content_hash():
        digest.update(f"\n{paper_id}={content_hash}".encode())
    return digest.hexdigest()
