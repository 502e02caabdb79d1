"""Work that takes longer than a request: it runs in a thread, with progress, a result and a way to stop it."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeVar

from assistant.errors import FAULT, FootnoteError, NotFound, Stopped
from assistant.system.progress import Progress

State = Literal["running", "done", "failed", "stopped"]
Result = TypeVar("Result")
_FINISHED_KEPT = 100
_STOPPED = "It was stopped. What was stored so far stays; start it again to continue."
_MOST_RUNNING = 20  # each has a thread, and perhaps files that wait


@dataclass
class Job(Generic[Result]):
    """A piece of work. ``total`` is 0 while it is unknown; ``result`` is there once the state is "done".

    ``started`` is ISO 8601 in UTC. ``when_stopped``: what the user is told after stopping it.
    """

    kind: str
    job_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    when_stopped: str = _STOPPED
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    state: State = "running"
    done: int = 0
    total: int = 0
    result: Result | None = None
    problem: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)
    _counting_since: float = field(default_factory=time.monotonic)

    def update(self, done: int, total: int) -> None:
        """The progress of the work. Raises Stopped when the job is to stop."""
        if self._stop.is_set():
            raise Stopped(self.when_stopped)
        if bool(total) != bool(self.total):  # reading has ended and indexing begins, which takes another time per paper
            self._counting_since = time.monotonic()
        self.done, self.total = done, total

    @property
    def seconds_left(self) -> float | None:
        passed = time.monotonic() - self._counting_since
        return passed / self.done * (self.total - self.done) if self.done else None

    @property
    def is_stopping(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask the work to stop; it does at its next progress."""
        self._stop.set()

    def start(self, work: Callable[[Progress], Result]) -> threading.Thread:
        """Run work in a new thread; it gets the progress to call, and gives the result."""
        thread = threading.Thread(target=self._run, args=(work,), name=f"job-{self.kind}", daemon=True)
        thread.start()
        return thread

    def _run(self, work: Callable[[Progress], Result]) -> None:
        try:
            self.result = work(self.update)
            self.state = "done"
        except Stopped as error:
            self.problem, self.state = str(error), "stopped"
        except FootnoteError as error:
            self.problem, self.state = str(error), "failed"
        finally:
            if self.state == "running":  # a bug, whose traceback is printed in the terminal
                self.problem, self.state = FAULT, "failed"


class Jobs:
    """The running jobs and the last hundred finished ones, newest first. ``close`` stops all and waits for them."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job[dict[str, Any]]] = {}
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def start(self, kind: str, work: Callable[[Progress], dict[str, Any]], job_id: str = "") -> Job[dict[str, Any]]:
        """Start work; ``work`` gets the progress to call and gives the result.

        ``job_id``: a name for the same work. While a job with this id runs, that one is given back and nothing starts.
        Raises Stopped while that job is being stopped, or too many run.
        """
        with self._lock:
            known = self._jobs.get(job_id)
            if known and known.state == "running":
                if known.is_stopping:
                    raise Stopped("The same work is being stopped: start it again in a moment.")
                return known
            if sum(job.state == "running" for job in self._jobs.values()) >= _MOST_RUNNING:
                raise Stopped(f"{_MOST_RUNNING} jobs are running: wait until one is done, or stop one.")
            job = Job[dict[str, Any]](kind, job_id) if job_id else Job[dict[str, Any]](kind)
            self._jobs.pop(job.job_id, None)
            self._jobs = {job.job_id: job, **self._jobs}
            self._forget_oldest()
            self._threads = [*(one for one in self._threads if one.is_alive()), job.start(work)]
        return job

    def all(self) -> list[Job[dict[str, Any]]]:
        with self._lock:
            return [*self._jobs.values()]

    def get(self, job_id: str) -> Job[dict[str, Any]]:
        """Raises NotFound for an unknown job, which may have been forgotten."""
        with self._lock:
            if job := self._jobs.get(job_id):
                return job
        raise NotFound("There is no such job, or it ended before a hundred others.")

    def close(self) -> None:
        with self._lock:
            jobs, threads = [*self._jobs.values()], [*self._threads]
        for job in jobs:
            job.stop()
        for thread in threads:
            thread.join()

    def _forget_oldest(self) -> None:
        finished = [name for name, job in self._jobs.items() if job.state != "running"]
        for name in finished[_FINISHED_KEPT:]:
            del self._jobs[name]


def as_json(job: Job[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": job.job_id,
        "kind": job.kind,
        "state": job.state,
        "started": job.started,
        "done": job.done,
        "total": job.total,
        "result": job.result,
        "problem": job.problem,
    }
