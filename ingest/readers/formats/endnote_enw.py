"""refer, which EndNote exports as .enw: a percent sign, a character, a space and a value.

Tags as in EndNote's import filter; %0 is EndNote's own, in BSD refer a blank line ends a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO

from ingest.readers.paper_fields import Item, is_pubmed
from ingest.readers.tagged_lines import Form, Record, begins_with, items

NAME = "refer (.enw)"
SUFFIXES = (".enw", ".refer")

_TAG_LINE = re.compile(r"%([0-9A-Za-z~!@#$&*()+\[\]^=|;:<>?,.-])(?:[ \t]+(.*)|\s*$)")
_LINES_BEFORE = 2
_USED = "0 T X A D 8 J B R U M ~ W"


def recognises(start: str) -> bool:
    return begins_with(start, _tag_of, "0 T A", _LINES_BEFORE)


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError where no record begins."""
    return items(text, Form(_tag_of, _begins, "", "%0 Journal Article"), _fields, _USED)


def _tag_of(line: str) -> tuple[str, str] | None:
    match = _TAG_LINE.match(line)
    return (match[1], match[2] or "") if match else None


def _begins(record: Record, tag: str, is_after_blank: bool) -> bool:
    """Without %0, a blank line ends a record that has a title; abstracts may have blank lines, with no tag behind."""
    return tag == "0" or (is_after_blank and "0" not in record.fields and "T" in record.fields)


def _fields(record: Record) -> dict[str, Any]:
    """A group's name ends in a comma, so that EndNote does not take it apart."""
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
