"""The file of conversations and saved questions, ``conversations.sqlite``: what every class that stores in it shares.

One SQLite file, which several threads and processes may use at once. Deleted text is overwritten, because questions
and answers are private.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from assistant.answer_json import answer_from_json, answer_to_json
from assistant.conversations.schema import connect
from assistant.errors import InputError, StoreError
from assistant.records import Answer

_WRITABLE = "make the file and its folder writable, or set FOOTNOTE_HOME to a folder that is."
_ADVICE = {
    "locked": "another process is writing to it; try again.",
    "full": "free space on its disk and try again.",
    "readonly": _WRITABLE,
    "unable to open": _WRITABLE,
}
_DAMAGED = "restore it from a backup, or move it to another folder and start without conversations."


class ConversationsFile:
    """A connection to the file. Every method raises StoreError if the file cannot be read or written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # for its owner only; SQLite gives its log files the same mode
            self._connection = connect(path)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time, in a transaction."""
        with self._lock, self._translated(), self._connection:
            yield self._connection

    def _rows(self, select: str, *values: str | int) -> Sequence[Any]:
        with self._transaction() as connection:
            return connection.execute(select, values).fetchall()

    def _changed(self, statement: str, *values: str | int) -> int:
        """How many rows the statement changed."""
        with self._transaction() as connection:
            return connection.execute(statement, values).rowcount

    def _erase(self, statement: str, row_id: str | int) -> int:
        """Delete rows and their text, also in the write-ahead log; gives how many rows were deleted."""
        count = self._changed(statement, row_id)
        with self._transaction() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return count

    @contextmanager
    def _reading(self, remedy: str) -> Iterator[None]:
        """Within it, a value that cannot be read raises StoreError. ``remedy``: what the user can do then."""
        try:
            yield
        except (ValueError, InputError) as error:
            raise StoreError(f"{self._path} contains an answer that cannot be read: {remedy}.") from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.DatabaseError) as error:
            advice = next((advice for sign, advice in _ADVICE.items() if sign in str(error)), _DAMAGED)
            raise StoreError(f"{self._path} cannot be used ({error}): {advice}") from error
        except UnicodeEncodeError as error:
            raise InputError("The text contains characters that cannot be stored: type it again.") from error


def answer_to_column(answer: Answer) -> str:
    return json.dumps(answer_to_json(answer))


def answer_from_column(text: str | None) -> Answer | None:
    """The answer, None if there is none. Raises ValueError or InputError if the text cannot be read."""
    return answer_from_json(json.loads(text)) if text else None


def now() -> str:
    """The time, as ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
