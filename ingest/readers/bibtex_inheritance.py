"""Completes BibTeX entries with the fields that they inherit through ``crossref`` and biblatex's ``xdata``.

Rules: btxdoc (a missing field is taken from the entry that ``crossref`` names) and the biblatex manual (section 2.4.1:
the title of a parent is the book title of its child; 3.14.6: ``xdata`` lists entries whose fields are all taken).
bibtexparser 2 does not resolve inheritance; pybtex resolves ``crossref`` only, and only in files without errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Fields = Mapping[str, str]

DATA_ONLY = {"xdata", "set"}
"""Types of entries that are not publications."""

_OWN = frozenset(  # fields of the parent alone: children with its DOI or eprint would be merged into one paper
    """title subtitle shorttitle abstract doi eprint eprinttype eprintclass archiveprefix primaryclass pmid url urldate
    keywords note annotation file crossref xref xdata ids key label options related author""".split()
)
_BOOKS = {"book", "mvbook"}
_MAXIMUM_DEPTH = 10  # parents of parents; entries may refer to each other in a circle


class Inheritance:
    """The fields that entries pass on, by key. Letter case does not distinguish keys, as in BibTeX."""

    def __init__(self) -> None:
        self._types: dict[str, str] = {}
        self._passed: dict[str, Fields] = {}

    def add(self, entry_type: str, key: str, fields: Fields) -> None:
        """Store what the entry passes on. Of two entries with the same key the first counts."""
        key, entry_type = key.casefold(), entry_type.casefold()
        if key not in self._types:
            self._types[key] = entry_type
            left = frozenset[str]() if entry_type in DATA_ONLY else _OWN - {"title", "author", "crossref", "xdata"}
            self._passed[key] = {name: value for name, value in fields.items() if name not in left}

    def is_ready(self, fields: Fields) -> bool:
        """Have all entries been added that these fields inherit from, directly or indirectly?"""
        return all(key in self._types for key in self._ancestors(fields))

    def completed(self, entry_type: str, fields: Fields) -> Fields:
        """The fields and those they inherit; entries that are not in the file contribute none."""
        return self._completed(entry_type.casefold(), fields, _MAXIMUM_DEPTH, set())

    def _ancestors(self, fields: Fields) -> set[str]:
        """The keys of all entries that these fields inherit from; each is visited once."""
        found, new = set[str](), set(_parents(fields))
        for _ in range(_MAXIMUM_DEPTH):
            found |= new
            new = {key for known in new for key in _parents(self._passed.get(known, {}))} - found
        return found

    def _completed(self, entry_type: str, fields: Fields, depth: int, seen: set[str]) -> Fields:
        """``seen``: keys of the entries already used; each is used once, which bounds the work."""
        whole = dict(fields)
        for key in _unseen(_keys(fields, "xdata"), seen, depth):
            for name, value in self._completed("xdata", self._passed.get(key, {}), depth - 1, seen).items():
                whole.setdefault(name, value)
        for key in _unseen(_keys(whole, "crossref"), seen, depth):
            parent_type = self._types.get(key, "")
            parent = self._completed(parent_type, self._passed.get(key, {}), depth - 1, seen)
            for name, value in _passed_on(parent, parent_type, entry_type).items():
                whole.setdefault(name, value)
        return whole


def _parents(fields: Fields) -> list[str]:
    return [*_keys(fields, "xdata"), *_keys(fields, "crossref")]


def _unseen(keys: list[str], seen: set[str], depth: int) -> Iterator[str]:
    """The keys that are not in ``seen``, to which each is added; none where ``depth`` is 0."""
    for key in keys if depth else ():
        if key not in seen:
            seen.add(key)
            yield key


def _keys(fields: Fields, name: str) -> list[str]:
    keys = fields.get(name, "").strip(' {}"').casefold().split(",")
    return [key.strip() for key in keys if key.strip()]


def _passed_on(parent: Fields, parent_type: str, child_type: str) -> dict[str, str]:
    found = {name: value for name, value in parent.items() if name not in _OWN}
    if "title" in parent:
        found.setdefault("journaltitle" if child_type == "article" else "booktitle", parent["title"])
    if parent_type in _BOOKS and "author" in parent:
        found["author"] = parent["author"]
    return found
