"""The tab where papers are added: starts an ingest of files or pasted text, shows its progress and its report."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import FootnoteError, InputError, Stopped
from assistant.services import Added, Given, PaperServices
from assistant.web.rendering import problem_html, progress_html, report_html

_BUG = "Adding failed. The error is printed in the terminal that Footnote runs in."
_REFRESH_SECONDS = 0.2


@dataclass
class _Ingest:
    """A running ingest."""

    started: float = field(default_factory=time.monotonic)
    done: int = 0
    total: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)
    future: Future[Added] = field(default_factory=Future)

    def update(self, done: int, total: int) -> None:
        if self.cancelled.is_set():
            raise Stopped("Adding was stopped. The papers stored so far stay. Add the same files again to continue.")
        if bool(total) != bool(self.total):  # reading has ended and indexing begins, which takes another time per paper
            self.started = time.monotonic()
        self.done, self.total = done, total

    @property
    def seconds_left(self) -> float | None:
        passed = time.monotonic() - self.started
        return passed / self.done * (self.total - self.done) if self.done else None


@dataclass
class AddPapersViews:
    """Adds papers in a separate thread, so that questions can be answered meanwhile; one ingest runs at a time."""

    services: PaperServices
    remark: Callable[[], str] = str
    """What the report says below its summary when papers were added; empty for nothing."""
    _ingest: _Ingest | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, files: Sequence[Path], text: str) -> Iterator[tuple[str, bool]]:
        """The progress as HTML, then the report; each with whether all that was given is now indexed."""
        try:
            ingest = self._begin(_given(files, text))
        except FootnoteError as error:
            yield problem_html(str(error)), False
            return
        while not ingest.future.done():
            yield progress_html(ingest.done, ingest.total, ingest.seconds_left), False
            time.sleep(_REFRESH_SECONDS)
        try:
            yield _report(ingest.future.result(), self.remark()), True
        except FootnoteError as error:
            yield problem_html(str(error)), False

    def cancel(self) -> None:
        if self._ingest:
            self._ingest.cancelled.set()

    def _begin(self, given: Sequence[Given]) -> _Ingest:
        with self._lock:
            if self._ingest and not self._ingest.future.done():
                raise InputError("Other papers are being added: wait until that is done.")
            self._ingest = ingest = _Ingest()
        threading.Thread(target=self._run, args=(ingest, given), name="add-papers", daemon=True).start()
        return ingest

    def _run(self, ingest: _Ingest, given: Sequence[Given]) -> None:
        try:
            added = self.services.add(given, ingest.update)
            for one in given:
                if isinstance(one.content, Path):
                    with suppress(OSError):
                        one.content.unlink()  # the server's copy of an upload
            ingest.future.set_result(added)
        except FootnoteError as error:
            ingest.future.set_exception(error)
        finally:
            if not ingest.future.done():  # a bug, whose traceback is printed in the terminal
                ingest.future.set_exception(InputError(_BUG))


def _given(files: Sequence[Path], text: str) -> list[Given]:
    given = [Given(path.name, path) for path in files]
    if text.strip():
        given.append(Given("pasted text", text.encode("utf-8", "replace")))
    if not given:
        raise InputError("Choose files or paste text first.")
    return given


def _report(added: Added, remark: str) -> str:
    lists = (
        ("New", added.new),
        ("Changed", added.changed),
        ("Merged with records of other files", added.merged),
        ("Without abstract", added.without_abstract),
        ("Skipped", added.skipped),
    )
    return report_html(added.summary, [(name, items) for name, items in lists if items], remark)
