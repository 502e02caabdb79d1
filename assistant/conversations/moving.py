"""Copies all conversations to a file, and adds those of such a file, with their ratings, notes and saved questions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from assistant.answer_json import answer_from_json
from assistant.conversations.store import Conversations
from assistant.errors import InputError

_COUNTED = ("conversations", "exchanges")
_ANSWERS = frozenset({"answer", "seen_answer"})  # columns of answers as JSON, or NULL
_JSON: Mapping[str, type] = {"paper_ids": list, "history": list, "made_with": dict}  # columns of JSON values
_KINDS: Mapping[str, type] = {"TEXT": str, "INTEGER": int}
_LATER = "UPDATE conversations SET updated = ?1 WHERE conversation_id = ?2 AND updated < ?1"


class MovedConversations(Conversations):
    """The conversations of a home. Methods raise StoreError when its file cannot be used."""

    def copy_to(self, path: Path) -> dict[str, int]:
        """Copy all tables, without what was deleted, to a new file; gives how many rows the main ones have."""
        path.unlink(missing_ok=True)
        with self._lock, self._translated():
            self._connection.execute("VACUUM INTO ?", [str(path)])
            with closing(sqlite3.connect(path)) as copy:
                return {name: copy.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in _COUNTED}  # noqa: S608

    def add_from(self, path: Path) -> dict[str, int]:
        """Add what a copy has and this file does not, all or nothing; gives how many rows were added to each table.

        What is here already stays as it is. The copy may come from anybody: raises InputError if it is not one.
        """
        added: dict[str, int] = {}
        with closing(_Copy(path)) as copy, self._transaction() as connection:
            if copy.version > connection.execute("PRAGMA user_version").fetchone()[0]:
                raise InputError("The conversations were written by a later version of Footnote: update this one.")
            for name, columns in _tables(connection).items():
                shared = [column for column in columns if column in copy.columns(name)]
                before = connection.total_changes
                if shared:
                    insert = (
                        f"INSERT OR IGNORE INTO {name} ({', '.join(shared)}) VALUES ({', '.join('?' * len(shared))})"  # noqa: S608
                    )
                    rows = copy.rows(name, {column: columns[column] for column in shared})
                    connection.executemany(insert, rows)
                added[name] = connection.total_changes - before
            if added["exchanges"]:
                connection.executemany(_LATER, copy.last_changes())
        return added


def copy_conversations(file: Path, path: Path) -> dict[str, int]:
    """As ``MovedConversations.copy_to``, of the conversations in ``file``."""
    with closing(MovedConversations(file)) as conversations:
        return conversations.copy_to(path)


def add_conversations(file: Path, path: Path) -> dict[str, int]:
    """As ``MovedConversations.add_from``, to the conversations in ``file``."""
    with closing(MovedConversations(file)) as conversations:
        return conversations.add_from(path)


class _Copy:
    """A copy of conversations of unknown origin. Methods raise InputError for what cannot be read."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._connection.close()

    @property
    def version(self) -> int:
        (version,) = next(self._select("PRAGMA user_version"))
        return int(version)

    def columns(self, table: str) -> set[str]:
        return {row[1] for row in self._select(f"PRAGMA table_info({table})")}

    def rows(self, table: str, columns: Mapping[str, str]) -> Iterator[Sequence[Any]]:
        """The checked values of columns, given with their types."""
        known = "WHERE conversation_id IN (SELECT conversation_id FROM conversations)" if table == "exchanges" else ""
        for row in self._select(f"SELECT {', '.join(columns)} FROM {table} {known} ORDER BY rowid"):  # noqa: S608
            for (name, kind), value in zip(columns.items(), row, strict=True):
                _check_value(name, kind, value)
            yield row

    def last_changes(self) -> Iterator[Sequence[Any]]:
        """When each conversation was last changed, and its id."""
        yield from self._select("SELECT updated, conversation_id FROM conversations")

    def _check(self) -> None:
        """A view or a trigger could run whatever its author wrote."""
        for pragma in ("trusted_schema = OFF", "query_only = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        kinds = dict(self._select("SELECT name, type FROM sqlite_master"))
        if not {*kinds.values()} <= {"table", "index"} or not {*_COUNTED} <= {*kinds}:
            raise _damaged("its tables are not those of conversations")

    def _select(self, select: str) -> Iterator[Any]:
        with _translated():
            yield from self._connection.execute(select)


def _tables(connection: sqlite3.Connection) -> dict[str, dict[str, str]]:
    """The columns of all tables and their types, without the numbers that SQLite gives to rows.

    In the order in which they were made, so that a row comes after the one that it refers to.
    """
    select = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    tables = [name for (name,) in connection.execute(select).fetchall()]
    return {
        table: {
            name: kind
            for _, name, kind, _, _, key in connection.execute(f"PRAGMA table_info({table})").fetchall()
            if not (key and kind == "INTEGER")
        }
        for table in tables
    }


def _check_value(column: str, kind: str, value: object) -> None:
    if value is None and column in _ANSWERS:
        return
    if not isinstance(value, _KINDS.get(kind, object)):
        raise _damaged(f"a value of {column} is {type(value).__name__}")
    if column in _ANSWERS or column in _JSON:
        try:
            values = json.loads(str(value))
        except (ValueError, RecursionError) as error:
            raise _damaged(f"{column} is not JSON") from error
        if column in _ANSWERS:
            _check_answer(values)
        elif not isinstance(values, _JSON[column]):
            raise _damaged(f"{column} is {type(values).__name__}")


def _check_answer(values: object) -> None:
    try:
        answer_from_json(values)
    except InputError as error:
        raise _damaged(error) from error


def _damaged(reason: object) -> InputError:
    return InputError(f"The conversations of the archive are damaged ({reason}): export them again.")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, UnicodeError) as error:
        raise _damaged(error) from error
