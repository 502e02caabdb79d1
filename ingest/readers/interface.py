"""The interface of a reader, and what a reader yields: papers, retractions and skipped records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, TextIO

from assistant.records import Paper

SkipKind = Literal["fault", "boilerplate", "no abstract", "not a paper", "unread"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was read but not kept, where it stands, and why.

    ``kind`` is "fault" for a record that should have been a paper; "boilerplate" for the menus, dates and buttons of a
    saved web page; "no abstract" for a paper without one; "not a paper" for the notes and attachments of a reference
    manager; "unread" for a record without an abstract that has long text in ``unread_field``, which its reader ignores.
    """

    place: str
    reason: str
    kind: SkipKind = "fault"
    unread_field: str = ""

    @property
    def is_fault(self) -> bool:
        """Did the user probably lose a paper here?"""
        return self.kind in ("fault", "unread")


@dataclass(frozen=True, slots=True)
class Retraction:
    """A retraction notice says that the paper with this key (``doi:...`` or ``pmid:...``) is retracted."""

    key: str


Item = Paper | Skipped | Retraction


@dataclass(frozen=True, slots=True)
class ReadResult:
    papers: tuple[Paper, ...]
    skipped: tuple[Skipped, ...]


class Reader(Protocol):
    """The parser of one file format: a module in ``ingest.readers.formats`` with these two names and two functions."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a constant of the module
        """What people call the format, such as "BibTeX"; error messages list these names."""

    @property
    def SUFFIXES(self) -> tuple[str, ...]:  # noqa: N802 - a constant of the module
        """The usual endings of its files, in lower case with the dot; empty where an ending says nothing."""

    def recognises(self, start: str, /) -> bool:
        """Does a text that starts with these characters (at most 65,536) have this format?"""

    def read(self, text: TextIO, /) -> Iterator[Item]:
        r"""Papers, retractions and skipped records in the order of the file; lines end in \n.

        Reads the file in pieces where the format allows it. A bad record is yielded as Skipped, and reading goes on.
        Raises InputError, without the name of the file, where the text does not have this format at all.
        """
