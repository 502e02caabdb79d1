"""Conversations kept on disk: every question, its answer with its papers, and what a person thought of it.

One SQLite file, safe to use from several threads and processes. What is deleted is overwritten, for conversations
are private.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from typing import Any
from uuid import uuid4

from assistant.answer_json import answer_from_json, answer_to_json
from assistant.answering.question import Turn, checked_question, clean
from assistant.conversations.schema import connect
from assistant.errors import InputError, StoreError
from assistant.presentation import as_text, body_text
from assistant.records import Answer

_EXCHANGES = "SELECT exchange_id, conversation_id, question, asked, answer, paper_ids, verdict, note FROM exchanges"
_ASK = "INSERT INTO exchanges (exchange_id, conversation_id, question, asked, paper_ids) VALUES (?, ?, ?, ?, ?)"
_ANSWER = "UPDATE exchanges SET answer = ?, answer_text = ?, made_with = ? WHERE exchange_id = ?"
_TOUCH = "UPDATE conversations SET updated = ? WHERE conversation_id = ?"
_TOUCH_OF = """
UPDATE conversations SET updated = ?
WHERE conversation_id = (SELECT conversation_id FROM exchanges WHERE exchange_id = ?)
"""
_FORGET_FROM = """
DELETE FROM exchanges WHERE conversation_id = (SELECT conversation_id FROM exchanges WHERE exchange_id = ?1)
AND number >= (SELECT number FROM exchanges WHERE exchange_id = ?1)
"""
_LIST = """
SELECT conversation_id, title, updated FROM conversations AS listed
WHERE holds(title, :search) OR EXISTS (
    SELECT 1 FROM exchanges WHERE conversation_id = listed.conversation_id
    AND (holds(question, :search) OR holds(answer_text, :search)))
ORDER BY updated DESC, rowid DESC LIMIT :count
"""
_TITLE_CHARACTERS = 80
_REMEMBERED_TURNS = 4
_WRITABLE = "make the file and its folder writable, or set FOOTNOTE_HOME to a folder that is."
_ADVICE = {
    "locked": "another process is writing to it; try again.",
    "full": "make room on its disk and try again.",
    "readonly": _WRITABLE,
    "unable to open": _WRITABLE,
}
_DAMAGED = "restore it from a backup, or move it away and begin without conversations."


@dataclass(frozen=True, slots=True)
class Conversation:
    """A row of the list. ``updated`` is when it was last asked or answered: ISO 8601, UTC."""

    conversation_id: str
    title: str
    updated: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, None when it was never finished. ``asked`` is ISO 8601, UTC.

    ``within``: ids of the papers the question was narrowed to, empty for all. ``verdict``: 1 for a thumb up, -1 for
    a thumb down, 0 for none.
    """

    exchange_id: str
    conversation_id: str
    question: str
    asked: str
    answer: Answer | None = None
    within: tuple[str, ...] = ()
    verdict: int = 0
    note: str = ""


def history_of(earlier: Sequence[Exchange]) -> list[Turn]:
    """What a question is asked with of the exchanges before it: the last four that were answered to the end."""
    finished = [(one.question, one.answer) for one in earlier if one.answer and not one.answer.stopped]
    return [(question, body_text(answer)) for question, answer in finished[-_REMEMBERED_TURNS:]]


