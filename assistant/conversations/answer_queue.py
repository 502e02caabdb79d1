"""A queue that answers the questions of many browser tabs one after the other, and stores the answers.

There is one model, which answers one question at a time. A thread of the queue's own answers, whether or not a tab is
open: a tab that was closed finds its answer in the conversation when it is opened again.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import Any, TypeVar

from assistant.answering.question import Turn, checked_question
from assistant.conversations.store import Conversations, Exchange, history_of
from assistant.errors import FAULT, FootnoteError, Stopped
from assistant.pipeline import AnswerPipeline
from assistant.records import Answer

T = TypeVar("T")
CLOSED = "Footnote was closed before this question was answered: start it and ask again."
_FAULT = f"{FAULT} Ask again, or ask another question."
_log = logging.getLogger(__name__)
_LONGEST_WAIT_SECONDS = 1.0  # the longest time between two checks whether an answer has changed


@dataclass
class Task:
    """A question in the queue: waiting while ``answer`` is None, then being answered, then done or failed."""

    exchange: Exchange
    answer: Answer | None = None
    problem: str = ""
    is_done: bool = False
    history: Sequence[Turn] | None = None
    """What was said before, when the question belongs to no conversation; nothing of such a question is stored."""
    stop: threading.Event = field(default_factory=threading.Event)
    future: Future[None] = field(default_factory=Future)
    """Done when the task is; raises what the pipeline raised."""
    version: int = 0
    """The number of changes so far, by which ``follow`` notices a new one."""


@dataclass
class AnswerQueue:
    """Takes questions, answers them in the order of arrival, and stores the answers. Must be closed."""

    assistant: AnswerPipeline
    conversations: Conversations
    made_with: Callable[[], dict[str, str]] = dict
    """The versions of model, index and program to store with an answer."""

    def __post_init__(self) -> None:
        self._unfinished: list[Task] = []
        self._calls: set[Future[Any]] = set()
        self.problems: dict[str, str] = {}  # id of an exchange to the reason why it failed; lost when the program ends
        self._changed = threading.Condition()
        self._is_closed = False
        self._answering = threading.Lock()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answers")

    def ask(
        self, question: str, conversation_id: str | None = None, within: Collection[str] = (), collection: str = ""
    ) -> Task:
        """Add a question to the queue, in a new conversation if none is given.

        Raises QuestionError for a question that cannot be asked, Stopped if the queue is closed; stores nothing then.
        """
        question = checked_question(question)
        with (
            self._open()
        ):  # else a tab could see the stored question without its task, as if it had never been finished
            task = Task(self.conversations.add_question(question, conversation_id, tuple(within), collection))
            self._unfinished.append(task)
            self._submit(task)
        return task

    def answer(
        self, question: str, history: Sequence[Turn] = (), within: Collection[str] = (), collection: str = ""
    ) -> Answer:
        """Wait for the answer to a question that belongs to no conversation; it waits in the queue like any other.

        Raises QuestionError for a question that cannot be asked, Stopped if the queue is closed before the answer is
        complete, and every error that the pipeline raises.
        """
        task = self.begin(question, history, within, collection)
        try:
            task.future.result()
        except CancelledError as error:
            raise Stopped(CLOSED) from error
        return complete_answer(task)

    def begin(
        self, question: str, history: Sequence[Turn] = (), within: Collection[str] = (), collection: str = ""
    ) -> Task:
        """Add a question that belongs to no conversation to the queue; raises QuestionError, as ``answer`` does."""
        question = checked_question(question)
        exchange = Exchange(uuid.uuid4().hex, uuid.uuid4().hex, question, "", None, tuple(within), collection)
        task = Task(exchange, history=tuple(history))
        with self._open():
            self._unfinished.append(task)
            self._submit(task)
        return task

    def call(self, use: Callable[[], T]) -> Future[T]:
        """Run a function that uses the models, such as a search, when the questions before it are answered.

        Raises Stopped if the queue is closed, which cancels the calls that wait.
        """

        def run() -> T:
            with self._answering:
                return use()

        with self._open():
            future = self._worker.submit(run)
            self._calls.add(future)
        future.add_done_callback(self._calls.discard)
        return future

    def _submit(self, task: Task) -> None:
        task.future = self._worker.submit(self._answer, task)
        task.future.add_done_callback(partial(self._finish, task))

    def ask_again(self, exchange_id: str, question: str = "") -> Task | None:
        """Ask an earlier question again, or another one in its place; all later exchanges are deleted.

        Gives None if the earlier question was deleted. Raises QuestionError, and then deletes nothing.
        """
        old = self.conversations.exchange(exchange_id)
        if old is None:
            return None
        question = checked_question(question or old.question)
        following = self._from(old)
        for task in self.tasks(old.conversation_id):
            if task.exchange.exchange_id in following:
                task.stop.set()
        self.conversations.delete_from(exchange_id)
        return self.ask(question, old.conversation_id, old.within, old.collection)

    def follow(self, task: Task) -> Iterator[Task]:
        """Yields the task after each of its changes, until it is done."""
        seen = -1
        while not task.is_done or seen < task.version:
            with self._changed:
                if task.version == seen:
                    self._changed.wait(_LONGEST_WAIT_SECONDS)
            if task.version > seen:
                seen = task.version
                yield task

    def __len__(self) -> int:
        """The number of questions and calls that are not done."""
        with self._changed:
            return len(self._unfinished) + len(self._calls)

    def tasks(self, conversation_id: str) -> list[Task]:
        """The questions of a conversation that are not done."""
        with self._changed:
            return [task for task in self._unfinished if task.exchange.conversation_id == conversation_id]

    def ahead_of(self, task: Task) -> int:
        """The number of questions that are answered before this one."""
        with self._changed:
            return self._unfinished.index(task) if task in self._unfinished else 0

    def stop(self, conversation_id: str) -> None:
        """Stop the answers of a conversation: also those that wait, and while the model still reads the prompt."""
        for task in self.tasks(conversation_id):
            task.stop.set()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within the block nothing is answered, so that parts of the assistant can be replaced."""
        with self._answering:
            yield

    def close(self) -> None:
        """Stop all answers and wait for the thread to end."""
        with self._changed:
            self._is_closed = True
            for task in self._unfinished:
                task.stop.set()
        self._worker.shutdown(cancel_futures=True)

    @contextmanager
    def _open(self) -> Iterator[None]:
        """Within the block the queue is not closed, and nothing else is added to it. Raises Stopped if it is closed."""
        with self._changed:
            if self._is_closed:
                raise Stopped(CLOSED)
            yield

    def _from(self, exchange: Exchange) -> set[str]:
        ids = [other.exchange_id for other in self.conversations.exchanges(exchange.conversation_id)]
        return set(ids[ids.index(exchange.exchange_id) :])

    def _answer(self, task: Task) -> None:
        exchange = task.exchange
        with self._answering:
            made_with = self.made_with()  # before the answer: papers that are added meanwhile count as newer than it
            if task.stop.is_set():
                task.answer = Answer(exchange.question, stage="done", stopped=True)
            else:
                history = self._history(exchange) if task.history is None else task.history
                for answer in self.assistant.stream(
                    exchange.question, history, task.stop, exchange.within, exchange.collection
                ):
                    task.answer = answer
                    self._notify(task)
        if task.answer and task.history is None:
            self.conversations.add_answer(exchange.exchange_id, task.answer, made_with)

    def _finish(self, task: Task, future: Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        if error:
            task.problem = str(error) if isinstance(error, FootnoteError) else _FAULT
            if task.history is None:  # else the caller of `answer` gets the error itself
                self.problems[task.exchange.exchange_id] = task.problem
        if error and not isinstance(error, FootnoteError):
            _log.error("A question could not be answered.", exc_info=error)
        with self._changed:
            self._unfinished.remove(task)
            task.is_done = True
            for waiting in self._unfinished:
                waiting.version += 1  # fewer questions are before it
        self._notify(task)

    def _history(self, exchange: Exchange) -> Sequence[Turn]:
        exchanges = self.conversations.exchanges(exchange.conversation_id)
        return history_of([*takewhile(lambda other: other.exchange_id != exchange.exchange_id, exchanges)])

    def _notify(self, task: Task) -> None:
        with self._changed:
            task.version += 1
            self._changed.notify_all()


def complete_answer(task: Task) -> Answer:
    """The answer of a task that is done. Raises Stopped if it was stopped before it was complete."""
    if task.answer is None or task.answer.stopped:
        raise Stopped("The answer was stopped before it was complete: ask again.")
    return task.answer
