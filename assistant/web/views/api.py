"""What programs can ask of a running page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assistant.batch import checked_history
from assistant.conversations.answer_queue import AnswerQueue
from assistant.conversations.store import REMEMBERED_TURNS
from assistant.errors import QuestionError
from assistant.presentation import as_json
from assistant.web.views import Data


@dataclass(frozen=True, slots=True)
class ApiViews:
    queue: AnswerQueue

    def ask(self, question: Any, history: Any) -> Data:
        """The answer as ``footnote ask --json`` prints it. Nothing is stored in the conversations.

        ``history`` holds pairs of question and answer, oldest first, of which the last four are used, as on the page.
        A program can send any JSON for both. Raises a FootnoteError, for a value of another type too.
        """
        if not isinstance(question, str):
            raise QuestionError("The question is not text: give one string.")
        return as_json(self.queue.answer(question, checked_history(history)[-REMEMBERED_TURNS:]))
