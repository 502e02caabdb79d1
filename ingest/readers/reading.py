"""Reads a file of papers: decompresses and decodes it, detects its format and runs the reader of that format."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO

from assistant.errors import InputError
from assistant.records import Paper
from ingest.readers.decoding import DecodedText, check_is_text
from ingest.readers.detection import KNOWN_FORMATS, reader_for
from ingest.readers.formats import csv_table
from ingest.readers.interface import Item, ReadResult, Skipped
from ingest.readers.unpacking import buffered, is_zip, members, unpacked

MAXIMUM_PACKINGS = 2  # levels of compression: a compressed file in a zip; more is a zip bomb
_START = 65_536  # characters from which a format is detected


def read_items(name: str, stream: BinaryIO, columns: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Papers, retractions and skipped records in the order of the file, while it is being read.

    ``columns`` maps fields to the columns of a table that hold them, as in {"title": "Paper name"}. Raises InputError
    naming the file when it is empty, binary, damaged or in no known format, sometimes after the first papers; and
    OSError where the stream does.
    """
    return _items(name, buffered(name, stream), columns or {}, 0)


def read_papers(data: bytes, name: str) -> ReadResult:
    """All papers and skipped records in the bytes of a file; raises as ``read_items`` does."""
    items = list(read_items(name, io.BytesIO(data)))
    papers = tuple(item for item in items if isinstance(item, Paper))
    return ReadResult(papers, tuple(item for item in items if isinstance(item, Skipped)))


def _items(name: str, stream: io.BufferedReader, columns: Mapping[str, str], packings: int) -> Iterator[Item]:
    inner = unpacked(name, stream)
    if (inner or is_zip(stream)) and packings == MAXIMUM_PACKINGS:
        raise InputError(f"{name} is compressed more than {MAXIMUM_PACKINGS} times: decompress it first.")
    if inner:
        yield from _items(name, inner, columns, packings + 1)
    elif is_zip(stream):
        yield from _items_of_zip(name, stream, columns, packings + 1)
    else:
        yield from _items_of_text(name, stream, columns)


def _items_of_zip(name: str, stream: io.BufferedReader, columns: Mapping[str, str], packings: int) -> Iterator[Item]:
    """A member that cannot be read is skipped; raises InputError if none can be read."""
    refusals: list[InputError] = []
    has_read = False
    for member, open_member in members(name, stream):
        try:
            for item in _items(f"{name}, {member}", open_member(), columns, packings):
                has_read = True
                yield replace(item, place=f"{member}, {item.place}") if isinstance(item, Skipped) else item
        except InputError as error:
            refusals.append(error)
            yield Skipped(member, str(error).removeprefix(f"{name}, "))
    if refusals and not has_read:
        raise refusals[0]
    if not has_read:
        raise InputError(f"{name} is empty: nothing to read.")


def _items_of_text(name: str, stream: io.BufferedReader, columns: Mapping[str, str]) -> Iterator[Item]:
    check_is_text(name, stream)
    start = DecodedText(name, io.BufferedReader(io.BytesIO(stream.peek()))).read(_START)
    reader = reader_for(name, start, columns)
    text = DecodedText(name, stream)
    try:
        yield from csv_table.read(text, columns) if reader is csv_table else reader.read(text)
    except InputError as error:
        if str(error).startswith(name):
            raise
        raise InputError(f"{name} cannot be read as {reader.NAME} ({error}): {KNOWN_FORMATS}.") from error