class Conversations:
    """All conversations of one file. Every method raises StoreError when the file cannot be read or written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # nobody else may read it; SQLite gives the files beside it the same rights
            self._connection = connect(path)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def add_question(self, question: str, conversation_id: str | None = None, within: Sequence[str] = ()) -> Exchange:
        """Keep a question that is about to be answered, in a new conversation when none is given.

        Raises QuestionError when it cannot be asked, InputError when the conversation was deleted.
        """
        question = checked_question(question)
        now = _now()
        exchange = Exchange(uuid4().hex, conversation_id or uuid4().hex, question, now, within=tuple(within))
        with self._transaction() as connection:
            if not conversation_id:
                named = (exchange.conversation_id, _title_of(question), now)
                connection.execute("INSERT INTO conversations VALUES (?, ?, ?)", named)
            elif not connection.execute(_TOUCH, (now, conversation_id)).rowcount:
                raise InputError("This conversation was deleted: begin a new one.")
            row = (exchange.exchange_id, exchange.conversation_id, question, now, json.dumps(exchange.within))
            connection.execute(_ASK, row)
        return exchange

    def add_answer(self, exchange_id: str, answer: Answer, made_with: Mapping[str, str]) -> None:
        """Keep the answer and the versions that it was made with; nothing when its question was deleted meanwhile."""
        text = as_text(answer).encode("utf-8", "replace").decode("utf-8")  # SQLite takes no broken surrogates
        row = (json.dumps(answer_to_json(answer)), text, json.dumps(dict(made_with)), exchange_id)
        with self._transaction() as connection:
            connection.execute(_ANSWER, row)
            connection.execute(_TOUCH_OF, (_now(), exchange_id))

    def exchanges(self, conversation_id: str) -> list[Exchange]:
        """The exchanges of a conversation, oldest first."""
        rows = self._rows(f"{_EXCHANGES} WHERE conversation_id = ? ORDER BY number", conversation_id)
        return [self._exchange(row) for row in rows]

    def exchange(self, exchange_id: str) -> Exchange | None:
        rows = self._rows(f"{_EXCHANGES} WHERE exchange_id = ?", exchange_id)
        return self._exchange(rows[0]) if rows else None

    def delete_from(self, exchange_id: str) -> None:
        """Delete this exchange and all later ones of its conversation; the conversation stays."""
        self._erase(_FORGET_FROM, exchange_id)

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation with all its exchanges."""
        self._erase("DELETE FROM conversations WHERE conversation_id = ?", conversation_id)

    def rename(self, conversation_id: str, title: str) -> None:
        """Raises InputError for a title without words, and when the conversation was deleted."""
        title = clean(title)
        if not title:
            raise InputError("A title needs a word: type one.")
        if not self._changed("UPDATE conversations SET title = ? WHERE conversation_id = ?", title, conversation_id):
            raise InputError("This conversation was deleted: choose another.")

    def rate(self, exchange_id: str, verdict: int, note: str = "") -> None:
        """Keep what a person thought of an answer; the last verdict holds.

        Raises InputError for a verdict other than 1, -1 and 0, and when there is no such answer.
        """
        if verdict not in (1, -1, 0):
            raise InputError(f"{verdict} is no verdict: use 1, -1, or 0 for none.")
        statement = "UPDATE exchanges SET verdict = ?, note = ? WHERE exchange_id = ? AND answer IS NOT NULL"
        if not self._changed(statement, verdict, note.strip(), exchange_id):
            raise InputError("This answer was never finished, or was deleted: judge another.")

    def rated(self) -> Iterator[tuple[Exchange, list[Exchange], dict[str, str]]]:
        """Every exchange with a verdict, oldest first, the earlier ones of its conversation, what it was made with."""
        select = "SELECT exchange_id, conversation_id, made_with FROM exchanges WHERE verdict != 0 ORDER BY number"
        for exchange_id, conversation_id, made_with in self._rows(select):
            earlier: list[Exchange] = []
            for exchange in self.exchanges(conversation_id):
                if exchange.exchange_id == exchange_id:
                    yield exchange, earlier, json.loads(made_with)
                    break
                earlier.append(exchange)

    def find(self, search: str = "", count: int = 200) -> list[Conversation]:
        """The conversations last asked or answered, newest first.

        ``search``: only those whose title, questions or answers hold this text, in any case.
        """
        values = {"search": search.strip().casefold(), "count": count}
        with self._transaction() as connection:
            return [Conversation(*row) for row in connection.execute(_LIST, values)]

    def title(self, conversation_id: str) -> str:
        """The title of a conversation; empty when it was deleted."""
        rows = self._rows("SELECT title FROM conversations WHERE conversation_id = ?", conversation_id)
        return str(rows[0][0]) if rows else ""

    def _rows(self, select: str, *values: str) -> Sequence[Any]:
        with self._transaction() as connection:
            return connection.execute(select, values).fetchall()

    def _changed(self, statement: str, *values: str | int) -> int:
        """How many rows the statement changed."""
        with self._transaction() as connection:
            return connection.execute(statement, values).rowcount

    def _erase(self, statement: str, row_id: str) -> None:
        self._changed(statement, row_id)
        with self._transaction() as connection:  # the words are also in the log of changes beside the file
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _exchange(self, row: tuple[Any, ...]) -> Exchange:
        exchange_id, conversation_id, question, asked, answer, paper_ids, verdict, note = row
        try:
            return Exchange(
                exchange_id,
                conversation_id,
                question,
                asked,
                answer_from_json(json.loads(answer)) if answer else None,
                tuple(json.loads(paper_ids)),
                verdict,
                note,
            )
        except (ValueError, InputError) as error:
            raise StoreError(f"{self._path} holds an answer that cannot be read: delete its conversation.") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time; all that is done with it is kept, or nothing."""
        with self._lock, self._translated(), self._connection:
            yield self._connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.DatabaseError) as error:
            advice = next((advice for sign, advice in _ADVICE.items() if sign in str(error)), _DAMAGED)
            raise StoreError(f"{self._path} cannot be used ({error}): {advice}") from error
        except UnicodeEncodeError as error:
            raise InputError("The text holds characters that cannot be stored: type it again.") from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _title_of(question: str) -> str:
    """Its first words; of a word too long for a title, the first characters."""
    title = shorten(question, _TITLE_CHARACTERS, placeholder="…", break_on_hyphens=False)
    return title if title != "…" else f"{question[: _TITLE_CHARACTERS - 1]}…"
