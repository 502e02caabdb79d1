"""MEDLINE's format, which PubMed saves as .nbib and under "PubMed": https://www.nlm.nih.gov/bsd/mms/medlineelements.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TextIO

from assistant.errors import InputError
from ingest.readers.base import Item, Skipped, paper_from_fields
from ingest.readers.tagged import Record, begins_with, records

NAME = "PubMed's .nbib"
SUFFIXES = (".nbib", ".medline")

_TAG_LINE = re.compile(r"(?=.{4}-)([A-Z]{2,4}) *-(?: (.*)|$)")
_DOI = re.compile(r"(\S+) \[doi\]")


def recognises(start: str) -> bool:
    return begins_with(start, _TAG_LINE, "PMID", lines_before=0)


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError where no record begins."""
    has_id = False
    for record in records(text, _TAG_LINE, "PMID", "SO"):
        has_id = has_id or "PMID" in record.fields
        yield _item(record)
    if not has_id:
        raise InputError('no line such as "PMID- 31234567" begins a record')


def _item(record: Record) -> Item:
    if "PMID" not in record.fields:
        return Skipped(f"line {record.line}", 'a record without the line "PMID- " that begins it')
    place = f"PMID {record.value('PMID')[:20]}"
    if not record.is_whole:
        return Skipped(place, "the file ends in the middle of this record")
    return paper_from_fields(_fields(record), place)


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
