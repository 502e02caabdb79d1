"""Compares queries of Zotero with what is stored, and gives what changed to the pipeline.

What a query covers is stored with each item (``stored.py``). An item is removed when the last query that found it no
longer does. Which items have to be read is stored before the first is read, so that the next sync continues after an
interruption at any moment, and no item is left that no query knows.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from assistant.errors import InputError
from assistant.index.library import Library
from assistant.index.source_names import ZOTERO
from assistant.system.batching import batched
from ingest.sources import Source
from ingest.zotero.client import Zotero, modified_of
from ingest.zotero.queries import Query, find_query
from ingest.zotero.stored import NEVER_READ, Known, known_items, stored_queries

_ITEMS_PER_REQUEST = 50  # as many keys as the web API takes
_DATES_PER_REQUEST = 100


@dataclass
class Sync:
    """What queries of Zotero change in a library: ``look``, ingest ``sources`` and ``gone``, then ``finish``.

    ``faults``: lines for the user about what could not be read; ``lines``: about what Zotero answered. ``gone``: the
    names of the sources of items that no query finds any more.
    """

    zotero: Zotero
    library: Library
    faults: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    _known: dict[str, Known] = field(default_factory=dict)  # by the name of the source, as in what follows
    _touched: set[str] = field(default_factory=set)
    _to_read: dict[str, tuple[str, str, Known]] = field(default_factory=dict)  # library, key, what Zotero states
    _items: dict[str, list[str]] = field(default_factory=dict)  # the sources that each query covers
    _left: dict[str, list[str]] = field(default_factory=dict)  # those that it no longer covers

    def look(self, texts: Iterable[str], collection: str = "") -> None:
        """Ask Zotero which items changed, and store which items each query covers.

        ``collection``: the items are put into it, as they are into those that their query was put into before. A query
        that fails adds a line to ``faults``, and its items stay as they are.
        """
        self._known = known_items(self.library)
        dates = stored_queries(self.library)
        outdated = self.library.catalogue.outdated.source_names()
        newest = dict[str, str]()
        for text in texts:
            try:
                query = find_query(text, self.zotero)
                newest[query.name] = self._look_at(query, dates.get(query.name, ""), outdated)
            except InputError as error:
                self.faults.append(str(error))
        self.gone = sorted(name for name, known in self._known.items() if not known.queries)
        table = self.library.source_table
        with self.library.database.transaction():
            table.set_versions({name: self._known[name].text for name in self._touched})
            table.set_versions(newest)
            if collection and newest:
                table.put_into(collection, newest)

    def sources(self) -> Iterator[Source]:
        """The items that changed, each as it is now; requests are sent on the way.

        If Zotero stops answering, the items before that are given all the same, and ``faults`` gets a line.
        """
        by_library: dict[str, list[str]] = {}
        for name, (library, _, _) in self._to_read.items():
            by_library.setdefault(library, []).append(name)
        try:
            for library, names in by_library.items():
                for batch in batched(names, _ITEMS_PER_REQUEST):
                    yield from self._read(library, batch)
        except InputError as error:
            self.faults.append(str(error))

    def finish(self) -> None:
        """Put the items into the collections of their queries, and take out those that left."""
        table = self.library.source_table
        with self.library.database.transaction():
            for query, items in self._items.items():
                collections = table.collections_with(query)
                for collection in collections:
                    table.put_into(collection, items)
                for item in self._left[query]:
                    staying = {name for other in self._known[item].queries for name in table.collections_with(other)}
                    for collection in {*collections} - staying:
                        table.take_out(collection, [item])

    def _look_at(self, query: Query, date: str, outdated: set[str]) -> str:
        """Compare one query with what is stored; gives the date of the item that was modified last."""
        listed: dict[str, int] = {}
        for path in query.paths:
            listed |= self.zotero.versions(path, query.values)
        covered = [name for name, known in self._known.items() if query.name in known.queries]
        if not listed and covered and query.is_of_whole_library:
            raise InputError(
                f"Zotero has no items in {query.name}, so nothing was removed: `footnote remove --file {ZOTERO}` "
                "removes all papers that came from Zotero."
            )
        newest, dates = self._modified_since(query, date, len(listed))
        items = {query.source_name(key): (key, version) for key, version in listed.items()}
        for name, (key, version) in items.items():
            known = self._known.get(name, Known())
            is_same = known.version == version and dates.get(key, known.modified) == known.modified
            if not is_same or name in outdated:
                stated = Known(version, dates.get(key, known.modified))
                self._to_read[name] = query.library, key, stated
                known = replace(known, version=NEVER_READ)
            self._put(name, replace(known, queries=known.queries | {query.name}))
        self._left[query.name] = [name for name in covered if name not in items]
        for name in self._left[query.name]:
            self._put(name, replace(self._known[name], queries=self._known[name].queries - {query.name}))
        self._items[query.name] = list(items)
        changed = sum(name in self._to_read for name in items)
        self.lines.append(
            f"{query.name} has {len(items)} items: {changed} to read, {len(self._left[query.name])} that left it."
        )
        return newest

    def _put(self, name: str, known: Known) -> None:
        if self._known.get(name) != known:
            self._known[name] = known
            self._touched.add(name)

    def _modified_since(self, query: Query, date: str, count: int) -> tuple[str, dict[str, str]]:
        """The date of the item of a query that was modified last, and the dates, by key, of those since ``date``."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        newest, found = date, dict[str, str]()
        for path in query.paths:
            for start in range(0, count, _DATES_PER_REQUEST):
                page = self.zotero.last_modified(path, query.values, start, _DATES_PER_REQUEST)
                found.update(page)
                newest = max([newest, *(one for _, one in page if one <= now)])  # a clock may have been wrong
                if not page or page[-1][1] < date or (newest and not date):
                    break
        return newest, found

    def _read(self, library: str, names: list[str]) -> Iterator[Source]:
        """Items of one library. Those that Zotero no longer sends are not asked for again until they change."""
        keys = {self._to_read[name][1]: name for name in names}
        found = self.zotero.items(library, list(keys))
        if not found:
            raise InputError(f"Zotero sent none of the items that it listed, from {names[0]} on: run it again.")
        for key, name in keys.items():
            data = found.get(key, {})
            stated = self._to_read[name][2]
            known = replace(stated, modified=modified_of(data) or stated.modified, queries=self._known[name].queries)
            if data:
                content = json.dumps(data).encode()
                yield Source(name, partial(io.BytesIO, content), version=known.text, is_mirror=True)
            else:
                self.library.source_table.set_versions({name: known.text})
