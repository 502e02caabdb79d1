"""Decompresses gzip, xz, bzip2 and zip files in pieces; detects them by their first bytes, not their names."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, BinaryIO, cast

from assistant.errors import InputError

PACKED_SUFFIXES = (".gz", ".xz", ".bz2", ".zip")
HEAD = 262_144  # bytes that a ``peek`` returns
MAXIMUM_INNER_ZIP = 1_000_000_000  # bytes of a zip inside a compressed file

_UNPACKERS: dict[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"\xfd7zXZ\x00": lzma.open,
    **{b"BZh%d" % level: bz2.open for level in range(1, 10)},
}
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
_ZIP_DAMAGE = (*_DAMAGE, RuntimeError, ValueError, OverflowError, struct.error)  # RuntimeError: it has a password
_SYSTEM_FILES = ("__MACOSX/", ".DS_Store", "Thumbs.db")
_DOCUMENTS = {
    "word/": "a Word document: save it as plain text",
    "xl/": "an Excel workbook: save it as CSV",
    "ppt/": "a presentation: save it as plain text",
    "mimetype": "a document: save it as plain text or CSV",  # OpenDocument, EPUB
}


class GuardedBytes(io.RawIOBase):
    """A stream of bytes; errors of decompression become InputError with the name of the file."""

    def __init__(self, name: str, stream: BinaryIO, *, is_unpacked: bool = False) -> None:
        super().__init__()
        self._name, self._stream = name, stream
        self._damage = _DAMAGE if is_unpacked else ()
        self._can_seek = not is_unpacked and stream.seekable()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._can_seek

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: Any, /) -> int:
        """Fills the buffer unless the stream ends, so that a ``peek`` returns as many bytes as were requested."""
        filled = 0
        try:
            while filled < len(buffer) and (data := self._stream.read(len(buffer) - filled)):
                buffer[filled : filled + len(data)] = data
                filled += len(data)
        except self._damage as error:
            raise InputError(f"{self._name} is damaged or cut short ({error}): fetch or pack it again.") from error
        return filled


def buffered(name: str, stream: BinaryIO, *, is_unpacked: bool = False) -> io.BufferedReader:
    return io.BufferedReader(GuardedBytes(name, stream, is_unpacked=is_unpacked), HEAD)


def unpacked(name: str, stream: io.BufferedReader) -> io.BufferedReader | None:
    """The decompressed stream of a gzip, xz or bzip2 file; None for any other stream."""
    head = stream.peek(HEAD)
    for magic, unpack in _UNPACKERS.items():
        if head.startswith(magic):
            return buffered(name, unpack(stream), is_unpacked=True)
    return None


def is_zip(stream: io.BufferedReader) -> bool:
    return stream.peek(HEAD).startswith(_ZIP)


def members(name: str, stream: io.BufferedReader) -> Iterator[tuple[str, Callable[[], io.BufferedReader]]]:
    """The files in a zip: the name of each and a function that opens it. Both raise InputError if it is damaged.

    Close a file before you ask for the next one: the zip is closed at the end.
    """
    with ExitStack() as stack:
        whole = stream if stream.seekable() else stack.enter_context(_copy(name, stream))
        try:
            archive = stack.enter_context(zipfile.ZipFile(whole))
        except _ZIP_DAMAGE as error:
            raise InputError(f"{name} is damaged or cut short ({error}): fetch or pack it again.") from error
        for start, what in _DOCUMENTS.items():
            if any(member.startswith(start) for member in archive.namelist()):
                raise InputError(f"{name} is {what}.")
        for member in archive.infolist():
            if not member.is_dir() and not member.filename.startswith(_SYSTEM_FILES):
                shown = " ".join(member.filename.split())
                yield shown, partial(_opened, archive, member, f"{name}, {shown}")


def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> io.BufferedReader:
    try:
        return buffered(name, cast("BinaryIO", archive.open(member)), is_unpacked=True)
    except _ZIP_DAMAGE as error:
        raise InputError(f"{name} cannot be unpacked ({error}): unpack it yourself.") from error


@contextmanager
def _copy(name: str, stream: io.BufferedReader) -> Iterator[BinaryIO]:
    """A seekable copy: a zip is read from its end, which a decompressed stream cannot do."""
    with tempfile.TemporaryFile() as copy:
        while data := stream.read(HEAD):
            copy.write(data)
            if copy.tell() > MAXIMUM_INNER_ZIP:
                raise InputError(f"{name} holds a zip that is too large: unpack it yourself.")
        copy.seek(0)
        yield cast("BinaryIO", copy)
