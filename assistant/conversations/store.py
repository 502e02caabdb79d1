"""Stores conversations on disk: every question, its answer with its papers, and how a user rated it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any
from uuid import uuid4

from assistant.answering.question import Turn, checked_question, clean
from assistant.conversations.file import ConversationsFile, answer_from_column, answer_to_column, now
from assistant.errors import InputError
from assistant.presentation import as_text, body_text
from assistant.records import Answer

_EXCHANGES = """
SELECT exchange_id, conversation_id, question, asked, answer, paper_ids, collection, verdict, note FROM exchanges
"""
_ASK = """
INSERT INTO exchanges (exchange_id, conversation_id, question, asked, paper_ids, collection) VALUES (?, ?, ?, ?, ?, ?)
"""
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
WHERE contains(title, :search) OR EXISTS (
    SELECT 1 FROM exchanges WHERE conversation_id = listed.conversation_id
    AND (contains(question, :search) OR contains(answer_text, :search)))
ORDER BY updated DESC, rowid DESC LIMIT :count
"""
_TITLE_CHARACTERS = 80
REMEMBERED_TURNS = 4


@dataclass(frozen=True, slots=True)
class Conversation:
    """An entry of the list of conversations. ``updated``: the time of the last question or answer, ISO 8601, UTC."""

    conversation_id: str
    title: str
    updated: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, which is None if it was never finished. ``asked``: ISO 8601, UTC.

    ``within``: the ids of the papers to which the question was limited; empty for all papers. ``collection``: the
    collection to which it was limited; empty for all. ``rating``: 1 means
    good, -1 bad, 0 no rating; stored in the column ``verdict``.
    """

    exchange_id: str
    conversation_id: str
    question: str
    asked: str
    answer: Answer | None = None
    within: tuple[str, ...] = ()
    collection: str = ""
    rating: int = 0
    note: str = ""


def history_of(earlier: Sequence[Exchange]) -> list[Turn]:
    """The turns that a new question is asked with: those of the last four exchanges with a complete answer."""
    finished = [(one.question, one.answer) for one in earlier if one.answer and not one.answer.stopped]
    return [(question, body_text(answer)) for question, answer in finished[-REMEMBERED_TURNS:]]


class Conversations(ConversationsFile):
    """All conversations of one file. Every method raises StoreError if the file cannot be read or written."""

    def add_question(
        self, question: str, conversation_id: str | None = None, within: Sequence[str] = (), collection: str = ""
    ) -> Exchange:
        """Store a question that will be answered next, in a new conversation if none is given.

        Raises QuestionError if it cannot be asked, InputError if the conversation was deleted.
        """
        question = checked_question(question)
        asked = now()
        ids = uuid4().hex, conversation_id or uuid4().hex
        exchange = Exchange(*ids, question, asked, within=tuple(within), collection=collection)
        with self._transaction() as connection:
            if not conversation_id:
                named = (exchange.conversation_id, _title_of(question), asked)
                connection.execute("INSERT INTO conversations VALUES (?, ?, ?)", named)
            elif not connection.execute(_TOUCH, (asked, conversation_id)).rowcount:
                raise InputError("This conversation was deleted: start a new one.")
            row = (*ids, question, asked, json.dumps(exchange.within), collection)
            connection.execute(_ASK, row)
        return exchange

    def add_answer(self, exchange_id: str, answer: Answer, made_with: Mapping[str, str]) -> None:
        """Store the answer and the versions of what produced it; does nothing if its question was deleted."""
        text = as_text(answer).encode("utf-8", "replace").decode("utf-8")  # SQLite refuses lone surrogates
        row = (answer_to_column(answer), text, json.dumps(dict(made_with)), exchange_id)
        with self._transaction() as connection:
            connection.execute(_ANSWER, row)
            connection.execute(_TOUCH_OF, (now(), exchange_id))

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
        """Raises InputError for a title without words, and if the conversation was deleted."""
        title = clean(title)
        if not title:
            raise InputError("The title is empty: type at least one word.")
        if not self._changed("UPDATE conversations SET title = ? WHERE conversation_id = ?", title, conversation_id):
            raise InputError("This conversation was deleted: choose another.")

    def rate(self, exchange_id: str, rating: int, note: str = "") -> None:
        """Store a user's rating of an answer, in place of an earlier one.

        Raises InputError for a rating other than 1, -1 and 0, and if there is no such answer.
        """
        if rating not in (1, -1, 0):
            raise InputError(f"The rating must be 1, -1 or 0, not {rating}.")
        statement = "UPDATE exchanges SET verdict = ?, note = ? WHERE exchange_id = ? AND answer IS NOT NULL"
        if not self._changed(statement, rating, note.strip(), exchange_id):
            raise InputError("This answer was never finished, or was deleted: rate another one.")

    def made_with(self, exchange_id: str) -> dict[str, str]:
        """The versions that were stored with an answer; none if it was never finished, or was deleted."""
        rows = self._rows("SELECT made_with FROM exchanges WHERE exchange_id = ?", exchange_id)
        return dict(json.loads(rows[0][0])) if rows else {}

    def rated(self) -> Iterator[tuple[Exchange, list[Exchange], dict[str, str]]]:
        """Every exchange with a rating, oldest first, with the earlier ones of its conversation and its versions."""
        select = "SELECT exchange_id, conversation_id, made_with FROM exchanges WHERE verdict != 0 ORDER BY number"
        for exchange_id, conversation_id, made_with in self._rows(select):
            earlier: list[Exchange] = []
            for exchange in self.exchanges(conversation_id):
                if exchange.exchange_id == exchange_id:
                    yield exchange, earlier, json.loads(made_with)
                    break
                earlier.append(exchange)

    def find(self, search: str = "", count: int = 200) -> list[Conversation]:
        """The conversations with the latest questions or answers, newest first.

        ``search``: only those whose title, questions or answers contain this text, in any case.
        """
        values = {"search": search.strip().casefold(), "count": count}
        with self._transaction() as connection:
            return [Conversation(*row) for row in connection.execute(_LIST, values)]

    def title(self, conversation_id: str) -> str:
        """The title of a conversation; empty if it was deleted."""
        rows = self._rows("SELECT title FROM conversations WHERE conversation_id = ?", conversation_id)
        return str(rows[0][0]) if rows else ""

    def _exchange(self, row: tuple[Any, ...]) -> Exchange:
        exchange_id, conversation_id, question, asked, answer, paper_ids, collection, rating, note = row
        with self._reading("delete its conversation"):
            return Exchange(
                exchange_id,
                conversation_id,
                question,
                asked,
                answer_from_column(answer),
                tuple(json.loads(paper_ids)),
                collection,
                rating,
                note,
            )


def _title_of(question: str) -> str:
    """The first words of the question; if the first word is too long for a title, its first characters."""
    title = shorten(question, _TITLE_CHARACTERS, placeholder="…", break_on_hyphens=False)
    return title if title != "…" else f"{question[: _TITLE_CHARACTERS - 1]}…"
