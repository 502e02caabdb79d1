"""MEDLINE's format, which PubMed saves as .nbib and under "PubMed": https://www.nlm.nih.gov/bsd/mms/medlineelements.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO

from assistant.errors import InputError
from assistant.text.identifiers import find_marked_pmid, key_of, pubmed_address
from ingest.readers.paper_fields import Item, Retraction, Skipped
from ingest.readers.tagged_lines import Form, Record, begins_with, item, records

NAME = "PubMed's .nbib"
SUFFIXES = (".nbib", ".medline")

_TAG_LINE = re.compile(r"(?=.{4}-)([A-Z]{2,4}) *-(?: (.*)|$)")
_DOI = re.compile(r"(\S+) \[doi\]")
_USED = "PMID TI BTI TT AB FAU AU CN DP DEP JT TA LID AID"


def recognises(start: str) -> bool:
    return begins_with(start, _tag_of, "PMID", lines_before=0)


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError where no record begins."""
    form, has_begun = Form(_tag_of, _begins, "SO", "PMID- 31234567"), False
    for record in records(text, form):
        has_begun = has_begun or "PMID" in record.fields
        if not record.is_whole:
            yield Skipped(record.place, "the file ends in the middle of this record")
        elif "PMID" not in record.fields:
            yield Skipped(record.place, 'a record without the line "PMID- " that begins it')
        else:
            yield item(record, _fields(record), f"PMID {record.value('PMID')[:20]}", _USED)
            yield from _retractions(record)
    if not has_begun:
        raise InputError(f'no line such as "{form.example}" begins a record')


def _retractions(record: Record) -> Iterator[Retraction]:
    """A retraction notice refers to the papers that it is about under ROF (RetractionOf)."""
    for value in record.values("ROF"):
        if pmid := find_marked_pmid(value):
            yield Retraction(key_of("pmid", pmid))


def _tag_of(line: str) -> tuple[str, str] | None:
    match = _TAG_LINE.match(line)
    return (match[1], match[2] or "") if match else None


def _begins(record: Record, tag: str, _: bool) -> bool:
    return tag == "PMID" or "SO" in record.fields


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
        "url": pubmed_address(pmid),
        "doi": next((match[1] for value in record.values("LID", "AID") if (match := _DOI.fullmatch(value))), ""),
        "pmid": pmid,
        "publication_types": record.values("PT"),
        "is_retracted": bool(record.values("RIN")),
    }
