"""Atomic, durable writes (temporary file, fsync, rename), and one error for a full disk."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from assistant.errors import IndexDamaged

_FULL_DISK_CODES = {errno.ENOSPC, errno.EDQUOT}
_FULL_DISK_WORDS = ("disk is full", "no space left", "quota exceeded")
_LEAST_FREE_BYTES = 10_000_000  # with less, any failure is blamed on the disk: Chroma does not always give the cause


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives the path of a temporary file to write; when the block ends, that file takes the place of ``path``.

    After a crash or a power cut, ``path`` contains either its old content or all of the new one. Its mode is kept, and
    a symbolic link stays a link. Threads and processes may replace one file at the same time: the last one wins. Raises
    OSError, and then, as when the block raises, leaves ``path`` as it was.
    """
    path = path.resolve()
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    try:
        yield temporary
        fsync_file(temporary)
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
        fsync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_file(path: Path, content: bytes) -> None:
    """Write a file in one step, as ``replacing`` does. Raises OSError."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def sha256_of(path: Path) -> str:
    """The hash of a file as hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush_and_fsync(file: IO[Any]) -> None:
    """Make all that was written to an open file outlast a power cut. Raises OSError."""
    file.flush()
    os.fsync(file.fileno())


def fsync_file(path: Path) -> None:
    """Make the content of a file outlast a power cut. Raises OSError."""
    _fsync(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)  # Windows flushes only files that are open for writing


def fsync_folder(folder: Path) -> None:
    """Make the names of the files in a folder outlast a power cut, after one was added, renamed or deleted.

    Raises OSError. Windows has no such call.
    """
    if os.name != "nt":
        _fsync(folder, os.O_RDONLY)


def fsync_folder_and_files(folder: Path) -> None:
    """Make the files directly in a folder, and their names, outlast a power cut. Raises OSError."""
    for path in folder.iterdir():
        if path.is_file():
            fsync_file(path)
        else:
            fsync_folder(path)
    fsync_folder(folder)


def _fsync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def translating_full_disk(folder: Path) -> Iterator[None]:
    """Raises IndexDamaged, with what to do, if the block fails because the disk of ``folder`` is full.

    Other errors pass unchanged.
    """
    try:
        yield
    except (IndexDamaged, OSError) as error:
        if not is_disk_full_error(error) and not _is_almost_full(folder):
            raise
        raise IndexDamaged(
            f"The disk of {folder} is full: make room and run the same command again; nothing stored is lost."
        ) from error


def is_disk_full_error(error: BaseException | None) -> bool:
    """Does this error, or one that caused it, report a full disk or an exhausted quota?"""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL_DISK_CODES:
            return True
        if any(words in str(error).casefold() for words in _FULL_DISK_WORDS):
            return True
        error = error.__cause__
    return False


def _is_almost_full(folder: Path) -> bool:
    """A file system without any capacity, such as /proc, is not full: it takes no files at all."""
    existing = next((place for place in (folder, *folder.parents) if place.is_dir()), Path())
    usage = shutil.disk_usage(existing)
    return usage.total > 0 and usage.free <= _LEAST_FREE_BYTES
