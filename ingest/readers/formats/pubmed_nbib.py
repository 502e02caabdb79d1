"""Reads MEDLINE's tagged format, which PubMed saves as .nbib.

Tags: https://www.nlm.nih.gov/bsd/mms/medlineelements.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO

from assistant.errors import InputError
from assistant.text.identifiers import find_marked_pmid, key_of, pubmed_address
from ingest.readers.interface import Item, Retraction, Skipped
from ingest.readers.tagged_lines import TaggedRecord, TagSyntax, begins_with, item, records

NAME = "PubMed's .nbib"
SUFFIXES = (".nbib", ".medline")

_TAG_LINE = re.compile(r"(?=.{4}-)([A-Z]{2,4}) *-(?: (.*)|$)")
_DOI = re.compile(r"(\S+) \[doi\]")
_USED = "PMID TI BTI TT AB FAU AU CN DP DEP JT TA LID AID"


def recognises(start: str) -> bool:
    return begins_with(start, _tag_of, "PMID", lines_before=0)


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError if no record begins in the text."""
    has_begun = False
    for record in records(text, _SYNTAX):
        has_begun = has_begun or "PMID" in record.fields
        if record.is_whole and "PMID" not in record.fields:
            yield Skipped(record.place, 'a record without the line "PMID- " that begins it')
        else:
            yield item(record, _fields(record), f"PMID {record.value('PMID')[:20]}", _USED)
            yield from _retractions(record) if record.is_whole else ()
    if not has_begun:
        raise InputError(f'no line such as "{_SYNTAX.example}" begins a record')


def _retractions(record: TaggedRecord) -> Iterator[Retraction]:
    """The papers that a retraction notice names under ROF (RetractionOf)."""
    for value in record.values("ROF"):
        if pmid := find_marked_pmid(value):
            yield Retraction(key_of("pmid", pmid))


def _tag_of(line: str) -> tuple[str, str] | None:
    match = _TAG_LINE.match(line)
    return (match[1], match[2] or "") if match else None


def _begins(record: TaggedRecord, tag: str, _: bool) -> bool:
    return tag == "PMID" or "SO" in record.fields


def _fields(record: TaggedRecord) -> dict[str, Any]:
    """FAU is the full name of an AU; BTI is the title of a book; TT is a title in the language of the paper; RIN
    (RetractionIn) names the notice that retracted the paper."""
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


_SYNTAX = TagSyntax(_tag_of, _begins, "SO", "PMID- 31234567")
