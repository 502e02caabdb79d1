"""What is stored of syncs with Zotero: which queries were made, and which of them each item came from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from assistant.index.library import Library
from assistant.index.source_names import ZOTERO, ZOTERO_ITEMS

NEVER_READ = -1  # the version of an item that has to be read, whatever its version in Zotero is


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of an item: its version and its date in Zotero, and the names of the queries that found it."""

    version: int = NEVER_READ
    modified: str = ""
    queries: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        return json.dumps([self.version, self.modified, sorted(self.queries)], ensure_ascii=False)

    @classmethod
    def of(cls, text: str) -> Known:
        version, modified, queries = json.loads(text)
        return cls(version, modified, frozenset(queries))


def is_query(name: str) -> bool:
    """Does this name a query of Zotero, and not an item?"""
    return name.startswith(ZOTERO) and not name.startswith(ZOTERO_ITEMS)


def known_items(library: Library) -> dict[str, Known]:
    """What is stored of each item, by the name of its source."""
    return {name: Known.of(text) for name, text in library.source_table.versions(ZOTERO_ITEMS).items()}


def stored_queries(library: Library) -> dict[str, str]:
    """The queries that were made, in the order of names, each with the date of its item that was modified last."""
    return {name: date for name, date in library.source_table.versions(ZOTERO).items() if is_query(name)}


def forget_queries(library: Library, names: Iterable[str]) -> list[str]:
    """Forget queries; gives the names of the sources that came from no other query."""
    forgotten = {*names}
    items = {name: replace(one, queries=one.queries - forgotten) for name, one in known_items(library).items()}
    with library.database.transaction():
        library.source_table.set_versions({name: known.text for name, known in items.items()})
        library.source_table.forget(forgotten)
    return [name for name, known in items.items() if not known.queries]
