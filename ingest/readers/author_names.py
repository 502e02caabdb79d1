"""Splits a field of author names into one name per author."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ingest.readers.markup.plain_text import name_of
from ingest.readers.text_cleaning import clean

_INITIALS = re.compile(r"(?:[^\W\d_]{1,3}\.[ -]?){1,6}|[A-Z]{1,3}|Jr\.?|Sr\.?|II|III")


def author_names(value: Any) -> tuple[str, ...]:
    """``value``: a list of texts, of {"name"} or of {"given", "family"}; or one text with all names."""
    if isinstance(value, str):
        value = _split(name_of(clean(value)))
    if not isinstance(value, list | tuple):
        return ()
    names = (" ".join(name_of(clean(_name(item))).split()) for item in value)
    return tuple(name for name in names if name)


def _split(text: str) -> list[str]:
    """The names in "Hen, Ada; Cock, Bo", "Hen, Ada and Cock, Bo", "Ada Hen, Bo Cock" or "Hen, A., Cock, B.".

    "Hen, Ada" is one name: a comma separates names only where each part is a whole name or has its initials.
    """
    if ";" in text:
        return text.split(";")
    names = []
    for part in " ".join(text.split()).split(" and "):
        pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
        if all(" " in piece for piece in pieces):
            names += pieces
        else:
            names += _joined_with_initials(pieces) or [part]
    return names


def _joined_with_initials(pieces: list[str]) -> list[str]:
    """Names from "Hen", "A.", "Cock", "B.C.", "Yard Group", "et al."; empty if a single word has no initials."""
    names = list[list[str]]()
    for piece in pieces:
        if names and _INITIALS.fullmatch(piece):
            names[-1].append(piece)
        elif piece.casefold() not in ("et al", "et al."):
            names.append([piece])
    are_names = all(len(name) > 1 or " " in name[0] for name in names)
    return [", ".join(name) for name in names] if are_names else []


def _name(item: Any) -> str:
    if not isinstance(item, Mapping):
        return item if isinstance(item, str) else ""
    whole = next((item[key] for key in ("name", "display_name", "literal") if item.get(key)), "")
    parts = [item.get(key) for key in ("given", "non-dropping-particle", "family", "suffix")]
    return whole if isinstance(whole, str) and whole else " ".join(part for part in parts if isinstance(part, str))
