"""What the page needs of packages that import this one; the command line passes it to the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.errors import InputError
from assistant.index.source_table import WatchedFolder
from assistant.system.progress import Progress


@dataclass(frozen=True, slots=True)
class Given:
    """Papers that a person adds: a file or a text, and the source name to store with them."""

    name: str
    content: Path | bytes


@dataclass(frozen=True, slots=True)
class Added:
    """The result of adding papers: a summary of one line, then titles, or places with reasons."""

    summary: str
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    without_abstract: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    looked_at: tuple[str, ...] = ()
    """A line for each source that a refresh found changed or missing."""


@dataclass(frozen=True, slots=True)
class WatchLine:
    """A line of the log of watched folders. ``time`` is ISO 8601 in local time. ``name``: of a file or a folder."""

    time: str
    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.time.replace('T', ' ')[:19]}  {self.name}: {self.what}"


@dataclass(frozen=True, slots=True)
class EvalReport:
    """A report of ``footnote eval``. ``created`` is ISO 8601 in UTC; ``page`` is one HTML file that loads no other."""

    name: str
    created: str
    headline: str
    page: Path


class AddPapers(Protocol):
    def __call__(self, given: Sequence[Given], progress: Progress, collection: str = "") -> Added:
        """Add papers, and put their files into a collection if one is named."""
        ...


def _without_archives(_path: Path, _progress: Progress) -> str:
    raise InputError("A library cannot be moved here: use `footnote library`.")


@dataclass(frozen=True, slots=True)
class PaperServices:
    """What ``ingest`` does with the papers of an open index. Each raises a FootnoteError to show to the user."""

    add: AddPapers
    remove: Callable[[Sequence[str]], int]
    """Removes papers by id; gives how many were removed."""
    file_types: Sequence[str]
    """The suffixes of the files that can be added."""
    samples: Callable[[], Sequence[str]] = tuple
    """The ids of the sample papers when the index also holds other papers, else none."""
    remove_samples: Callable[[], int] = int
    """Removes the sample papers, except those that are also in other files; gives how many were removed."""
    example_questions: Callable[[], Sequence[str]] = tuple
    export_library: Callable[[Path, Progress], str] = _without_archives
    """Writes papers and conversations to a file; gives what is in it, on one line. Progress may raise Stopped."""
    import_library: Callable[[Path, Progress], str] = _without_archives
    """Adds the papers and conversations of such a file; gives what was added, on one line."""
    watched_folders: Callable[[], Sequence[WatchedFolder]] = tuple
    watch: Callable[[str, str], WatchedFolder] = WatchedFolder
    """Puts a folder on the list of those to watch, with the name of a collection or none; gives what is on the list."""
    forget: Callable[[str], object] = str
    """Takes a folder off the list. Its papers stay."""
    watch_log: Callable[[], Sequence[WatchLine]] = tuple
    """The last lines of the log of watched folders, the oldest first."""
    watching: Callable[[], AbstractContextManager[object]] = nullcontext
    """Within it, the folders on the list are watched."""
    add_from_zotero: Callable[[str, Progress], Added] = lambda *_: Added("")
    """Adds what a query of Zotero finds, such as a collection by its name; empty for the whole library."""
    refresh: Callable[[Progress], Added] = lambda _: Added("")
    """Looks again at everything that papers came from; the summary says what was done."""
