"""The tab where papers are added: files or pasted text in, progress while it runs, a report of what became of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import FootnoteError, InputError, Stopped
from assistant.services import Added, Given, PaperServices
from assistant.web.rendering import problem_html, progress_html, report_html

_PAUSE_SECONDS = 0.2


@dataclass
class _Work:
    """Papers on their way into the index."""

    started: float = field(default_factory=time.monotonic)
    done: int = 0
    total: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)
    future: Future[Added] = field(default_factory=Future)

    def show(self, done: int, total: int) -> None:
        if self.cancelled.is_set():
            raise Stopped("Adding was stopped; what was stored by then stays. Add the same files again to go on.")
        if bool(total) != bool(self.total):  # reading was one thing, indexing is another
            self.started = time.monotonic()
        self.done, self.total = done, total

    @property
    def seconds_left(self) -> float | None:
        passed = time.monotonic() - self.started
        return passed / self.done * (self.total - self.done) if self.done else None


@dataclass
class AddPapersViews:
    """Adds papers in a thread of its own, one lot at a time, while questions go on being answered."""

    services: PaperServices
    _work: _Work | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, files: Sequence[Path], text: str) -> Iterator[tuple[str, bool]]:
        """Progress as HTML, then the report; and whether what was given is now dealt with."""
        try:
            work = self._begin(_given(files, text))
        except FootnoteError as error:
            yield problem_html(str(error)), False
            return
        while not work.future.done():
            yield progress_html(work.done, work.total, work.seconds_left), False
            time.sleep(_PAUSE_SECONDS)
        try:
            yield _report(work.future.result()), True
        except FootnoteError as error:
            yield problem_html(str(error)), False

    def cancel(self) -> None:
        if self._work:
            self._work.cancelled.set()

    def _begin(self, given: Sequence[Given]) -> _Work:
        with self._lock:
            if self._work and not self._work.future.done():
                raise InputError("Papers are being added already: wait until that is done.")
            self._work = work = _Work()
        threading.Thread(target=self._run, args=(work, given), name="adding", daemon=True).start()
        return work

    def _run(self, work: _Work, given: Sequence[Given]) -> None:
        try:
            added = self.services.add(given, work.show)
            for one in given:
                if isinstance(one.content, Path):
                    with suppress(OSError):
                        one.content.unlink()  # the page's copy of an upload
            work.future.set_result(added)
        except FootnoteError as error:
            work.future.set_exception(error)
        finally:
            if not work.future.done():  # a fault of ours: its traceback is on the terminal
                work.future.set_exception(InputError("Adding failed; the terminal Footnote runs in says how."))


def _given(files: Sequence[Path], text: str) -> list[Given]:
    given = [Given(path.name, path) for path in files]
    if text.strip():
        given.append(Given("pasted text", text.encode("utf-8", "replace")))
    if not given:
        raise InputError("Choose files or paste text first.")
    return given


def _report(added: Added) -> str:
    lists = (
        ("New", added.new),
        ("Changed", added.changed),
        ("Merged with what other files say", added.merged),
        ("Without abstract", added.without_abstract),
        ("Skipped", added.skipped),
    )
    return report_html(added.summary, [(name, items) for name, items in lists if items])
