"""RIS, as Zotero, Mendeley, EndNote and publishers export it. They agree on the shape of a line and on TY, but not on
which tag holds the title, the abstract or the journal, and not all of them end a record with ER."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from ingest.readers.base import Item, paper_from_fields
from ingest.readers.tagged import Record, begins_with, items

NAME = "RIS"
SUFFIXES = (".ris",)

_TAG_LINE = re.compile(r"([A-Z][A-Z0-9])  -(?: (.*)|$)")
_LINES_BEFORE = 8  # "Provider: JSTOR", "1."
_PUBMED = re.compile(r"pubmed|medline|nlm", re.IGNORECASE)


def recognises(start: str) -> bool:
    return begins_with(start, _TAG_LINE, "TY", _LINES_BEFORE)


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError where no record begins."""
    return items(text, _TAG_LINE, "TY", "ER", _item, "TY  - JOUR")


def _item(record: Record) -> Item:
    return paper_from_fields(_fields(record), f"line {record.line}")


def _fields(record: Record) -> dict[str, str | list[str]]:
    """Abstracts come in several AB as well; both kinds of authors, and a year in any of three, since some are empty."""
    addresses = record.value("UR", "L2").split()  # where there are several, EndNote writes one a line
    return {
        "title": record.value("TI", "T1", "CT", "BT"),
        "abstract": " ".join(record.values("AB") or record.values("N2")),
        "authors": record.values("AU", "A1"),
        "year": " ".join(record.values("PY", "Y1", "DA")),
        "venue": record.value("JF", "T2", "JO", "C3", "JA", "J2"),
        "url": addresses[0] if addresses else "",
        "doi": record.value("DO"),
        "pmid": record.value("AN") if _PUBMED.search(record.value("DB", "DP")) else "",
    }
