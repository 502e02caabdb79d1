"""How the names of sources are read: which are items of Zotero, and how lists show them.

An item of Zotero is a source of its own, whose name is the link that opens it there. A library has thousands of them,
so lists of sources show all as one entry.
"""

from __future__ import annotations

import re

ZOTERO = "zotero:"
"""The entry of a list that stands for all items of Zotero; also how the name of every query of Zotero begins."""
ZOTERO_ITEMS = "zotero://select/"
"""How the names of all items of Zotero begin."""

_OPENS_IN_ZOTERO = re.compile(r"zotero://select/(?:library|groups/[0-9]{1,12})/items/[A-Z0-9]{8}")
_LAST_LETTER = "\U0010ffff"

LISTED_AS = f"CASE WHEN substr(source, 1, {len(ZOTERO_ITEMS)}) = '{ZOTERO_ITEMS}' THEN '{ZOTERO}' ELSE source END"
"""The SQL of the name under which a list shows ``source``."""


def is_of_zotero(source: str) -> bool:
    """Is this the name of an item of Zotero?"""
    return source.startswith(ZOTERO_ITEMS)


def opens_in_zotero(source: str) -> bool:
    """Is this source name exactly a link that opens an item in Zotero? No other may be shown as a link."""
    return bool(_OPENS_IN_ZOTERO.fullmatch(source))


def first_and_last(listed: str) -> tuple[str, str]:
    """The first and the last name of the sources that an entry of a list stands for."""
    return (ZOTERO_ITEMS, ZOTERO_ITEMS + _LAST_LETTER) if listed == ZOTERO else (listed, listed)
