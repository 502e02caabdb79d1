"""Writes an index: one change after another, each of which may be interrupted.

States of the index, a fact in SQLite:

    NEW ─────────┐
                 ├── begin ──▶ UNFINISHED ── begin, apply, begin, apply ... ── finish ──▶ COMPLETE
    COMPLETE ────┘
    any ── open_for_writing(is_rebuild) ──▶ REBUILDING ── begin, apply, begin, apply ... ── finish ──▶ COMPLETE

States of a paper, in the table ``pending``. A published paper can be found by questions:

    published ── begin: records stored, pending ──▶ pending ── apply: vectors and paper replaced ──▶ published

``begin`` and ``apply`` are a transaction each. Papers that a kill leaves pending are computed again from their records;
an index that is UNFINISHED with nothing pending lacks only ``finish``. An UNFINISHED index answers from the published
papers; one that is REBUILDING is refused, because its vectors may be of two models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from assistant.index.bm25 import WordIndex
from assistant.index.checks import COMPLETE, REBUILDING, UNFINISHED, UNFINISHED_UPGRADE
from assistant.index.exact import Rows
from assistant.index.identity import Notice, Record
from assistant.index.layout import GRAINS, words_folder
from assistant.index.locks import IndexLock
from assistant.index.stored_index import StoredIndex, fingerprint_of
from assistant.index.vectors import is_current, mark_behind, synchronize
from assistant.records import Grain, Paper


@dataclass
class IndexWriter(StoredIndex):
    """Made by ``open_for_writing`` or ``Index.writing``.

    Methods raise IndexDamaged, and OSError if the disk is full; ``finish`` also raises StoreError.
    """

    release_store: Callable[[], AbstractContextManager[None]] = nullcontext
    """While this context is open, nothing else in this process uses the vector store."""
    lock: IndexLock | None = None

    @property
    def needs_finish(self) -> bool:
        """Does ``finish`` have anything to do?"""
        return not self.is_complete or not is_current(self.settings, self.library)

    @property
    def can_finish(self) -> bool:
        """Has something changed since the last ``finish``, while no paper is pending?"""
        return self.library.fact("state") == UNFINISHED and not self.library.catalogue.pending()

    @property
    def is_rebuild(self) -> bool:
        return self.library.fact("state") == REBUILDING

    def begin(
        self,
        stored: Sequence[Record],
        dropped: Sequence[Record],
        pending: Mapping[str, str],
        notices: Iterable[Notice] = (),
        dropped_notices: Iterable[Notice] = (),
    ) -> None:
        """Store and drop records and notices, and mark as pending the papers that ``apply`` will change.

        ``pending``: paper id to the content hash that it will have, empty for a paper to remove.
        """
        state = REBUILDING if self.is_rebuild else UNFINISHED
        self.library.catalogue.mark_pending(stored, dropped, pending, state, notices, dropped_notices)

    def apply(
        self,
        papers: Iterable[Paper],
        deleted: Iterable[str],
        rows: Mapping[Grain, Rows] | None = None,
        stale: Sequence[str] = (),
    ) -> None:
        """Publish papers with their vectors and the roles of their sentences, and delete others, in one transaction.

        ``stale``: the papers whose old vectors are deleted.
        """
        published = list(papers)
        with self.library.database.transaction():
            for grain, exact in self.exact.items():
                if stale:
                    exact.delete_papers(stale)
                if rows:
                    exact.put(rows[grain].ids, rows[grain].vectors, rows[grain].paper_ids)
            if stale or rows:
                mark_behind(self.library)
            if rows:
                sentences = rows["sentence"]
                vectors = dict(zip(sentences.ids, sentences.vectors, strict=True))
                self.library.roles.compute(published, vectors, self.library.fact("embedding"))
            self.library.publish(published, deleted)

    def finish(self, texts: Callable[[Grain], Iterable[tuple[str, str]]]) -> None:
        """Build the word indexes from ids and texts, bring the vector store up to date, and state COMPLETE."""
        if not self.is_complete:
            for grain in GRAINS:
                WordIndex.build(texts(grain)).save(words_folder(self.settings, grain))
        for exact in self.exact.values():
            exact.compact()
        with self.release_store():
            synchronize(self.settings, self.library, self.exact)
        self.library.state(fingerprint=fingerprint_of(self.library), state=COMPLETE, **{UNFINISHED_UPGRADE: ""})

    def close(self) -> None:
        """Close all files and release the locks."""
        for exact in self.exact.values():
            exact.close()
        self.library.close()
        if self.lock:
            self.lock.release()
