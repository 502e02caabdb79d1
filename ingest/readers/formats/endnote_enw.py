"""Reads refer, the tagged format that EndNote exports as .enw: a percent sign, a character, a space and a value.

Tags as in EndNote's import filter. The tag %0 begins a record in EndNote only; in BSD refer a blank line ends one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO

from ingest.readers.interface import Item
from ingest.readers.paper_fields import is_pubmed
from ingest.readers.tagged_lines import TaggedRecord, TagSyntax, begins_with, items

NAME = "refer (.enw)"
SUFFIXES = (".enw", ".refer")

_TAG_LINE = re.compile(r"%([0-9A-Za-z~!@#$&*()+\[\]^=|;:<>?,.-])(?:[ \t]+(.*)|\s*$)")
_LINES_BEFORE = 2
_USED = "0 T X A D 8 J B R U M ~ W"


def recognises(start: str) -> bool:
    return begins_with(start, _tag_of, "0 T A", _LINES_BEFORE)


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError if no record begins in the text."""
    return items(text, TagSyntax(_tag_of, _begins, "", "%0 Journal Article"), _fields, _USED)


def _tag_of(line: str) -> tuple[str, str] | None:
    match = _TAG_LINE.match(line)
    return (match[1], match[2] or "") if match else None


def _begins(record: TaggedRecord, tag: str, is_after_blank: bool) -> bool:
    """Without %0, a tag after a blank line begins a record, if the one so far has a title.

    A blank line inside an abstract is followed by a line without a tag.
    """
    return tag == "0" or (is_after_blank and "0" not in record.fields and "T" in record.fields)


def _fields(record: TaggedRecord) -> dict[str, Any]:
    """The name of a group ends in a comma, by which EndNote keeps it in one piece."""
    addresses = record.value("U").split()
    return {
        "title": record.value("T"),
        "abstract": " ".join(record.values("X")),
        "authors": [name.rstrip(", ") for name in record.values("A")],
        "year": " ".join(record.values("D", "8")),
        "venue": record.value("J", "B"),
        "url": addresses[0] if addresses else "",
        "doi": record.value("R"),
        "pmid": record.value("M") if is_pubmed(record.value("~", "W")) else "",
        "document_type": record.value("9"),
    }
