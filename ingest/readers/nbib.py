"""MEDLINE's format, which PubMed saves as .nbib and under "PubMed": https://www.nlm.nih.gov/bsd/mms/medlineelements.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO

from ingest.readers.base import Item, Retraction, paper_from_fields
from ingest.readers.tagged import Record, begins_with, items

NAME = "PubMed's .nbib"
SUFFIXES = (".nbib", ".medline")

_TAG_LINE = re.compile(r"(?=.{4}-)([A-Z]{2,4}) *-(?: (.*)|$)")
_DOI = re.compile(r"(\S+) \[doi\]")
_PMID = re.compile(r"\bPMID: ?(\d{1,12})\b")


def recognises(start: str) -> bool:
    return begins_with(start, _TAG_LINE, "PMID", lines_before=0)


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError where no record begins."""
    found: list[Retraction] = []

    def item(record: Record) -> Item:
        found.extend(_retractions(record))
        return _item(record)

    for one in items(text, _TAG_LINE, "PMID", "SO", item, "PMID- 31234567"):
        yield one
        yield from found
        found.clear()


def _retractions(record: Record) -> Iterator[Retraction]:
    """A retraction notice refers to the papers that it is about under ROF (RetractionOf)."""
    for value in record.values("ROF"):
        if match := _PMID.search(value):
            yield Retraction(f"pmid:{match[1]}")


def _item(record: Record) -> Item:
    return paper_from_fields(_fields(record), f"PMID {record.value('PMID')[:20]}")


def _fields(record: Record) -> dict[str, Any]:
    """FAU is the full name of an AU; BTI is a book's title, and TT one in the paper's own language; RIN (RetractionIn)
    names the notice that retracted the paper."""
    pmid = record.value("PMID")
    return {
        "title": record.value("TI", "BTI", "TT"),
        "abstract": record.value("AB"),
        "authors": (record.values("FAU") or record.values("AU")) + record.values("CN"),
        "year": record.value("DP", "DEP"),
        "venue": record.value("JT", "TA", "BTI"),
        "url": f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",
        "doi": next((match[1] for value in record.values("LID", "AID") if (match := _DOI.fullmatch(value))), ""),
        "pmid": pmid,
        "publication_types": record.values("PT"),
        "is_retracted": bool(record.values("RIN")),
    }
