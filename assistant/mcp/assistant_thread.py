"""Opens the assistant in a thread of its own, and there answers one question at a time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, TypeVar

from assistant.errors import InputError, Stopped

if TYPE_CHECKING:
    from assistant.assistant import Assistant

Result = TypeVar("Result")
_MOST_WAITING = 50  # questions of all clients together


class AssistantThread:
    """The assistant of a server. Its methods belong in an event loop, which goes on while the thread works."""

    def __init__(self, open_assistant: Callable[[], AbstractContextManager[Assistant]]) -> None:
        self._open = open_assistant
        self._thread = ThreadPoolExecutor(1, "footnote-mcp")
        self._opening: Future[Assistant] | None = None
        self._closing = ExitStack()  # closes the assistant
        self._stops: set[threading.Event] = set()
        self._is_closed = False

    def start(self) -> Future[Assistant]:
        """Begin to open the assistant, if it is neither open nor being opened.

        Opening that failed is tried again: the user may have added papers, or installed the model, in the meantime.
        """
        if self._is_closed:
            raise Stopped("Footnote is being closed: start it and ask again.")
        if self._opening is None or (self._opening.done() and self._opening.exception()):
            self._opening = self._thread.submit(lambda: self._closing.enter_context(self._open()))
        return self._opening

    async def assistant(self) -> Assistant:
        """The assistant, when it is open. Raises what opening it raises."""
        return await asyncio.shield(asyncio.wrap_future(self.start()))  # another call may wait for it too

    async def in_turn(self, work: Callable[[Assistant, threading.Event], Result]) -> Result:
        """What ``work`` gives, after all that was asked before it. Its event is set if this task is cancelled.

        Raises InputError if too many wait, and what ``work`` raises.
        """
        if len(self._stops) >= _MOST_WAITING:
            raise InputError(f"{_MOST_WAITING} questions wait for an answer: ask again later.")
        stop = threading.Event()
        self._stops.add(stop)
        try:
            assistant = await self.assistant()
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, assistant, stop)
        finally:
            stop.set()  # without effect on work that has ended
            self._stops.discard(stop)

    async def at_once(self, work: Callable[[Assistant], Result]) -> Result:
        """What ``work`` gives, which uses no model and so does not wait for an answer that is being written."""
        return await asyncio.to_thread(work, await self.assistant())

    def close(self) -> None:
        """Stop the answers and close the assistant; one that is still being opened stays until the process ends."""
        self._is_closed = True
        for stop in self._stops:
            stop.set()
        is_open = self._opening is not None and self._opening.done()
        self._thread.shutdown(wait=is_open, cancel_futures=True)
        if is_open:
            self._closing.close()
