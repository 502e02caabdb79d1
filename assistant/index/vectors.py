"""The vectors of an index: an exact store per grain, and a faster vector store that is filled from it.

The vector store is searched only while it holds the same vectors as the exact store; otherwise the exact store is
searched. The states of the vector store, as a fact in SQLite:

    CURRENT ── vectors are added or deleted ──▶ BEHIND ── synchronize ──▶ CHANGING ── all is on disk ──▶ CURRENT
                                                              ▲               │
                                                              │       killed or failed: it may be damaged,
                                                              │       so that it is not even opened
                                                              └── discarded and filled again by the next synchronize
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from assistant.errors import IndexDamaged, StoreError
from assistant.index.exact import FEW_PAPERS, ExactStore
from assistant.index.library import Library
from assistant.index.stores import fsync_stores, open_stores, store_name
from assistant.interfaces import VectorStore
from assistant.records import Grain
from assistant.settings import Settings
from assistant.system.batching import batched

_CURRENT, _BEHIND, _CHANGING = "current", "behind", "changing"
_PAPERS_AT_ONCE = 200
_NEAREST_TO_ITSELF, _SAME_VECTOR = 10, 0.99  # chunks, cosine


class VectorIndex:
    """Searches the vector store while it is current, otherwise the exact store. Safe to use from several threads."""

    def __init__(
        self, settings: Settings, library: Library, exact: Mapping[Grain, ExactStore], *, uses_store: bool = True
    ) -> None:
        """Raises StoreError when the vector store is current but its server does not answer."""
        self._settings, self._library, self._exact, self._uses_store = settings, library, exact, uses_store
        self._turn = threading.Lock()  # so that the vector store is not closed while it is searched
        self._stores: dict[Grain, VectorStore] = {}
        self._open()

    @property
    def is_exact(self) -> bool:
        """Is the exact store searched?"""
        return not self._stores or not is_current(self._settings, self._library)

    def nearest(
        self, grain: Grain, vector: Sequence[float], count: int, paper_ids: Collection[str] = ()
    ) -> dict[str, float]:
        """The ``count`` nearest chunks, of these papers if any are given: id to cosine, the nearest first."""
        with self._turn:
            # A store would be sent every id; the exact store looks them up in SQLite.
            is_exact = self.is_exact or len(paper_ids) > FEW_PAPERS
            store = None if is_exact else self._stores[grain]
            if store:
                return store.query(vector, count, paper_ids)
        return self._exact[grain].query(vector, count, paper_ids)

    @contextmanager
    def released(self) -> Iterator[None]:
        """Close the vector store, so that other code in this process can use it, and open it again at the end."""
        self.close()
        try:
            yield
        finally:
            self._open()

    def close(self) -> None:
        with self._turn:
            stores, self._stores = self._stores, {}
            _close(stores)

    def _open(self) -> None:
        if not (self._uses_store and is_current(self._settings, self._library)):
            return
        if not any(part.count() for part in self._exact.values()):
            return  # some stores have no collection before the first vector, and fail when they are searched
        with suppress(IndexDamaged):  # the next process that writes discards it and fills it again
            stores = open_stores(self._settings, self._library.fact("collection"), self._exact)
            try:
                self._stores = stores if _holds_all(stores, self._exact) else {}
            finally:
                if not self._stores:
                    _close(stores)


def is_current(settings: Settings, library: Library) -> bool:
    """Does the vector store that the settings name hold what the exact store holds?"""
    return library.fact("vector_store_state") == _CURRENT and library.fact("vector_store") == store_name(settings)


def mark_behind(library: Library) -> None:
    """Store the state BEHIND: the exact store was changed."""
    if library.fact("vector_store_state") == _CURRENT:
        library.state(vector_store_state=_BEHIND)


def mark_current(settings: Settings, library: Library, exact: Mapping[Grain, ExactStore]) -> None:
    """Store the state CURRENT: the vector store holds the same vectors as the exact store, on disk."""
    with library.database.transaction():
        for part in exact.values():
            part.table.mark_all(is_in_store=True)
        library.state(vector_store=store_name(settings), vector_store_state=_CURRENT)


def is_whole(settings: Settings, library: Library, exact: Mapping[Grain, ExactStore]) -> bool:
    """Is the vector store current, and does it still hold as many vectors as the exact store? Raises StoreError."""
    if not is_current(settings, library):
        return False
    try:
        stores = open_stores(settings, library.fact("collection"), exact, is_for_writing=True)
    except IndexDamaged:
        return False
    try:
        return _holds_all(stores, exact)
    except IndexDamaged:
        return False
    finally:
        _close(stores)


def discard_store(library: Library) -> None:
    """Mark the vector store as damaged: the next ``synchronize`` discards it and fills it again."""
    library.state(vector_store_state=_CHANGING)


def synchronize(settings: Settings, library: Library, exact: Mapping[Grain, ExactStore]) -> None:
    """Bring the vector store up to date: copy only what has changed, or everything if the store may be damaged.

    For the one process that writes, while nothing else uses the store. Raises StoreError, IndexDamaged or OSError.
    """
    if is_current(settings, library):
        return
    is_usable = library.fact("vector_store") == store_name(settings) and library.fact("vector_store_state") == _BEHIND
    is_filled = is_usable and _fill(settings, library, exact, discards=False)
    if not (is_filled or _fill(settings, library, exact, discards=True)):
        raise StoreError(
            f"{store_name(settings)} does not hold all the vectors that were just put in it: "
            "check the vector store, then run the same command again."
        )
    fsync_stores(settings)
    mark_current(settings, library, exact)


def _fill(settings: Settings, library: Library, exact: Mapping[Grain, ExactStore], *, discards: bool) -> bool:
    """Copy vectors into the vector store. Does it then hold as many as the exact store?"""
    library.state(vector_store=store_name(settings), vector_store_state=_CHANGING)
    if discards:
        for part in exact.values():
            part.table.mark_all(is_in_store=False)
    stores = open_stores(settings, library.fact("collection"), exact, is_for_writing=True, discards=discards)
    try:
        for grain, store in stores.items():
            for paper_ids in batched(exact[grain].table.deleted_papers(), _PAPERS_AT_ONCE):
                store.delete_papers(paper_ids)
            for rows in exact[grain].all_rows(only_new=True):
                store.put(rows.ids, rows.vectors, rows.paper_ids)
        return _holds_all(stores, exact)
    finally:
        _close(stores)


def _holds_all(stores: Mapping[Grain, VectorStore], exact: Mapping[Grain, ExactStore]) -> bool:
    return all(_holds(store, exact[grain]) for grain, store in stores.items())


def _holds(store: VectorStore, exact: ExactStore) -> bool:
    """Does the store hold as many vectors as the exact store? If it cannot count: does it find the first one?"""
    count = store.count()
    if count is not None:
        return count == exact.count()
    first = next(exact.all_rows(), None)
    if first is None:
        return True
    with suppress(StoreError):  # its collection is gone
        found = store.query(first.vectors[0].tolist(), _NEAREST_TO_ITSELF)
        return max(found.values(), default=0.0) > _SAME_VECTOR
    return False


def _close(stores: Mapping[Grain, VectorStore]) -> None:
    for store in stores.values():
        store.close()
