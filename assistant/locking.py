"""Many readers or one writer: an advisory lock on the index folder, released by the system when a process ends."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from filelock import ReadWriteLock, Timeout

from assistant.errors import IndexDamaged, IndexInUse

_PATIENCE_SECONDS = 0.5


class IndexLock:
    """Held from construction until ``release``.

    Raises IndexInUse when another process writes (or, for a writer, reads), and IndexDamaged when the folder cannot
    be written.
    """

    def __init__(self, folder: Path, *, is_writer: bool) -> None:
        path = folder / "lock.db"
        try:
            self._lock = ReadWriteLock(path, is_singleton=False)
            acquire = self._lock.acquire_write if is_writer else self._lock.acquire_read
            acquire(timeout=_PATIENCE_SECONDS)
        except Timeout as error:
            other = "a page, a batch or an ingest" if is_writer else "an ingest"
            raise IndexInUse(
                f"The index in {folder} is in use by another footnote program ({other}): "
                "wait for it or close it, then try again."
            ) from error
        except (OSError, sqlite3.Error, ValueError) as error:
            raise IndexDamaged(
                f"{path} cannot be locked ({error}): make its folder writable, set FOOTNOTE_HOME to another, "
                "or delete the file if it is damaged."
            ) from error

    def release(self) -> None:
        self._lock.close()
