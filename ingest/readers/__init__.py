"""From a file to papers, whatever form it has. A new form is one module, as ``base`` describes, and a name in READERS.

The form is known by the content; the name's ending only decides where the content leaves it open.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import BinaryIO

from assistant.errors import InputError
from assistant.records import Paper
from ingest.readers.decoding import Text, check_is_text
from ingest.readers.formats import (
    arxiv_atom,
    bibtex,
    csv_table,
    endnote_enw,
    endnote_xml,
    json_records,
    markdown,
    pubmed_nbib,
    pubmed_text,
    pubmed_xml,
    refworks,
    ris,
    text_listing,
    web_of_science,
)
from ingest.readers.paper_fields import Item, ReadResult, Retraction, Skipped
from ingest.readers.unpacking import PACKED_SUFFIXES, buffered, is_zip, members, unpacked

READERS: tuple[ModuleType, ...] = (
    json_records,
    pubmed_xml,
    arxiv_atom,
    endnote_xml,
    pubmed_nbib,
    ris,
    endnote_enw,
    web_of_science,
    refworks,
    bibtex,
    csv_table,
    pubmed_text,
    markdown,
    text_listing,
)
"""The strictest form first: what two recognise is read by the first."""

_KNOWN_FORMS = f"use {', '.join(reader.NAME for reader in READERS[:-1])} or {READERS[-1].NAME}"
MAXIMUM_PACKINGS = 2  # a packed file in a zip; more is a bomb
_START = 65_536

__all__ = ["READERS", "Item", "ReadResult", "Retraction", "Skipped", "known_suffixes", "read_items", "read_papers"]


def known_suffixes() -> tuple[str, ...]:
    """The endings of files that can be read, in lower case, those of packed ones among them."""
    return tuple(dict.fromkeys([suffix for reader in READERS for suffix in reader.SUFFIXES] + [*PACKED_SUFFIXES]))


def read_items(name: str, stream: BinaryIO, columns: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Papers, retractions and skipped records in their order, while the file is being read.

    ``columns`` says which columns of a table hold which fields, as in {"title": "Paper name"}. Raises InputError
    naming the file, sometimes after the first papers, when it is empty, binary, damaged or in no known form; OSError
    where the stream does.
    """
    return _items(name, buffered(name, stream), columns or {}, 0)


def read_papers(data: bytes, name: str) -> ReadResult:
    """All of ``read_items`` at once, from the bytes of a file."""
    items = list(read_items(name, io.BytesIO(data)))
    papers = tuple(item for item in items if isinstance(item, Paper))
    return ReadResult(papers, tuple(item for item in items if isinstance(item, Skipped)))


def _items(name: str, stream: io.BufferedReader, columns: Mapping[str, str], packings: int) -> Iterator[Item]:
    inner = unpacked(name, stream)
    if (inner or is_zip(stream)) and packings == MAXIMUM_PACKINGS:
        raise InputError(f"{name} is packed more than {MAXIMUM_PACKINGS} times over: unpack it yourself.")
    if inner:
        yield from _items(name, inner, columns, packings + 1)
    elif is_zip(stream):
        yield from _items_of_zip(name, stream, columns, packings + 1)
    else:
        yield from _items_of_text(name, stream, columns)


def _items_of_zip(name: str, stream: io.BufferedReader, columns: Mapping[str, str], packings: int) -> Iterator[Item]:
    """A member that cannot be read is skipped; raises InputError where none can."""
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
    start = Text(name, io.BufferedReader(io.BytesIO(stream.peek()))).read(_START)
    reader = _reader_for(name, start, columns)
    text = Text(name, stream)
    try:
        yield from csv_table.read(text, columns) if reader is csv_table else reader.read(text)
    except InputError as error:
        if str(error).startswith(name):
            raise
        raise InputError(f"{name} cannot be read as {reader.NAME} ({error}): {_KNOWN_FORMS}.") from error


def _reader_for(name: str, start: str, columns: Mapping[str, str]) -> ModuleType:
    """A text's ending says nothing: papers in it are known by their shape alone."""
    named = [reader for reader in READERS if _suffix(name) in reader.SUFFIXES and reader is not text_listing]
    if columns and csv_table in named:  # its header may be in no language that we know
        return csv_table
    recognised = [reader for reader in READERS if reader.recognises(start)]
    both = [reader for reader in recognised if reader in named]
    for reader in both + recognised + named + [csv_table] * bool(columns):
        return reader
    raise InputError(f"{name} is in no known form: {_KNOWN_FORMS}.")


def _suffix(name: str) -> str:
    name = name.casefold()
    for packed in PACKED_SUFFIXES:
        name = name.removesuffix(packed)
    return name[name.rfind(".") :] if "." in name else ""
