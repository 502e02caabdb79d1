"""What the page can do beyond asking. The program hands it in, because these packages import this one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.system.progress import Progress


@dataclass(frozen=True, slots=True)
class Given:
    """Papers a person gives: a file or a text, and the name to keep with them."""

    name: str
    content: Path | bytes


@dataclass(frozen=True, slots=True)
class Added:
    """What became of given papers: a line in all, and titles or reasons one by one."""

    summary: str
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    without_abstract: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvalReport:
    """A report of ``footnote eval``. ``created`` is ISO 8601, UTC; ``page`` is HTML that needs nothing but itself."""

    name: str
    created: str
    headline: str
    page: Path


@dataclass(frozen=True, slots=True)
class Services:
    """Each raises a FootnoteError with a line for the person."""

    add: Callable[[Sequence[Given], Progress], Added]
    remove: Callable[[Sequence[str]], int]
    reports: Callable[[], Sequence[EvalReport]]
    """Newest first."""
    models: Callable[[], Sequence[str]]
    """Language models that can be chosen by name."""
    file_types: Sequence[str]
    """Endings of the files that can be added."""
    samples: Callable[[], Sequence[str]] = tuple
    """Ids of the sample papers, once there are others as well; before that, none."""
    remove_samples: Callable[[], int] = int
    """Removes the sample papers, except those that other files hold too; gives how many were removed."""
