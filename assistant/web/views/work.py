"""Long work of a tab: it runs in a thread of its own, shows its progress and can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from assistant.errors import FootnoteError, InputError, Stopped
from assistant.system.progress import Progress
from assistant.web.rendering import progress_html

Result = TypeVar("Result")
_REFRESH_SECONDS = 0.2


@dataclass
class Running(Generic[Result]):
    """Work that runs. ``stopped``: what the user is told after stopping it."""

    stopped: str
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    total: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)
    future: Future[Result] = field(default_factory=Future)

    def update(self, done: int, total: int) -> None:
        if self.cancelled.is_set():
            raise Stopped(self.stopped)
        if bool(total) != bool(self.total):  # reading has ended and indexing begins, which takes another time per paper
            self.started = time.monotonic()
        self.done, self.total = done, total

    def progress(self) -> Iterator[str]:
        """HTML of the progress until the work has ended."""
        while not self.future.done():
            yield progress_html(self.done, self.total, self._seconds_left)
            time.sleep(_REFRESH_SECONDS)

    def result(self) -> Result:
        """What the work gave. Raises the FootnoteError that it raised."""
        return self.future.result()

    @property
    def _seconds_left(self) -> float | None:
        passed = time.monotonic() - self.started
        return passed / self.done * (self.total - self.done) if self.done else None


@dataclass
class Work(Generic[Result]):
    """Runs one piece of work at a time. ``stopped``, ``busy`` and ``bug`` are messages to the user."""

    thread: str
    stopped: str
    busy: str
    bug: str
    _running: Running[Result] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, work: Callable[[Progress], Result]) -> Running[Result]:
        """Raises InputError while other work runs."""
        with self._lock:
            if self._running and not self._running.future.done():
                raise InputError(self.busy)
            self._running = running = Running[Result](self.stopped)
        threading.Thread(target=self._run, args=(running, work), name=self.thread, daemon=True).start()
        return running

    def cancel(self) -> None:
        """Stop the work that runs, if any does."""
        if self._running:
            self._running.cancelled.set()

    def _run(self, running: Running[Result], work: Callable[[Progress], Result]) -> None:
        try:
            running.future.set_result(work(running.update))
        except FootnoteError as error:
            running.future.set_exception(error)
        finally:
            if not running.future.done():  # a bug, whose traceback is printed in the terminal
                running.future.set_exception(InputError(self.bug))
