"""Reads RefWorks' tagged format, which many databases export: two characters, a space, a value; RT begins a record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO

from ingest.readers.interface import Item
from ingest.readers.tagged_lines import TaggedRecord, TagSyntax, begins_with, items

NAME = "RefWorks"
SUFFIXES = ()  # most files end in .txt, which says nothing

_TAG_LINE = re.compile(r"([A-Z][A-Z0-9])(?: (.*)|\s*$)")
_TAGS = frozenset(
    """RT SR ID A1 A2 A3 A4 A5 A6 T1 T2 T3 JF JO YR FD VO IS SP OP K1 AB NO ED PB PP AD AN LA SN AV UL DO CL SF OT LK DB
    DS IP RD ST U1 U2 U3 U4 U5 WT WV WP OL PM RL U6 U7 U8 U9 U0""".split()
)
_LINES_BEFORE = 3
_USED = "RT T1 AB A1 YR FD JF JO T2 DO UL LK PM"


def recognises(start: str) -> bool:
    return begins_with(start, _tag_of, "RT", _LINES_BEFORE)


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError if no record begins in the text."""
    return items(text, TagSyntax(_tag_of, _begins, "", "RT Journal Article"), _fields, _USED)


def _tag_of(line: str) -> tuple[str, str] | None:
    match = _TAG_LINE.match(line)
    return (match[1], match[2] or "") if match and match[1] in _TAGS else None


def _begins(record: TaggedRecord, tag: str, _: bool) -> bool:
    return tag == "RT" and "RT" in record.fields


def _fields(record: TaggedRecord) -> dict[str, Any]:
    return {
        "title": record.value("T1"),
        "abstract": " ".join(record.values("AB")),
        "authors": [re.sub(r",(?=\S)", ", ", name) for name in record.values("A1")],  # "Hen,Ada"
        "year": " ".join(record.values("YR", "FD")),
        "venue": record.value("JF", "JO", "T2"),
        "doi": record.value("DO"),
        "url": record.value("UL", "LK"),
        "pmid": record.value("PM"),
        "notes": record.values("NO"),
    }
