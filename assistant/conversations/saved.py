"""Stores saved questions: each with its answer, and the answer that the user has last seen if that was another one."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answering.question import Turn, checked_question
from assistant.conversations.answer_diff import AnswerDiff, diff_of
from assistant.conversations.file import ConversationsFile, answer_from_column, answer_to_column, now
from assistant.errors import NotFound
from assistant.records import Answer

_SELECT = """
SELECT saved_id, question, history, paper_ids, collection, saved, answered, version, answer, seen_answer
FROM saved_questions
"""
_SAME = """
SELECT saved_id FROM saved_questions WHERE question = ? AND history = ? AND paper_ids = ? AND collection = ?
"""
_SAVE = """
INSERT INTO saved_questions (question, history, paper_ids, collection, saved) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
_ANSWER = "UPDATE saved_questions SET answered = ?, version = ?, answer = ?, seen_answer = ? WHERE saved_id = ?"
_SEEN = "UPDATE saved_questions SET seen_answer = NULL WHERE saved_id = ? AND answered = ?"
_OUTDATED = "SELECT count(*) FROM saved_questions WHERE version = '' OR version != ?"
_ROW_IDS = 2**63  # SQLite's own limit


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """A question that is asked again when papers were added. Times are ISO 8601, UTC; ``answered`` is empty at first.

    ``history``: what was said before, if the question is a follow-up. ``within``: the ids of the papers to which it
    was limited; empty for all papers. ``collection``: the name of the collection to which it was limited, empty for
    all. ``version``: of what made the answer; empty if that was changing. ``seen``: the last answer that the user has
    seen, if a later one differs from it.
    """

    saved_id: int
    question: str
    history: tuple[Turn, ...] = ()
    within: tuple[str, ...] = ()
    collection: str = ""
    saved: str = ""
    answered: str = ""
    version: str = ""
    answer: Answer | None = None
    seen: Answer | None = None

    @property
    def diff(self) -> AnswerDiff | None:
        """What changed since the user last looked; None if nothing did."""
        return (diff_of(self.seen, self.answer) or None) if self.seen and self.answer else None

    def may_have_changed(self, version: str) -> bool:
        """Could it get another answer now, from what has this version?"""
        return not version or self.version != version


class SavedQuestions(ConversationsFile):
    """All saved questions of one file. Every method raises StoreError if the file cannot be read or written."""

    def add(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        within: Collection[str] = (),
        collection: str = "",
        answer: Answer | None = None,
        version: str = "",
    ) -> SavedQuestion:
        """Save a question, with its answer if there is one; a question that is saved already keeps its own answer.

        Raises QuestionError for a question that cannot be asked.
        """
        turns = [list(turn) for turn in history]
        key = (checked_question(question), json.dumps(turns), json.dumps(sorted(set(within))), collection)
        with self._transaction() as connection:
            connection.execute(_SAVE, (*key, now()))
            saved_id: int = connection.execute(_SAME, key).fetchone()[0]
        one = self.get(saved_id)
        if answer and one.answer is None and self.put_answer(saved_id, answer, version):
            return self.get(saved_id)
        return one

    def all(self) -> list[SavedQuestion]:
        """All saved questions, the oldest first."""
        return [self._saved(row) for row in self._rows(f"{_SELECT} ORDER BY saved_id")]

    def ids(self) -> list[int]:
        """The ids of all saved questions, the oldest first."""
        return [row[0] for row in self._rows("SELECT saved_id FROM saved_questions ORDER BY saved_id")]

    def get(self, saved_id: int) -> SavedQuestion:
        """Raises NotFound if there is none with this id."""
        if found := self.find(saved_id):
            return found
        raise NotFound(f"No saved question has the id {saved_id}: `footnote saved list` lists them.")

    def find(self, saved_id: int) -> SavedQuestion | None:
        """The question with this id, None if there is none."""
        rows = self._rows(f"{_SELECT} WHERE saved_id = ?", _row_id(saved_id))
        return self._saved(rows[0]) if rows else None

    def put_answer(self, saved_id: int, answer: Answer, version: str) -> bool:
        """Store a newer answer, and keep the one that the user has seen until ``mark_seen`` if they differ.

        Gives whether it was stored. It is not if the question was removed, or if the answer is not complete: if it
        was stopped, or if quotations replace what a model that failed did not write.
        """
        if answer.stage != "done" or answer.stopped or answer.failure:
            return False
        with self._transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")  # what is read here must still be there when it is replaced
            rows = connection.execute(f"{_SELECT} WHERE saved_id = ?", (saved_id,)).fetchall()
            if not rows:
                return False
            old = self._saved(rows[0])
            seen = old.seen or old.answer
            kept = answer_to_column(seen) if seen and diff_of(seen, answer) else None
            connection.execute(_ANSWER, (now(), version, answer_to_column(answer), kept, saved_id))
        return True

    def mark_seen(self, saved_id: int, answered: str) -> bool:
        """The user has seen what changed up to the answer of this time; gives whether that is still the last one."""
        return bool(self._changed(_SEEN, _row_id(saved_id), answered))

    def remove(self, saved_id: int) -> None:
        """Raises NotFound if there is none with this id."""
        if not self._erase("DELETE FROM saved_questions WHERE saved_id = ?", _row_id(saved_id)):
            raise NotFound(f"No saved question has the id {saved_id}: it may have been removed already.")

    def count_outdated(self, version: str) -> int:
        """How many questions could get another answer now, from what has this version; all if it is empty."""
        with self._transaction() as connection:
            count: int = connection.execute(_OUTDATED, (version,)).fetchone()[0]
        return count

    def _saved(self, row: Any) -> SavedQuestion:
        saved_id, question, history, paper_ids, collection, saved, answered, version, answer, seen = row
        with self._reading(f"run `footnote saved remove {saved_id}`"):
            return SavedQuestion(
                saved_id,
                question,
                tuple((asked, said) for asked, said in json.loads(history)),
                tuple(json.loads(paper_ids)),
                collection,
                saved,
                answered,
                version,
                answer_from_column(answer),
                answer_from_column(seen),
            )


def _row_id(saved_id: int) -> int:
    """The id as SQLite can take it; 0, which no row has, for one that is out of its range."""
    return saved_id if 0 < saved_id < _ROW_IDS else 0
