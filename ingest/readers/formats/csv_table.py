"""Reads CSV, TSV and semicolon-separated tables that have a header line, even after other lines.

Columns are recognised by the names that reference managers, databases and review tools give them. If several columns
may hold a field, the first that is not empty in a row counts.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, TextIO

from assistant.errors import InputError
from ingest.readers.interface import Item, Skipped
from ingest.readers.paper_fields import paper_from_fields
from ingest.readers.unread_fields import with_unread_field

NAME = "CSV or TSV"
SUFFIXES = (".csv", ".tsv", ".tab")

_COLUMNS = {  # the best name of each field first; two letters are of Web of Science's tab-delimited export
    "title": ("title", "article title", "document title", "paper title", "primary title", "display name", "ti"),
    "abstract": ("abstract", "abstract note", "abstract text", "abstracts", "summary", "ab"),
    "authors": (
        *("author full names", "af", "authors", "author", "author names", "author list", "creators", "creator", "au"),
        "authorships.author.display name",
    ),
    "year": (
        *("publication year", "year", "py", "pubyear", "published year", "year published", "publication date", "date"),
        *("date published", "published", "cover date"),
    ),
    "venue": (
        *("source title", "publication title", "journal", "journal/book", "journal title", "venue", "so", "source"),
        *("source title/anthology title", "publication name", "container title", "secondary title", "booktitle"),
        *("primary location.source.display name", "proceedings title", "conference name", "pubtitle"),
    ),
    "url": ("url", "link", "urls", "article url", "articleurl", "source urls", "source linkout", "pdf link"),
    "doi": ("doi", "di", "doi link", "digital object identifier"),
    "arxiv_id": ("arxiv id", "arxiv"),
    "pmid": ("pubmed id", "pmid", "pm", "medline pmid"),
}
_RETRACTION_COLUMNS = {
    "document type",
    "publication type",
    "is retracted",
    "note",
    "notes",
    "extra",
    "tags",
    "manual tags",
}
_DELIMITERS = ",;\t|"
_LINES_BEFORE = 30  # "About the data: Exported on ...", "sep=;"
_SCOPUS_AUTHOR_ID = re.compile(r" ?\(\d{1,20}\)")  # Hen, Ada (57200000001)

_LIST = re.compile(r"['\"], ?['\"]")  # Python's way to write a list: ['Hen, Ada', 'Cock, Bo']
_NEXT_ADDRESS = re.compile(r"[;|,\s]+(?=https?://)")


def recognises(start: str) -> bool:
    """Does the header name a title and an abstract, or a title and at least three other fields?

    After other lines a header needs title, abstract and one more field, since any text may mention the first two.
    """
    lines = [line for line in start.split("\n", _LINES_BEFORE) if line.strip()]
    found = [_recognised(_cells(line)) for line in lines[:_LINES_BEFORE]]
    if found and "title" in found[0] and ("abstract" in found[0] or len(found[0]) > 3):
        return True
    return any({"title", "abstract"} <= columns.keys() and len(columns) > 2 for columns in found[1:])


def read(text: TextIO, columns: Mapping[str, str] | None = None) -> Iterator[Item]:
    """``columns`` maps fields to names of columns and takes precedence over recognised names.

    Raises InputError if no column holds titles or abstracts, or if the table lacks a column in ``columns``.
    """
    columns = columns or {}
    header, line, rest = _header(text, columns)
    names = _cells(header)
    found = {**_recognised(names), **_named(columns, names)}
    for needed in ("title", "abstract"):
        if needed not in found:
            raise InputError(f"no column of {needed}s among {_listed(names)}; export them too, or name their column")
    for place, row in _rows(chain(rest, text), header, line):
        yield row if isinstance(row, Skipped) else _item(row, found, names, place)


def _header(text: TextIO, columns: Mapping[str, str]) -> tuple[str, int, list[str]]:
    """The header, its line number, and the lines after it that were already read.

    If no line names all that is needed, the line that names the most columns is taken as the header.
    """
    wanted = {"title", "abstract"} - columns.keys()
    best: tuple[int, int, str] = (-1, 0, "")
    lines = list[str]()
    for number, line in enumerate(islice(text, _LINES_BEFORE), start=1):
        lines.append(line)
        names = _cells(line)
        found = _recognised(names).keys()
        normal = [_normal(name) for name in names]
        if wanted <= found and all(_normal(name) in normal for name in columns.values()):
            return line, number, []
        if line.strip() and len(found) > best[0]:
            best = len(found), number, line
    _, number, header = best
    return header, number, lines[number:]


def _rows(text: Iterable[str], header: str, line: int) -> Iterator[tuple[str, list[str] | Skipped]]:
    """Each row after the line that it starts on; Skipped for one that is not valid CSV."""
    rows = _csv_reader(text, header)
    while True:
        place = f"line {line + rows.line_num + 1}"
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield place, Skipped(place, f"not a valid row ({error})")
        else:
            if any(cell.strip() for cell in row):
                yield place, row


def _item(row: list[str], found: Mapping[str, list[int]], names: list[str], place: str) -> Item:
    width = len(names)
    if any(cell.strip() for cell in row[width:]):
        return Skipped(place, "more fields than the header: put texts in quotation marks")
    if len(row) < width:
        return Skipped(place, f"{len(row)} fields where the header has {width}")
    fields = {field: _first(row, places) for field, places in found.items()}
    authors = _separated(fields.get("authors", ""))
    address = _NEXT_ADDRESS.split(fields.get("url", ""))[0]
    used = {place for places in found.values() for place in places}
    others = {name: cell for number, (name, cell) in enumerate(zip(names, row, strict=False)) if number not in used}
    notes = {name: cell for name, cell in others.items() if _normal(name) in _RETRACTION_COLUMNS}
    return with_unread_field(paper_from_fields({**notes, **fields, "authors": authors, "url": address}, place), others)


def _separated(authors: str) -> str:
    """The names separated by semicolons, without the author ids of Scopus."""
    if authors.startswith(("['", '["')):
        authors = _LIST.sub(";", authors).strip(" []'\"")
    return _SCOPUS_AUTHOR_ID.sub("", authors).replace("|", ";")


def _first(row: list[str], places: list[int]) -> str:
    return next((row[place] for place in places if row[place].strip()), "")


def _named(columns: Mapping[str, str], names: list[str]) -> dict[str, list[int]]:
    normal, found = [_normal(name) for name in names], {}
    for field, name in columns.items():
        if field not in _COLUMNS:
            raise InputError(f"{field!r} is not a field of a paper: name columns for {', '.join(_COLUMNS)}")
        if _normal(name) not in normal:
            raise InputError(f"no column {name!r} among {_listed(names)}")
        found[field] = [normal.index(_normal(name))]
    return found


def _recognised(names: list[str]) -> dict[str, list[int]]:
    normal = [_normal(name) for name in names]
    found = {field: [normal.index(name) for name in usual if name in normal] for field, usual in _COLUMNS.items()}
    return {field: places for field, places in found.items() if places}


def _cells(header: str) -> list[str]:
    """The cells of one line; empty if it is not valid CSV."""
    if not any(mark in header for mark in _DELIMITERS):
        return [header.strip()] if header.strip() else []
    try:
        return next(_csv_reader([header], header), [])
    except csv.Error:
        return []


def _csv_reader(lines: Iterable[str], header: str) -> Any:
    """In the tab-delimited export of Web of Science (first column PT), quotation marks are ordinary characters."""
    delimiter = max(_DELIMITERS, key=header.count)
    if header.startswith("PT\t"):
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _normal(name: str) -> str:
    """In lower case, with one space between words, and as a plural for "Author(s)" and "Author/s"."""
    name = re.sub(r"\(s\)|/s\b", "s", name.replace("_", " ").casefold())
    return " ".join(name.strip(" :\ufeff").split())


def _listed(names: list[str]) -> str:
    return ", ".join(" ".join(name.split())[:40] for name in names[:60] if name.strip()) or "none"
