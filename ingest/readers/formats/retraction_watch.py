"""Reads the table of the Retraction Watch database: which papers were retracted, and which were reinstated later.

Crossref publishes it as a CSV file (https://gitlab.com/crossref/retraction-watch-data). Each row is a notice about one
paper. Only retractions count: expressions of concern and corrections leave a paper in the literature. The rows are in
no order of time, so that those of a paper are compared by their dates, which are written month/day/year. Rows without
a DOI or PubMed id name no paper that could be found, and are left out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from assistant.errors import InputError
from assistant.text.identifiers import find_doi, find_pmid, key_of
from ingest.readers.interface import Item, Retraction, Skipped

NAME = "Retraction Watch"
SUFFIXES = (".csv",)

_NEEDED = ("RetractionNature", "RetractionDate", "OriginalPaperDOI", "OriginalPaperPubMedID")
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)


class _Retracted(NamedTuple):
    """A retraction: the keys of its paper, and its date as year, month and day."""

    keys: tuple[str, ...]
    date: tuple[int, int, int]


def recognises(start: str) -> bool:
    """Does the first line name the columns of the notice and of the paper?"""
    header = start.lstrip("\ufeff").split("\n", 1)[0]
    return "RetractionNature" in header and "OriginalPaperDOI" in header


def read(text: TextIO) -> Iterator[Item]:
    """The retractions that no later row takes back. Only their keys and dates are held in memory."""
    rows = csv.reader(text, strict=True)
    try:
        header = [name.strip("\ufeff ") for name in next(rows, [])]
    except csv.Error as error:
        raise InputError(f"its header is not valid CSV ({error})") from error
    if missing := [name for name in _NEEDED if name not in header]:
        raise InputError(f"it has no column {missing[0]}")
    retracted: list[_Retracted] = []
    reinstated: dict[str, tuple[int, int, int]] = {}
    for row in _rows(rows, len(header)):
        if isinstance(row, Skipped):
            yield row
            continue
        nature, date, doi, pmid = (row[header.index(name)].strip() for name in _NEEDED)
        keys = tuple(_keys(doi, pmid))
        if nature.casefold() == "retraction" and keys:
            retracted.append(_Retracted(keys, _date(date)))
        elif nature.casefold() == "reinstatement":
            reinstated |= {key: max(_date(date), reinstated.get(key, (0, 0, 0))) for key in keys}
    for one in retracted:
        if not any(key in reinstated and reinstated[key] >= one.date for key in one.keys):
            yield from map(Retraction, one.keys)


def _rows(rows: Iterator[list[str]], width: int) -> Iterator[list[str] | Skipped]:
    """The rows that have a field for each column; Skipped for one that cannot be read."""
    while True:
        place = f"line {rows.line_num + 1}"  # type: ignore[attr-defined]
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Skipped(place, f"not a valid row ({error})")
            continue
        if len(row) >= width - 1:  # the header ends with a comma, some rows do not
            yield [*row, ""]
        elif any(cell.strip() for cell in row):
            yield Skipped(place, f"{len(row)} fields where the header has {width}")


def _keys(doi: str, pmid: str) -> Iterator[str]:
    """The keys of a paper. Where a number is unknown, the table has 0 or "unavailable"."""
    if found := find_doi(doi):
        yield key_of("doi", found)
    if (found := find_pmid(pmid)) and found.strip("0"):
        yield key_of("pmid", found)


def _date(text: str) -> tuple[int, int, int]:
    """Year, month and day; zeros if the date cannot be read, as if it were the earliest."""
    if found := _DATE.match(text):
        month, day, year = map(int, found.groups())
        return year, month, day
    if found := _ISO_DATE.match(text):
        year, month, day = map(int, found.groups())
        return year, month, day
    return 0, 0, 0
