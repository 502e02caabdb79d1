"""MEDLINE's format, which PubMed saves as .nbib and under "PubMed": https://www.nlm.nih.gov/bsd/mms/medlineelements.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from ingest.readers.base import Item, paper_from_fields
from ingest.readers.tagged import Record, begins_with, items

NAME = "PubMed's .nbib"
SUFFIXES = (".nbib", ".medline")

_TAG_LINE = re.compile(r"(?=.{4}-)([A-Z]{2,4}) *-(?: (.*)|$)")
_DOI = re.compile(r"(\S+) \[doi\]")


def recognises(start: str) -> bool:
    return begins_with(start, _TAG_LINE, "PMID", lines_before=0)


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError where no record begins."""
    return items(text, _TAG_LINE, "PMID", "SO", _item, "PMID- 31234567")


def _item(record: Record) -> Item:
    return paper_from_fields(_fields(record), f"PMID {record.value('PMID')[:20]}")


def _fields(record: Record) -> dict[str, str | list[str]]:
    """FAU is the full name of an AU; BTI is a book's title, and TT one in the paper's own language."""
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
    }
