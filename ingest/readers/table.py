"""CSV, TSV and semicolon tables with a header line.

Columns are known by the names that Zotero, Scopus, Web of Science and PubMed give them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from assistant.errors import InputError
from ingest.readers.base import Item, Skipped, paper_from_fields

NAME = "CSV or TSV"
SUFFIXES = (".csv", ".tsv", ".tab")

_COLUMNS = {  # the best name of each first; two letters are Web of Science's tab-delimited export
    "title": ("title", "article title", "document title", "paper title", "ti"),
    "abstract": ("abstract", "abstract note", "abstract text", "summary", "ab"),
    "authors": ("author full names", "af", "authors", "author", "author names", "au"),
    "year": ("publication year", "year", "py", "publication date", "date", "published"),
    "venue": ("source title", "publication title", "journal", "journal/book", "journal title", "venue", "so"),
    "url": ("url", "link", "urls"),
    "doi": ("doi", "di"),
    "arxiv_id": ("arxiv id", "arxiv"),
    "pmid": ("pubmed id", "pmid", "pm"),
}
_MARKS = ",;\t"
_SCOPUS_NUMBER = re.compile(r" ?\(\d{1,20}\)")  # Hen, Ada (57200000001)


def recognises(start: str) -> bool:
    """By the header: a title, and an abstract or enough else that one is plainly missed."""
    header = start.lstrip().split("\n", 1)[0]
    found = _guessed(_cells(header)) if any(mark in header for mark in _MARKS) else {}
    return "title" in found and ("abstract" in found or len(found) > 3)


def read(text: TextIO, columns: Mapping[str, str] | None = None) -> Iterator[Item]:
    """``columns`` names columns for fields, before what is guessed.

    Raises InputError where no column holds titles or abstracts, or one is named that the table does not have.
    """
    header, line = "", 0
    while not header.strip() and (header := text.readline()):
        line += 1
    names = _cells(header)
    found = {**_guessed(names), **_named(columns or {}, names)}
    for needed in ("title", "abstract"):
        if needed not in found:
            raise InputError(f"no column of {needed}s among {_listed(names)}; export them too, or name their column")
    for place, row in _rows(text, header, line):
        yield row if isinstance(row, Skipped) else _item(row, found, len(names), place)


def _rows(text: Iterable[str], header: str, line: int) -> Iterator[tuple[str, list[str] | Skipped]]:
    """Each with the line that it starts on; a row that is no CSV is skipped."""
    rows = _reader(text, header)
    while True:
        place = f"line {line + rows.line_num + 1}"
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield place, Skipped(place, f"not a whole row ({error})")
        else:
            if any(cell.strip() for cell in row):
                yield place, row


def _item(row: list[str], found: Mapping[str, int], width: int, place: str) -> Item:
    if any(cell.strip() for cell in row[width:]):
        return Skipped(place, "more fields than the header: put texts in quotation marks")
    if len(row) < width:
        return Skipped(place, f"{len(row)} fields where the header has {width}")
    fields = {field: row[column] for field, column in found.items()}
    return paper_from_fields({**fields, "authors": _SCOPUS_NUMBER.sub("", fields.get("authors", ""))}, place)


def _named(columns: Mapping[str, str], names: list[str]) -> dict[str, int]:
    normal, found = [_normal(name) for name in names], {}
    for field, name in columns.items():
        if field not in _COLUMNS:
            raise InputError(f"{field!r} is no field of a paper: name columns for {', '.join(_COLUMNS)}")
        if _normal(name) not in normal:
            raise InputError(f"no column {name!r} among {_listed(names)}")
        found[field] = normal.index(_normal(name))
    return found


def _guessed(names: list[str]) -> dict[str, int]:
    normal, found = [_normal(name) for name in names], {}
    for field, usual in _COLUMNS.items():
        if name := next((name for name in usual if name in normal), None):
            found[field] = normal.index(name)
    return found


def _cells(header: str) -> list[str]:
    try:
        return next(_reader([header], header), [])
    except csv.Error:
        return []


def _reader(lines: Iterable[str], header: str) -> Any:
    """Web of Science quotes nothing in its tab-delimited export, and writes quotation marks as they are."""
    mark = max(_MARKS, key=header.count)
    if header.startswith("PT\t"):
        return csv.reader(lines, delimiter=mark, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=mark, strict=True)


def _normal(name: str) -> str:
    return " ".join(name.replace("_", " ").casefold().split())


def _listed(names: list[str]) -> str:
    return ", ".join(" ".join(name.split())[:40] for name in names[:60] if name.strip()) or "none"
