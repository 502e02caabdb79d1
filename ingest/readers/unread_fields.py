"""Reports long prose in a field that a reader ignores, for records without an abstract: it may be the abstract."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.readers.interface import Item, Skipped
from ingest.readers.text_cleaning import clean

_MINIMUM_PROSE = 150  # characters; shorter notes are seldom abstracts
_MINIMUM_NAMED = 40  # in a field whose name says that it may be one
_ABSTRACT_NAMES = re.compile(r"abs|summar|descri|resum|zusammenf", re.IGNORECASE)
_OTHER_NAMES = re.compile(  # of fields whose long texts are never abstracts
    r"affiliation|address|reference|fund(?:ing|er)|acknowledg|keyword|^(?:cr|c1|c3|fx|fu|ad|rp)$|licen[cs]e|copyright"
    r"|conflict|subject|chemical|citation|table.of.contents|index.terms"
    r"|(?<![a-z])(?:grants?|mesh|urls?|links?|files?|cites|doi|toc)(?![a-z])",
    re.IGNORECASE,
)


def with_unread_field(item: Item, others: Mapping[str, Any]) -> Item:
    """The item; if it was skipped because it has no abstract, the reason also names the field with the longest prose.

    ``others``: the fields that the reader ignores, with texts, or lists and mappings of texts.
    """
    if not isinstance(item, Skipped) or item.kind != "no abstract":
        return item
    found = [(len(text), name) for name, text in _texts(others, "", 6) if _may_be_abstract(name, text)]
    if not found:
        return item
    name = max(found)[1]
    return Skipped(item.place, f"{item.reason}, and its field {name!r} was not read", "unread", name)


def _may_be_abstract(name: str, text: str) -> bool:
    """Is the text long, with mostly lower-case words, unlike addresses, references and keywords?"""
    least = _MINIMUM_NAMED if _ABSTRACT_NAMES.search(name) else _MINIMUM_PROSE
    if len(text) < least or _OTHER_NAMES.search(name) or ";" in text[:40]:
        return False
    cased = [word for word in text.split() if word[0].lower() != word[0].upper()]
    return not cased or 2 * sum(word[0].islower() for word in cased) > len(cased)


def _texts(value: Any, name: str, depth: int) -> Iterator[tuple[str, str]]:
    """Each text in a value, after the path of names that leads to it."""
    if isinstance(value, str):
        yield name, clean(value)
    elif depth and isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{name}.{key}".lstrip("."), depth - 1)
    elif depth and isinstance(value, list | tuple):
        for inner in value[:20]:
            yield from _texts(inner, name, depth - 1)
