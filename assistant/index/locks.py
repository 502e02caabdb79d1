"""Locks on the index folder: many processes that read, or one that writes. The system releases those of a process
that ends.

    lock                   held                          reason
    writer.db              exclusively, by the process   One process writes at a time, also while it exchanges its
                           that writes                   lock on lock.db.
    lock.db                shared by processes that      The folder of embedded Chroma can be used by several processes
                           read, exclusively by the      that read it, or by one that writes it. A process that finds
                           one that writes               it locked reads without, and never opens the vector store.
    watch.db               shared by processes that      A process that would watch the same folders can tell.
                           watch folders
    IndexLock._turn        by a thread that writes       One thread of a process writes at a time.
    SQLite's lock on       for each transaction          Papers, records and rows of vectors change together, or not
    papers.sqlite                                        at all.
    Database._turn         by a thread, for each         The threads of a process share one connection.
                           transaction
    VectorIndex._turn      by a thread, for each search  The vector store is not closed while it is searched.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from filelock import ReadWriteLock, Timeout

from assistant.errors import IndexDamaged, IndexInUse

_WAIT_SECONDS = 0.5


class IndexLock:
    """Held from construction until ``release``.

    Raises IndexInUse when another process writes (or, for a process that writes, reads), and IndexDamaged when the
    folder cannot be written.
    """

    def __init__(self, folder: Path, *, is_writer: bool) -> None:
        self._folder = folder
        self._turn = threading.Lock()
        self._is_released = False
        with ExitStack() as held:
            if is_writer:
                held.enter_context(closing(_acquired(folder / "writer.db", is_writer=True)))
            held.enter_context(closing(_acquired(folder / "lock.db", is_writer=is_writer)))
            self._held = held.pop_all()

    @property
    def is_writing(self) -> bool:
        """Does a thread of this process write by ``as_writer``?"""
        return self._turn.locked()

    @contextmanager
    def as_writer(self) -> Iterator[None]:
        """Exchange a lock for reading for one for writing, and back at the end.

        Raises IndexInUse when another thread or process writes, or another process reads; the lock for reading is
        held then as before.
        """
        if not self._turn.acquire(blocking=False):
            raise IndexInUse("Papers are being added or removed already: wait until that is done, then try again.")
        try:
            with closing(_acquired(self._folder / "writer.db", is_writer=True)):
                self._exchange(is_writer=True)
                try:
                    yield
                finally:
                    self._exchange(is_writer=False)
        finally:
            self._turn.release()
            if self._is_released:
                self._held.close()

    def _exchange(self, *, is_writer: bool) -> None:
        """Release ``lock.db`` and acquire it in the other way, or where that fails, for reading."""
        self._held.close()
        try:
            self._acquire(is_writer=is_writer)
        except (IndexInUse, IndexDamaged):
            self._acquire(is_writer=False)
            raise

    def _acquire(self, *, is_writer: bool) -> None:
        self._held.enter_context(closing(_acquired(self._folder / "lock.db", is_writer=is_writer)))

    def release(self) -> None:
        """Release all locks; during ``as_writer``, as soon as it ends."""
        self._is_released = True
        if not self._turn.locked():
            self._held.close()


@contextmanager
def watching(folder: Path) -> Iterator[None]:
    """Within it, other processes can tell that this one watches folders. Raises IndexInUse or IndexDamaged."""
    with closing(_acquired(folder / "watch.db", is_writer=False)):
        yield


def is_watched_by_another(folder: Path) -> bool:
    """Does another process watch folders for the index in this folder? Raises IndexDamaged."""
    try:
        _acquired(folder / "watch.db", is_writer=True).close()
    except IndexInUse:
        return True
    return False


def _acquired(path: Path, *, is_writer: bool) -> ReadWriteLock:
    try:
        lock = ReadWriteLock(path, is_singleton=False)
        acquire = lock.acquire_write if is_writer else lock.acquire_read
        acquire(timeout=_WAIT_SECONDS)
    except Timeout as error:
        reads = "reads it, as a page or a batch does, and nobody can write meanwhile"
        does = reads if is_writer and path.name == "lock.db" else "adds or removes papers"
        raise IndexInUse(
            f"The index in {path.parent} is in use by another footnote program that {does}: "
            "wait for it or close it, then try again."
        ) from error
    except (OSError, sqlite3.Error, ValueError) as error:
        raise IndexDamaged(
            f"{path} cannot be locked ({error}): make its folder writable, set FOOTNOTE_HOME to another, "
            "or delete the file if it is damaged."
        ) from error
    return lock
