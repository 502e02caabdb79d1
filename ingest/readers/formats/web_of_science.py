"""Reads Web of Science's "plain text" export: two characters, a space and a value; continued lines are indented.

Field tags: https://images.webofknowledge.com/images/help/WOS/hs_wos_fieldtags.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO

from ingest.readers.interface import Item
from ingest.readers.tagged_lines import TaggedRecord, TagSyntax, begins_with, items

NAME = "Web of Science's plain text"
SUFFIXES = (".ciw", ".isi")

_TAG_LINE = re.compile(r"([A-Z][A-Z0-9])(?: (.*)|\s*$)")
_FILE_TAGS = {"FN", "VR", "EF"}
_MISSPELLED = re.compile(r"(?:PT|AU|TI|AB|SO)[\s:=-]")
_USED = "PT ER TI AB AU AF PY SO DI PM UT"


def recognises(start: str) -> bool:
    """A file header, or a PT line followed by another tag: lines of two letters and a space are common in any text."""
    lines = start.lstrip().split("\n", 3)
    is_head = lines[0].startswith("FN ") and any(line.startswith(("VR ", "PT ")) for line in lines[1:])
    return is_head or (lines[0].startswith("PT ") and begins_with(start, _tag_of, "PT", lines_before=0))


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError if no record begins in the text."""
    return items(text, TagSyntax(_tag_of, _begins, "ER", "PT J", _MISSPELLED), _fields, _USED)


def _tag_of(line: str) -> tuple[str, str] | None:
    match = _TAG_LINE.match(line)
    return (match[1], match[2] or "") if match and match[1] not in _FILE_TAGS else None


def _begins(record: TaggedRecord, tag: str, _: bool) -> bool:
    return "ER" in record.fields or (tag == "PT" and "PT" in record.fields)


def _fields(record: TaggedRecord) -> dict[str, Any]:
    """AF has full names and AU initials; both have one name per line."""
    return {
        "title": record.value("TI"),
        "abstract": " ".join(record.values("AB")),
        "authors": record.lines("AF", "AU"),
        "year": record.value("PY"),
        "venue": record.value("SO"),
        "doi": record.value("DI"),
        "pmid": record.value("PM"),
        "document_type": record.value("DT"),
    }
