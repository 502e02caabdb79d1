"""Disks: one line for a full one, whichever of the libraries ran into it, and files that outlast a power cut."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import IndexDamaged

_ERRORS = {errno.ENOSPC, errno.EDQUOT}
_WORDS = ("disk is full", "no space left", "quota exceeded")
_LEAST_BYTES = 10_000_000  # free on a disk that is not full: Chroma does not always say what it failed of


@contextmanager
def needing_room(folder: Path) -> Iterator[None]:
    """Raises IndexDamaged, saying what to do, where the disk of ``folder`` is full; other errors as they are."""
    try:
        yield
    except (IndexDamaged, OSError) as error:
        if not speaks_of_full_disk(error) and _free_bytes(folder) > _LEAST_BYTES:
            raise
        raise IndexDamaged(
            f"The disk of {folder} is full: make room and run the same command again; nothing stored is lost."
        ) from error


def speaks_of_full_disk(error: BaseException | None) -> bool:
    """Does this, or what it came from, speak of a full disk?"""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _ERRORS:
            return True
        if any(words in str(error).casefold() for words in _WORDS):
            return True
        error = error.__cause__
    return False


def put_on_disk(folder: Path) -> None:
    """Have the files in a folder, and their names, outlast a power cut. Raises OSError."""
    for path in (*folder.iterdir(), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_file(path: Path, content: bytes) -> None:
    """Write a file, so that after a crash or a power cut it holds either this or what it held before. Several
    threads and processes may write one file at once.

    Raises OSError, and then leaves the file as it was.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _free_bytes(folder: Path) -> int:
    """On the disk of a folder that may not have been made."""
    there = next((place for place in (folder, *folder.parents) if place.is_dir()), Path())
    return shutil.disk_usage(there).free
