"""Many readers or one writer: advisory locks on the index folder, released by the system when a process ends.

Readers share ``lock.db``; a writer has it alone, and ``writer.db`` besides. So a reader can become the writer, or
the writer a reader, and no other writer comes between. Who finds a writer there may read a copy of the vectors, which
is made between two changes of them: ``changes.db``.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

from filelock import ReadWriteLock, Timeout

from assistant.errors import IndexDamaged, IndexInUse

_PATIENCE_SECONDS = 0.5
_CHANGE_SECONDS = 60.0  # one change of the vectors, or a copy of them all, takes less


class IndexLock:
    """Held from construction until ``release``.

    Raises IndexInUse when another process writes (or, for a writer, reads), and IndexDamaged when the folder cannot
    be written.
    """

    def __init__(self, folder: Path, *, is_writer: bool) -> None:
        self._folder = folder
        self._turn = threading.Lock()  # of the threads of this process to write
        self._is_wanted = True
        with ExitStack() as held:
            if is_writer:
                held.enter_context(closing(_taken(folder / "writer.db", is_writer=True)))
            held.enter_context(closing(_taken(folder / "lock.db", is_writer=is_writer)))
            self._held = held.pop_all()

    @property
    def is_writing(self) -> bool:
        """Does a thread of this process write by ``as_writer``?"""
        return self._turn.locked()

    @contextmanager
    def as_writer(self) -> Iterator[None]:
        """Hold a reader's lock as the writer for a while, then as a reader again.

        Raises IndexInUse when another thread or process writes, or another process reads; it is a reader's still.
        """
        if not self._turn.acquire(blocking=False):
            raise IndexInUse("Papers are being added or removed already: wait until that is done, then try again.")
        try:
            with closing(_taken(self._folder / "writer.db", is_writer=True)):
                self._exchange(is_writer=True)
                try:
                    yield
                finally:
                    self._exchange(is_writer=False)
        finally:
            self._turn.release()
            if not self._is_wanted:
                self._held.close()

    def _exchange(self, *, is_writer: bool) -> None:
        """Let go of ``lock.db`` and take it otherwise, or where that fails, as a reader."""
        self._held.close()
        try:
            self._hold(is_writer=is_writer)
        except (IndexInUse, IndexDamaged):
            self._hold(is_writer=False)
            raise

    def _hold(self, *, is_writer: bool) -> None:
        self._held.enter_context(closing(_taken(self._folder / "lock.db", is_writer=is_writer)))

    def release(self) -> None:
        """Let go; while ``as_writer`` is under way, as soon as it ends."""
        self._is_wanted = False
        if not self._turn.locked():
            self._held.close()


class NoLock:
    """Of who reads a copy of the vectors while another program writes: it holds nothing, and may not write."""

    is_writing = True  # somebody does, or did when this was made

    def as_writer(self) -> AbstractContextManager[None]:
        raise IndexInUse(
            "Another footnote program was adding or removing papers when this one was started, which therefore only "
            "reads: start it again to add or remove papers here."
        )

    def release(self) -> None:
        pass


@contextmanager
def between_changes(folder: Path, *, is_writer: bool = False) -> Iterator[None]:
    """While the vectors are changed, by a writer, or read by who copies them. Raises as ``IndexLock`` does."""
    with closing(_taken(folder / "changes.db", is_writer=is_writer, patience_seconds=_CHANGE_SECONDS)):
        yield


def _taken(path: Path, *, is_writer: bool, patience_seconds: float = _PATIENCE_SECONDS) -> ReadWriteLock:
    try:
        lock = ReadWriteLock(path, is_singleton=False)
        acquire = lock.acquire_write if is_writer else lock.acquire_read
        acquire(timeout=patience_seconds)
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
