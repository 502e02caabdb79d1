"""The tab where papers are added: starts an ingest of files or pasted text, shows its progress and its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from assistant.errors import FootnoteError, InputError
from assistant.services import Added, Given, PaperServices
from assistant.system.progress import Progress
from assistant.web.rendering import problem_html, report_html
from assistant.web.views.work import Work


def _work() -> Work[Added]:
    return Work(
        "add-papers",
        stopped="Adding was stopped. The papers stored so far stay. Do the same again to continue.",
        busy="Other papers are being added: wait until that is done.",
        bug="Adding failed. The error is printed in the terminal that Footnote runs in.",
    )


@dataclass
class AddPapersViews:
    """Adds papers in a separate thread, so that questions can be answered meanwhile; one ingest runs at a time."""

    services: PaperServices
    remark: Callable[[], str] = str
    """What the report says below its summary when papers were added; empty for nothing."""
    _work: Work[Added] = field(default_factory=_work)

    def add(self, files: Sequence[Path], text: str, collection: str = "") -> Iterator[tuple[str, bool]]:
        """The progress as HTML, then the report; each with whether all that was given is now indexed.

        ``collection``: the name of the one that the papers are put into; empty for none.
        """
        name = " ".join(collection.split())
        return self._follow(lambda: partial(self._add, _given(files, text, name), name))

    def add_from_zotero(self, query: str) -> Iterator[tuple[str, bool]]:
        """As ``add``, for what a query of Zotero finds; empty for the whole library."""
        return self._follow(lambda: partial(self.services.add_from_zotero, query))

    def refresh(self) -> Iterator[tuple[str, bool]]:
        """As ``add``, for everything that papers came from."""
        return self._follow(lambda: self.services.refresh)

    def _follow(self, work: Callable[[], Callable[[Progress], Added]]) -> Iterator[tuple[str, bool]]:
        try:
            ingest = self._work.begin(work())
            for progress in ingest.progress():
                yield progress, False
            yield _report(ingest.result(), self.remark()), True
        except FootnoteError as error:
            yield problem_html(str(error)), False

    def cancel(self) -> None:
        self._work.cancel()

    def _add(self, given: Sequence[Given], collection: str, progress: Progress) -> Added:
        added = self.services.add(given, progress, collection)
        for one in given:
            if isinstance(one.content, Path):
                with suppress(OSError):
                    one.content.unlink()  # the server's copy of an upload
        return added


def _given(files: Sequence[Path], text: str, collection: str) -> list[Given]:
    given = [Given(path.name, path) for path in files]
    if text.strip():
        # A collection holds sources: texts for different ones need different names, or each would be in all of them.
        name = f"pasted text for {collection}" if collection else "pasted text"
        given.append(Given(name, text.encode("utf-8", "replace")))
    if not given:
        raise InputError("Choose files or paste text first.")
    return given


def _report(added: Added, remark: str) -> str:
    lists = (
        ("Looked at", added.looked_at),
        ("New", added.new),
        ("Changed", added.changed),
        ("Merged with records of other files", added.merged),
        ("Without abstract", added.without_abstract),
        ("Skipped", added.skipped),
    )
    return report_html(added.summary, [(name, items) for name, items in lists if items], remark)
