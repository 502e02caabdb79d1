"""The tables of ``conversations.sqlite``, their version, and the migrations from earlier versions."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from assistant.errors import StoreError

_MIGRATIONS = (
    (  # from version 0: an empty file, or a file of these tables from before they had a version
        """CREATE TABLE IF NOT EXISTS conversations (
            conversation_id TEXT PRIMARY KEY, title TEXT NOT NULL, updated TEXT NOT NULL)""",
        # ``answer`` is long and therefore last: a search does not have to read it.
        """CREATE TABLE IF NOT EXISTS exchanges (
            number INTEGER PRIMARY KEY, exchange_id TEXT NOT NULL UNIQUE,
            conversation_id TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
            question TEXT NOT NULL, asked TEXT NOT NULL, paper_ids TEXT NOT NULL,
            verdict INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '', made_with TEXT NOT NULL DEFAULT '{}',
            answer_text TEXT NOT NULL DEFAULT '', answer TEXT)""",
        "CREATE INDEX IF NOT EXISTS exchanges_in_order ON exchanges (conversation_id, number)",
    ),
    (  # from version 1: no saved questions
        # ``AUTOINCREMENT``: a number that a user noted never comes to mean another question.
        # ``seen_answer``: the last answer that the user has seen, if a later one differs from it.
        """CREATE TABLE saved_questions (
            saved_id INTEGER PRIMARY KEY AUTOINCREMENT, question TEXT NOT NULL, history TEXT NOT NULL,
            paper_ids TEXT NOT NULL, collection TEXT NOT NULL, saved TEXT NOT NULL, answered TEXT NOT NULL DEFAULT '',
            version TEXT NOT NULL DEFAULT '', answer TEXT, seen_answer TEXT,
            UNIQUE (question, history, paper_ids, collection))""",
    ),
    (  # from version 2: no collections
        "ALTER TABLE exchanges ADD COLUMN collection TEXT NOT NULL DEFAULT ''",
    ),
)
"""The statements that bring the tables from each version (``PRAGMA user_version``) to the next one."""
_VERSION = len(_MIGRATIONS)
_SECONDS_TO_WAIT = 10  # for another process that is writing


def connect(path: Path) -> sqlite3.Connection:
    """A connection to tables of this version. Raises StoreError for a later version, and then changes nothing."""
    connection = sqlite3.connect(path, timeout=_SECONDS_TO_WAIT, check_same_thread=False)
    try:
        if _version_of(connection) > _VERSION:
            raise StoreError(
                f"{path} was written by a later version of Footnote: install that version, or set FOOTNOTE_HOME to "
                "another folder."
            )
        connection.create_function("contains", 2, _contains, deterministic=True)
        _write_ahead(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        if _version_of(connection) < _VERSION:
            _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _version_of(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, with which reading and writing do not wait for each other."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        # SQLite does not wait here: another process is opening the new file too, and makes the same change.


def _migrate(connection: sqlite3.Connection) -> None:
    """Run all missing migrations in one transaction; another process may have run them first."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for statements in _MIGRATIONS[_version_of(connection) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _contains(text: str, search: str) -> bool:
    return search in text.casefold()
