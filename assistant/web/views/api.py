"""What programs can ask of a running page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.batch import checked_history
from assistant.conversations.answer_queue import AnswerQueue
from assistant.conversations.store import REMEMBERED_TURNS
from assistant.presentation import as_json
from assistant.web.views import Data


@dataclass(frozen=True, slots=True)
class ApiViews:
    queue: AnswerQueue

    def ask(self, question: str, history: Sequence[Sequence[str]]) -> Data:
        """The answer as ``footnote ask --json`` prints it. Nothing is stored in the conversations.

        ``history`` holds pairs of question and answer, oldest first, of which the last four are used, as on the page.
        Raises a FootnoteError.
        """
        return as_json(self.queue.answer(question, checked_history(history)[-REMEMBERED_TURNS:]))
