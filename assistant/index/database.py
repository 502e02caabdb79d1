"""Opens the SQLite file of an index, runs transactions on it, and translates its errors."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.errors import IndexDamaged, IndexInUse, IndexMismatch
from assistant.index.schema import VERSION, WITHOUT_NOTICES, create_tables, tables_missing_in
from assistant.system.batching import batched

_ADVICE = "Restore the file from a backup, or move it away and ingest your papers again."
_IDS_PER_QUERY = 500  # SQLite allows 999 variables in older builds
_WAIT_SECONDS = 30.0  # for another connection to finish its transaction; they take milliseconds


class Database:
    """One connection. Safe to read from several threads; threads that write wait for each other."""

    def __init__(self, path: Path, *, is_writable: bool) -> None:
        """``is_writable``: tables are created, or migrated from an earlier version.

        Raises IndexDamaged, as all methods do, or IndexMismatch for tables of another version.
        """
        self.path = path
        self._turn = threading.RLock()
        # Reads take turns: while reads of one connection overlap, SQLite lets no other connection commit.
        self._reading = threading.Lock()
        with translated(path):
            uri = f"{path.absolute().as_uri()}?mode={'rwc' if is_writable else 'rw'}"
            self.connection = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=_WAIT_SECONDS)
            try:
                if not is_writable and WITHOUT_NOTICES <= self._version < VERSION:
                    for table in tables_missing_in(self._version):
                        self.connection.execute(f"CREATE TEMP {table}")
                if not is_writable:  # not opened as read-only: an interrupted transaction may have to be rolled back
                    self.connection.execute("PRAGMA query_only = ON")
                if is_writable and self._version < VERSION:
                    create_tables(self.connection)
                self.connection.execute("SELECT COUNT(*) FROM papers").fetchone()
                self._check_version()
            except BaseException:
                self.connection.close()
                raise

    def close(self) -> None:
        self.connection.close()

    def rows(self, select: str, values: Sequence[Any] = ()) -> list[Any]:
        with translated(self.path), self._reading:
            return self.connection.execute(select, values).fetchall()

    def rows_of(self, select: str, values: Iterable[Any]) -> list[Any]:
        """The rows of a statement that ends in ``IN``, for distinct values, in as many queries as SQLite needs."""
        return [row for batch in batches(values) for row in self.rows(f"{select} {marks(batch)}", batch)]

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction; within another one, a part of that."""
        with self._turn, translated(self.path):
            if self.connection.in_transaction:
                yield self.connection
                return
            with self.connection:
                self.connection.execute("BEGIN IMMEDIATE")
                yield self.connection

    @property
    def is_current(self) -> bool:
        """Are the tables of this version? Those of some earlier ones can be read, but lack the vectors."""
        return self._version == VERSION

    @property
    def _version(self) -> int:
        version: int = self.connection.execute("PRAGMA user_version").fetchone()[0]
        return version

    def _check_version(self) -> None:
        if self._version < WITHOUT_NOTICES:
            raise IndexMismatch(
                f"{self.path} was made by an earlier version of Footnote: run `footnote ingest` again with any of "
                "your files, which updates it, or run `footnote index rebuild`."
            )
        if self._version > VERSION:
            raise IndexMismatch(f"{self.path} was made by a later version of Footnote: update this one.")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Translates the errors of SQLite about this file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "readonly" in str(error) or "unable to open" in str(error):
            raise IndexDamaged(
                f"{path} cannot be opened for writing ({error}): make its folder writable, "
                "or set FOOTNOTE_HOME to a folder that is."
            ) from error
        if "locked" in str(error):
            raise IndexInUse(f"{path} is in use by another program: close it, then try again.") from error
        raise IndexDamaged(f"{path} cannot be read ({error}). {_ADVICE}") from error
    except sqlite3.DatabaseError as error:
        raise IndexDamaged(f"{path} is damaged ({error}). {_ADVICE}") from error


def batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Distinct values, in batches of the size that one query takes."""
    return batched(dict.fromkeys(values), _IDS_PER_QUERY)


def marks(values: Sequence[Any]) -> str:
    return f"({','.join('?' * len(values))})"  # question marks only: the values are bound, not spliced in
