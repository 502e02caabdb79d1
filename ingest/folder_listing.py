"""Lists the files of a folder that may contain papers, and what of it could not be listed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingest.readers import known_suffixes
from ingest.sources import MAXIMUM_GUESS_BYTES, Source, name_of_file, version_of

FOLLOWED = "watched "
"""Begins the version of a source that was read in a watched folder. Only such a source is removed with its file."""
# Files that another program is still writing, or that it deletes when it ends.
_TEMPORARY = tuple(
    ".crdownload .part .partial .download .opdownload .filepart .tmp .temp .lock .swp .swo .swx ~".split()
)
_TEMPORARY_STARTS = (".", "~$", "#")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file in a folder. ``name``: of its source. ``state``: what changes when its content or its rights do.

    ``is_a_guess``: the ending of its name does not say that it contains papers.
    """

    path: Path
    name: str
    version: str
    state: tuple[int, ...]
    is_a_guess: bool

    @property
    def source(self) -> Source:
        return Source(self.name, lambda: self.path.open("rb"), self.is_a_guess, self.version)


@dataclass
class Listing:
    """What a folder contains. ``identity``: the device and the number of the folder, which another one cannot have.

    ``files`` are by name, and ``folders``, those looked into, by identity. ``unlisted``: folders in it that were not
    looked into, each with the reason; what they contain is not known. ``links``: symbolic links that lead out of the
    folder, which are not followed.
    """

    identity: tuple[int, int]
    files: dict[str, FoundFile] = field(default_factory=dict)
    folders: dict[tuple[int, int], str] = field(default_factory=dict)
    unlisted: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)


def inside(folder: str) -> str:
    """How the names of all that is in a folder begin."""
    return folder.rstrip(os.sep) + os.sep


def list_folder(folder: str, excluded: Path) -> Listing | None:
    """The files in a folder and in the folders in it; None if the folder is not there or cannot be read.

    Hidden and temporary files are left out, and so is ``excluded``. Symbolic links and other drives are not entered: a
    link to the inside would give a file twice, and a drive that is unmounted looks like a folder whose files were
    deleted.
    """
    try:
        found = os.stat(folder)  # noqa: PTH116 - a text, as os.scandir gives
        listing = Listing((found.st_dev, found.st_ino))
        entries = [*_entries(folder)]
    except OSError:
        return None
    listing.folders[listing.identity] = folder
    endings, waiting = known_suffixes(), [entries]
    while waiting:
        for entry in waiting.pop():
            if entry.is_symlink():
                if not inside(os.path.realpath(entry.path)).startswith(inside(folder)):
                    listing.links.append(name_of_file(entry.path))
            elif not entry.is_dir(follow_symlinks=False):
                _add_file(listing, entry, endings)
            elif Path(entry.path) != excluded:
                waiting += _entered(listing, entry)
    return listing


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """Raises OSError."""
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name.casefold()
            if not name.startswith(_TEMPORARY_STARTS) and not name.endswith(_TEMPORARY):
                yield entry


def _entered(listing: Listing, folder: os.DirEntry[str]) -> list[list[os.DirEntry[str]]]:
    try:
        found = os.stat(folder.path)  # noqa: PTH116
        identity = (found.st_dev, found.st_ino)
        if identity in listing.folders:  # a loop, as bind mounts and junctions make them
            return []
        if found.st_dev != listing.identity[0]:
            listing.unlisted[name_of_file(folder.path)] = "it is another drive: watch it as a folder of its own"
            return []
        entries = [*_entries(folder.path)]
        listing.folders[identity] = folder.path
        return [entries]
    except OSError as error:
        listing.unlisted[name_of_file(folder.path)] = f"it cannot be read ({error.strerror})"
        return []


def _add_file(listing: Listing, entry: os.DirEntry[str], endings: tuple[str, ...]) -> None:
    try:
        found = os.stat(entry.path)  # noqa: PTH116 - entry.stat() has no inode on Windows
    except OSError:
        return  # deleted meanwhile
    is_a_guess = not entry.name.casefold().endswith(endings)
    if not stat.S_ISREG(found.st_mode) or (is_a_guess and found.st_size > MAXIMUM_GUESS_BYTES):
        return
    name = name_of_file(entry.path)
    state = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
    listing.files[name] = FoundFile(Path(entry.path), name, f"{FOLLOWED}{version_of(found)}", state, is_a_guess)
