"""Opens an index, for reading or for writing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from assistant.errors import IndexDamaged, IndexInUse, IndexProblem
from assistant.index.checks import COMPLETE, NEW, REBUILDING, check_computed_with, check_rebuilt, computed_with, missing
from assistant.index.chunking import CHUNKING
from assistant.index.index import Index
from assistant.index.layout import load_words, papers_file
from assistant.index.library import Library
from assistant.index.locks import IndexLock
from assistant.index.sentence_roles import ROLES_VERSION
from assistant.index.stored_index import exact_stores
from assistant.index.stores import check_named_store
from assistant.index.upgrade import forget_outdated, is_outdated, is_upgrade_unfinished, upgrade
from assistant.index.vectors import VectorIndex, discard_store, is_current, is_whole
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.settings import Settings
from assistant.system.disk import translating_full_disk


def is_indexed(settings: Settings) -> bool:
    """Is there any index in the settings' home? An ingest that found no file to read leaves none.

    An index from which all papers were removed counts, so that nothing is put in it that nobody asked for.
    """
    path = papers_file(settings)
    if not path.exists():
        return False
    try:
        with closing(Library(path, is_writable=False)) as library:
            return len(library) > 0 or library.fact("state") not in ("", NEW)
    except IndexProblem:
        return path.stat().st_size > 0  # if empty, it was only begun; otherwise opening it says what is wrong


def require_index(settings: Settings) -> None:
    """Raises IndexMissing where there is no index."""
    if not is_indexed(settings):
        raise missing(settings)


def needs_upgrade(settings: Settings) -> bool:
    """Is there an index in which some papers must be embedded again, since this version splits them differently?"""
    if is_indexed(settings):
        with suppress(IndexProblem), open_library(settings) as library:  # who opens the index is told the problem
            return is_upgrade_unfinished(library)
    return False


@contextmanager
def open_library(settings: Settings, *, is_writable: bool = False) -> Iterator[Library]:
    """Only the papers of an index, also while another process writes. Raises IndexMissing or IndexDamaged.

    ``is_writable``: for short transactions that change neither papers nor vectors, such as those on collections.
    SQLite makes them wait for each other, so the locks of the index are not needed.
    """
    require_index(settings)
    if is_writable:
        upgrade_if_outdated(settings)
    with closing(Library(papers_file(settings), is_writable=is_writable)) as library:
        yield library


def open_for_reading(settings: Settings, embedding: Embedder | None = None, *, while_writing: bool = True) -> Index:
    """Open an index for reading; one whose last ingest was interrupted says so by ``is_unfinished``.

    ``embedding``: what questions will be embedded with; without one, whatever the vectors were computed with.
    ``while_writing``: while another process writes, read the papers and vectors that are stored so far; else refuse.

    Raises IndexMissing, IndexMismatch, IndexInUse, IndexDamaged or StoreError, each saying what to do.
    """
    require_index(settings)
    # The stack closes the lock and the files that are open when a later step fails.
    with translating_full_disk(settings.index_folder), ExitStack() as undo:
        upgrade_if_outdated(settings)
        try:
            lock = IndexLock(settings.index_folder, is_writer=False)
        except IndexInUse as in_use:
            if not while_writing:
                raise
            return _open_without_lock(settings, embedding, in_use)
        undo.callback(lock.release)
        index = _open(settings, embedding, lock)
        undo.pop_all()
    return index


def _open_without_lock(settings: Settings, embedding: Embedder | None, in_use: IndexInUse) -> Index:
    """Raises ``in_use`` where there is nothing to be read yet."""
    with closing(Library(papers_file(settings), is_writable=False)) as library:
        if library.fact("state") == REBUILDING:
            raise in_use
    try:
        return _open(settings, embedding, None)
    except IndexDamaged as error:  # the word indexes are just being replaced
        raise in_use from error


def _open(settings: Settings, embedding: Embedder | None, lock: IndexLock | None) -> Index:
    with ExitStack() as undo:
        library = Library(papers_file(settings), is_writable=False)
        undo.callback(library.close)
        check_rebuilt(library)
        if embedding:
            check_computed_with(library, computed_with(embedding, CHUNKING))
        exact = exact_stores(settings, library)
        for part in exact.values():
            part.check()
        words = load_words(settings, is_complete=lock is not None and library.fact("state") == COMPLETE)
        vectors = VectorIndex(settings, library, exact, uses_store=lock is not None)
        undo.pop_all()
    return Index(settings, library, exact, vectors, words, lock)


def open_for_writing(settings: Settings, embedding: Embedder | None = None, *, is_rebuild: bool = False) -> IndexWriter:
    """Open an index for the only process that writes it, or create one.

    ``embedding``: what papers are embedded with; without one, there must be an index, and only what needs no vectors
    can be done. ``is_rebuild``: all vectors are deleted, and any embedding will do.

    Raises as ``open_for_reading`` does, except IndexMissing where there is an embedding.
    """
    if not embedding:
        require_index(settings)
    with translating_full_disk(settings.index_folder), ExitStack() as undo:
        _make_folder(settings.index_folder)
        lock = IndexLock(settings.index_folder, is_writer=True)
        undo.callback(lock.release)
        library = Library(papers_file(settings), is_writable=True)
        undo.callback(library.close)
        if not is_rebuild:
            check_rebuilt(library)
        if embedding and (is_rebuild or not library.fact("collection")):
            _begin(settings, library, embedding, REBUILDING if is_rebuild else NEW)
        exact = exact_stores(settings, library)
        upgrade(settings, library, exact)
        if embedding:
            check_computed_with(library, computed_with(embedding, CHUNKING))
        for part in exact.values():
            part.check()
            part.delete_unused_files()
        if not is_current(settings, library):
            check_named_store(settings, library.fact("collection"), exact)
        elif not is_whole(settings, library, exact):
            discard_store(library)
        undo.pop_all()
    return IndexWriter(settings, library, exact, lock=lock)


def _begin(settings: Settings, library: Library, embedding: Embedder, state: str) -> None:
    """State what the vectors will be computed with, and delete those there are."""
    with library.database.transaction():
        library.state(
            collection=library.fact("collection") or f"footnote-{uuid.uuid4().hex[:12]}",
            state=state,
            vector_store="",  # so that it is discarded
            roles=ROLES_VERSION,
            **computed_with(embedding, CHUNKING),
        )
        forget_outdated(library)
        for part in exact_stores(settings, library).values():
            part.clear()


def upgrade_if_outdated(settings: Settings) -> None:
    """Bring an index of an earlier version up to date, unless it is.

    Raises IndexInUse, or IndexDamaged where the folder cannot be written.
    """
    with closing(Library(papers_file(settings), is_writable=False)) as library:
        if not is_outdated(library):
            return
    lock = IndexLock(settings.index_folder, is_writer=True)
    try:
        with closing(Library(papers_file(settings), is_writable=True)) as library:
            upgrade(settings, library, exact_stores(settings, library))
    finally:
        lock.release()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexDamaged(
            f"{folder} cannot be made ({error.strerror}): set FOOTNOTE_HOME to a folder you can write."
        ) from error
