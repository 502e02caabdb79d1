"""Finds the sources to read papers from: files, folders, glob patterns and standard input."""

from __future__ import annotations

import glob
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

from assistant.index.source_table import HowToRead
from ingest.readers import known_suffixes

STANDARD_INPUT = "-"
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")  # a file name may contain a line break
MAXIMUM_GUESS_BYTES = 5_000_000  # a larger file in a folder, with an unknown ending, is seldom a list of papers


@dataclass(frozen=True, slots=True)
class Source:
    """A source of papers. ``name`` is stored with them. ``open`` may raise OSError.

    ``is_a_guess``: the source was found in a folder and may contain no papers; then it is skipped without an error.
    ``version``: what changes when the source does; empty if that cannot be told. ``columns``: which columns of a table
    hold which fields, if they were named. ``is_mirror``: what the source no longer contains is removed. ``path``: the
    absolute path of a file, empty for other sources.
    """

    name: str
    open: Callable[[], BinaryIO]
    is_a_guess: bool = False
    version: str = ""
    columns: Mapping[str, str] | None = None
    is_mirror: bool = False
    path: str = ""

    @classmethod
    def of_file(cls, path: Path, *, is_a_guess: bool = False) -> Source:
        place = name_of_file(path.absolute())
        return cls(name_of_file(path), lambda: path.open("rb"), is_a_guess, version_of_file(path), path=place)

    def how_to_read(self, columns: Mapping[str, str] | None) -> HowToRead:
        """How this file, which was read with these columns, is read again from any folder."""
        return HowToRead("" if self.name == self.path else self.path, columns or {})

    @property
    def short_name(self) -> str:
        """The name in reports, on one line."""
        return _CONTROL_CHARACTERS.sub("?", PurePath(self.name).name)


def name_of_file(path: str | os.PathLike[str]) -> str:
    """The name that is stored with the papers of a file; how a file or a folder is named in messages too."""
    return os.fsencode(path).decode("utf-8", "replace")


def version_of_file(path: Path) -> str:
    """The size of a file in bytes and the time of its last change in nanoseconds; empty if it cannot be read."""
    with suppress(OSError):
        found = path.stat()
        if stat.S_ISREG(found.st_mode):
            return version_of(found)
    return ""


def version_of(found: os.stat_result) -> str:
    """The version of a file of which this is known."""
    return f"{found.st_size}:{found.st_mtime_ns}"


def sources_in(paths: Iterable[Path]) -> Iterator[Source]:
    """The files at these paths, in folders and under patterns, each once; ``-`` means standard input."""
    seen: set[Path] = set()
    for path in paths:
        if str(path) == STANDARD_INPUT:
            yield Source("standard input", lambda: open(sys.stdin.fileno(), "rb", closefd=False))  # noqa: SIM115
            continue
        for file, is_a_guess in _files_at(path):
            if file not in seen:
                seen.add(file)
                yield Source.of_file(file, is_a_guess=is_a_guess)


def _files_at(path: Path) -> Iterator[tuple[Path, bool]]:
    """Files, each with whether it is a guess that it contains papers."""
    if path.is_dir():
        yield from _files_in(path)
    elif path.exists() or not glob.has_magic(str(path)):
        yield path, False
    else:
        found = [Path(name) for name in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207 - any path
        for file in found or [path]:
            yield from _files_in(file) if file.is_dir() else [(file, False)]


def _files_in(folder: Path) -> Iterator[tuple[Path, bool]]:
    endings = known_suffixes()
    for file in sorted(folder.rglob("*")):
        is_hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if is_hidden or not file.is_file():
            continue
        if file.name.casefold().endswith(endings):
            yield file, False
        elif file.stat().st_size <= MAXIMUM_GUESS_BYTES:
            yield file, True
