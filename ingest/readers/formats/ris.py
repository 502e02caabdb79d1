"""Reads RIS as Zotero, Mendeley, EndNote, databases and publishers export it.

Exports differ in which tag holds the title, the abstract or the journal. Many also break the rules for lines: TY may
stand anywhere in a record or be missing, ER may be missing, and the white space around the hyphen varies. A line such
as "US - type" inside an abstract is still not taken for a tag, because only known tags may break the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TextIO

from rispy import TAG_KEY_MAPPING

from ingest.readers.interface import Item
from ingest.readers.paper_fields import is_pubmed
from ingest.readers.tagged_lines import TaggedRecord, TagSyntax, begins_with, items

NAME = "RIS"
SUFFIXES = (".ris",)

_TAGS = frozenset(TAG_KEY_MAPPING) | set(
    "A5 AV BT CP CT DO ED H1 H2 IP J1 L3 L5 M2 PP SO T4 TI U1 U2 U3 U4 U5 VO".split()
)
_STRICT = re.compile(r"([A-Z][A-Z0-9])  -(?: (.*)|$)")
_LOOSE = re.compile(r"\s{0,8}([A-Z][A-Z0-9])(?:\s{1,8}[-‐‑–—−]\s{0,8}|[-‐‑–—−](?:\s{1,8}|$))(.*)")
_LOWER = re.compile(r"([a-z][a-z0-9])  -(?: (.*)|$)")
_TIGHT = re.compile(r"\s{0,8}([A-Z][A-Z0-9])-(.*)")
_TIGHT_START = re.compile(r"\s{0,8}TY-[A-Z]{3,8}\s*$")
_BARE_END = re.compile(r"\s{0,8}ER\s*$")
_MISSPELLED = re.compile(rf"\s{{0,8}}(?:{'|'.join(sorted(_TAGS))})(?:\s{{0,4}}[:=.]|\s{{1,8}}\S)")
_LINES_BEFORE = 8  # "Provider: JSTOR", "1."
_FIRST_TAGS = "TY TI T1 AU A1 AB N2 PY Y1 JO JF T2 DB DO UR ID VN UI"
_USED = "TY ER VN UI YR TI T1 CT BT AB N2 AU A1 PY Y1 DA JF T2 JO C3 JA J2 SO UR L2 DO AN DB DP"


class _Tags:
    """Finds the tag of a line. After a TY line without white space, other tags need none either."""

    def __init__(self) -> None:
        self._is_tight = False

    def __call__(self, line: str) -> tuple[str, str] | None:
        line = line.lstrip("\ufeff")  # a byte order mark inside the text, where files were joined
        if match := _STRICT.match(line):
            return match[1], match[2] or ""
        if _BARE_END.match(line):
            return "ER", ""
        self._is_tight = self._is_tight or bool(_TIGHT_START.match(line))
        for pattern in (_LOOSE, _LOWER, *([_TIGHT] * self._is_tight)):
            if (match := pattern.match(line)) and match[1].upper() in _TAGS:
                return match[1].upper(), match[2] or ""
        return None


def recognises(start: str) -> bool:
    return begins_with(start, _Tags(), _FIRST_TAGS, _LINES_BEFORE)


def read(text: TextIO) -> Iterator[Item]:
    """Raises InputError if no record begins in the text."""
    return items(text, TagSyntax(_Tags(), _begins, "ER", "TY  - JOUR", _MISSPELLED), _fields, _USED)


def _begins(record: TaggedRecord, tag: str, is_after_blank: bool) -> bool:
    """A record ends at ER; if that is missing, before the next TY.

    If both are missing, as in exports of Ovid, it ends at a blank line (or a number such as <2>) before the tag that it
    began with.
    """
    if "ER" in record.fields or "TY" in record.fields:
        return "ER" in record.fields or tag == "TY"
    return is_after_blank and tag == next(iter(record.fields)) and bool(record.value("TI", "T1"))


def _fields(record: TaggedRecord) -> dict[str, Any]:
    """An abstract may be split into several AB; authors are in AU and A1; a year is in whichever date is not empty."""
    addresses = record.value("UR", "L2").split()  # EndNote writes one per line if there are several
    return {
        "title": record.value("TI", "T1", "CT", "BT"),
        "abstract": " ".join(record.values("AB") or record.values("N2")),
        "authors": record.values("AU", "A1"),
        "year": " ".join(record.values("PY", "Y1", "DA", "YR")),
        "venue": record.value("JF", "T2", "JO", "C3", "JA", "J2", "SO"),
        "url": addresses[0] if addresses else "",
        "doi": record.value("DO"),
        "pmid": record.value("AN", "UI") if is_pubmed(record.value("DB", "DP")) else "",
        "document_type": record.value("M3"),
        "notes": record.values("N1", "KW"),
    }
