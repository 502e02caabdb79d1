"""Asks saved questions again, for the command line, the page and programs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from assistant.conversations.answer_diff import AnswerDiff
from assistant.conversations.answer_queue import AnswerQueue
from assistant.conversations.saved import SavedQuestion, SavedQuestions
from assistant.errors import FootnoteError, Stopped, StoreError
from assistant.pipeline import AnswerPipeline
from assistant.records import Answer
from assistant.system.progress import Progress, no_progress
from assistant.versions import answer_version

_STOPPED = "The answer was stopped before it was complete: ask again."


@dataclass(frozen=True, slots=True)
class Asker:
    """How saved questions are asked.

    ``ask`` gives the finished answer to one, and raises a FootnoteError; Stopped ends the run. ``version`` is that of
    what answers now; empty while that is changing, so that a question is asked again later.
    """

    ask: Callable[[SavedQuestion], Answer]
    version: Callable[[], str]


@dataclass(frozen=True, slots=True)
class SavedResult:
    """One question of a run. ``problem``: why it could not be answered; its stored answer is then as it was."""

    saved: SavedQuestion
    problem: str = ""

    @property
    def diff(self) -> AnswerDiff | None:
        """What changed since the user last looked; None if nothing did, or if the question could not be answered."""
        return None if self.problem else self.saved.diff


def directly(assistant: AnswerPipeline) -> Asker:
    """Ask an assistant that nobody else uses meanwhile."""

    def ask(one: SavedQuestion) -> Answer:
        *_, answer = assistant.stream(one.question, one.history, None, one.within, one.collection)
        return answer

    return Asker(ask, lambda: current_version(assistant))


def through_queue(queue: AnswerQueue) -> Asker:
    """Ask through the queue, one question at a time, so that a person's question waits for one of them at most."""

    def ask(one: SavedQuestion) -> Answer:
        return queue.answer(one.question, one.history, one.within, one.collection)

    return Asker(ask, lambda: current_version(queue.assistant))


def current_version(assistant: AnswerPipeline) -> str:
    """The version of what answers now; empty while papers are added or removed, and after an ingest that was killed."""
    return answer_version(assistant) if assistant.retriever.index.is_at_rest else ""


def run_saved(
    asker: Asker, saved: SavedQuestions, progress: Progress = no_progress, only: Collection[int] = ()
) -> Iterator[SavedResult]:
    """Ask the saved questions again that could get another answer now, and yield each when it is stored.

    ``only``: the ids of the questions to ask; empty for all. Those whose answer cannot have changed are skipped. So
    are those that another process asks or removes meanwhile. A caller that stops reading ends the run; what was
    yielded is stored. Raises Stopped if an answer is stopped, and StoreError; other errors become a ``problem`` of
    the question.
    """
    ids = [saved_id for saved_id in saved.ids() if not only or saved_id in only]
    for done, saved_id in enumerate(ids):
        progress(done, len(ids))
        one = saved.find(saved_id)
        version = asker.version()
        if one and one.may_have_changed(version) and (result := _asked_again(asker, saved, one, version)):
            yield result
    progress(len(ids), len(ids))


def _asked_again(asker: Asker, saved: SavedQuestions, one: SavedQuestion, version: str) -> SavedResult | None:
    """The result of asking one question; None if it was removed meanwhile."""
    try:
        answer = asker.ask(one)
    except (Stopped, StoreError):
        raise
    except FootnoteError as error:
        return SavedResult(one, str(error))
    if answer.stopped:
        raise Stopped(_STOPPED)
    if answer.failure:
        return SavedResult(one, answer.failure)
    saved.put_answer(one.saved_id, answer, version)
    stored = saved.find(one.saved_id)
    return SavedResult(stored) if stored else None
