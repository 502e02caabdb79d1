"""Where papers are read from: files, folders, patterns, standard input, and what the page hands over."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

from ingest.readers import known_suffixes

STANDARD_INPUT = "-"
_SMALL_BYTES = 5_000_000  # a file of unknown ending in a folder may be anything; a large one is seldom papers


@dataclass(frozen=True, slots=True)
class Source:
    """Something to read papers from. ``name`` is stored with them; its ending says how they are read only where their
    form leaves that open. ``open`` may raise OSError. What ``is_a_guess`` and holds no papers is passed over."""

    name: str
    open: Callable[[], BinaryIO]
    is_a_guess: bool = False

    @classmethod
    def of_file(cls, path: Path, *, is_a_guess: bool = False) -> Source:
        return cls(os.fsencode(path).decode("utf-8", "replace"), lambda: path.open("rb"), is_a_guess)

    @property
    def short_name(self) -> str:
        """What a report calls it."""
        return PurePath(self.name).name


def sources_in(paths: Iterable[Path]) -> Iterator[Source]:
    """Files; what may hold papers in folders and under patterns; ``-`` for standard input. Each once."""
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
    """Files, and whether it is a guess that they hold papers."""
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
        elif file.stat().st_size <= _SMALL_BYTES:
            yield file, True
