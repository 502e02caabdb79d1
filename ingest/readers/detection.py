"""Chooses the reader for a file: the list of all readers, and the rules by which one is chosen.

A format is detected by content; the ending of the file's name only decides between readers that all recognise it.
``reader_for`` tries, in this order:

1. the table reader, if the user has named columns of tables and the name ends like a table's, because such a header
   may use any language;
2. the first reader in READERS that recognises the content and has the ending among its SUFFIXES;
3. the first reader in READERS that recognises the content;
4. the first reader in READERS that has the ending, so that a damaged file gets an error that names its format;
5. the table reader, if the user has named columns.

A text file (.txt) may hold anything, so that ending selects no reader.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.errors import InputError
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
    retraction_watch,
    ris,
    text_listing,
    web_of_science,
)
from ingest.readers.interface import Reader
from ingest.readers.unpacking import PACKED_SUFFIXES

READERS: tuple[Reader, ...] = (
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
    retraction_watch,
    csv_table,
    pubmed_text,
    markdown,
    text_listing,
)
"""From the strictest format to the loosest: a text that two of them recognise belongs to the first."""

KNOWN_FORMATS = f"use {', '.join(reader.NAME for reader in READERS[:-1])} or {READERS[-1].NAME}"


def known_suffixes() -> tuple[str, ...]:
    """The endings of files that can be read, compressed ones included, in lower case."""
    return tuple(dict.fromkeys([suffix for reader in READERS for suffix in reader.SUFFIXES] + [*PACKED_SUFFIXES]))


def reader_for(name: str, start: str, columns: Mapping[str, str]) -> Reader:
    """The reader for a file of this name that starts with this text; ``columns`` are those named for tables.

    Raises InputError if no reader fits.
    """
    with_ending = [reader for reader in READERS if _suffix(name) in reader.SUFFIXES and reader is not text_listing]
    if columns and csv_table in with_ending:
        return csv_table
    recognising = [reader for reader in READERS if reader.recognises(start)]
    both = [reader for reader in recognising if reader in with_ending]
    usual = [reader for reader in with_ending if reader is not retraction_watch]  # a damaged table is of papers
    for reader in both + recognising + usual:
        return reader
    if columns:
        return csv_table
    raise InputError(f"{name} is in no known format: {KNOWN_FORMATS}.")


def _suffix(name: str) -> str:
    """The ending of a name, without those of compression: ".csv" for "papers.CSV.gz"."""
    name = name.casefold()
    for packed in PACKED_SUFFIXES:
        name = name.removesuffix(packed)
    return name[name.rfind(".") :] if "." in name else ""
