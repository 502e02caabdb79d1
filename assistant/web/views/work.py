"""Long work of a tab: a job of which one runs at a time, with its progress as HTML."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic

from assistant.errors import InputError
from assistant.jobs import Job, Result
from assistant.system.progress import Progress
from assistant.web.rendering import progress_html

_REFRESH_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Running(Generic[Result]):
    """Work that runs."""

    job: Job[Result]

    def progress(self) -> Iterator[str]:
        """HTML of the progress until the work has ended."""
        while self.job.state == "running":
            yield progress_html(self.job.done, self.job.total, self.job.seconds_left)
            time.sleep(_REFRESH_SECONDS)

    def result(self) -> Result:
        """What the work gave. Raises InputError with the reason if it failed or was stopped."""
        if self.job.state != "done":
            raise InputError(self.job.problem)
        result: Result = self.job.result  # type: ignore[assignment]  # it is there once the job is done
        return result


@dataclass
class Work(Generic[Result]):
    """Runs one piece of work at a time. ``stopped`` and ``busy`` are messages to the user."""

    kind: str
    stopped: str
    busy: str
    _job: Job[Result] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, work: Callable[[Progress], Result]) -> Running[Result]:
        """Raises InputError while other work runs."""
        with self._lock:
            if self._job and self._job.state == "running":
                raise InputError(self.busy)
            self._job = job = Job[Result](self.kind, when_stopped=self.stopped)
        job.start(work)
        return Running(job)

    def cancel(self) -> None:
        """Stop the work that runs, if any does."""
        if self._job:
            self._job.stop()
