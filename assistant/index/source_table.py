"""What is known of sources besides their records: their versions, their collections, and the folders to watch.

A source is a file, a pasted text or an item of a reference manager, by the name that is stored with its records. A
collection is a name for some sources: its papers are those with a record of one of them, so that a paper may be in
several collections.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from assistant.errors import InputError, NotFound
from assistant.index.database import Database

_NAME_CHARACTERS = 60
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HOW_TO_READ = "source "  # begins the name of the fact that says how a source is read again
PAPERS_IN = "SELECT paper_id FROM records JOIN collections USING (source) WHERE collection = ?"
"""Selects the ids of the papers of a collection, some of them several times."""


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder whose files are read when they change. ``collection``: where their papers go; empty for none."""

    folder: str
    collection: str = ""


@dataclass(frozen=True, slots=True)
class HowToRead:
    """What reading a source again needs besides its name.

    ``path``: where its file is, if its name is relative to the folder in which it was read. ``columns``: which columns
    of a table hold which fields.
    """

    path: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


def checked_collection(name: str) -> str:
    """The name of a collection, without white space around it. Raises InputError if it cannot be a name."""
    name = " ".join(name.split())
    if not name or len(name) > _NAME_CHARACTERS or _NOT_IN_A_NAME.search(name):
        raise InputError(f"A collection needs a name of 1 to {_NAME_CHARACTERS} printable characters.")
    return name


class SourceTable:
    """Reads and writes what is known of sources. Every method raises IndexDamaged when the file cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = database.rows

    def versions(self, prefix: str = "") -> dict[str, str]:
        """The versions of the sources whose names begin with this, in the order of names, as far as they are known."""
        select = "SELECT source, version FROM source_versions WHERE substr(source, 1, ?) = ? ORDER BY source"
        return dict(self._rows(select, [len(prefix), prefix]))

    def set_versions(self, versions: Mapping[str, str]) -> None:
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO source_versions VALUES (?, ?)", versions.items())

    def forget(self, sources: Iterable[str]) -> None:
        """Forget the versions and collections of sources that were removed."""
        names = [(source,) for source in sources]
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM source_versions WHERE source = ?", names)
            connection.executemany("DELETE FROM collections WHERE source = ?", names)
            connection.executemany("DELETE FROM facts WHERE name = ?", [(_HOW_TO_READ + name,) for (name,) in names])

    def how_to_read(self) -> dict[str, HowToRead]:
        """How sources are read again, by name; those whose name says it all are left out."""
        select = "SELECT name, value FROM facts WHERE substr(name, 1, ?) = ?"
        rows = self._rows(select, [len(_HOW_TO_READ), _HOW_TO_READ])
        return {name.removeprefix(_HOW_TO_READ): HowToRead(**json.loads(value)) for name, value in rows}

    def set_how_to_read(self, found: Mapping[str, HowToRead]) -> None:
        """State how sources are read again, in place of what was stated before."""
        rows = [
            (_HOW_TO_READ + name, json.dumps({"path": how.path, "columns": dict(how.columns)}))
            for name, how in found.items()
            if how.path or how.columns
        ]
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM facts WHERE name = ?", [(_HOW_TO_READ + name,) for name in found])
            connection.executemany("INSERT INTO facts VALUES (?, ?)", rows)

    def collections(self) -> dict[str, int]:
        """The number of papers of each collection, in the order of names."""
        count = """SELECT collection, COUNT(DISTINCT paper_id) FROM collections LEFT JOIN records USING (source)
            GROUP BY collection ORDER BY collection"""
        return dict(self._rows(count))

    def papers_in(self, collection: str) -> frozenset[str]:
        """The ids of the papers of a collection. Raises NotFound if there is no such collection."""
        self.check(collection)
        return frozenset(paper_id for (paper_id,) in self._rows(PAPERS_IN, [collection]))

    def check(self, collection: str) -> None:
        """Raises NotFound if there is no such collection."""
        if not self._rows("SELECT 1 FROM collections WHERE collection = ? LIMIT 1", [collection]):
            names = ", ".join(self.collections()) or "none yet: add papers with --collection"
            raise NotFound(f"There is no collection {collection!r}; there are: {names}.")

    def chosen(self, paper_ids: Collection[str], collection: str) -> Collection[str]:
        """The ids of these papers that are in the collection; empty ids, or no collection, choose all.

        Raises NotFound if there is no such collection, InputError if there is nothing in it.
        """
        if not collection:
            return paper_ids
        found = self.papers_in(collection).intersection(paper_ids or self.papers_in(collection))
        if not found:
            papers = "of the chosen papers " if paper_ids else ""
            raise InputError(f"The collection {collection!r} holds none {papers}now: choose another, or all papers.")
        return found

    def collections_of(self, paper_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The collections of each of these papers, in the order of names; papers in none are left out."""
        select = """SELECT DISTINCT paper_id, collection FROM records JOIN collections USING (source)
            WHERE paper_id IN"""
        found: dict[str, tuple[str, ...]] = {}
        for paper_id, collection in sorted(self._database.rows_of(select, paper_ids)):
            found[paper_id] = (*found.get(paper_id, ()), collection)
        return found

    def put_into(self, collection: str, sources: Iterable[str]) -> None:
        """Add sources to a collection, which begins to exist with its first. Raises InputError for a bad name."""
        name = checked_collection(collection)
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO collections VALUES (?, ?)", [(name, one) for one in sources])

    def collections_with(self, source: str) -> list[str]:
        """The collections that a source was put into, in the order of names."""
        select = "SELECT collection FROM collections WHERE source = ? ORDER BY collection"
        return [name for (name,) in self._rows(select, [source])]

    def take_out(self, collection: str, sources: Iterable[str]) -> None:
        """Take sources out of a collection; their papers stay in the library."""
        pairs = [(collection, source) for source in sources]
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM collections WHERE collection = ? AND source = ?", pairs)

    def sources_in(self, collection: str) -> list[str]:
        """The sources of a collection, in the order of names."""
        select = "SELECT source FROM collections WHERE collection = ? ORDER BY source"
        return [source for (source,) in self._rows(select, [collection])]

    def all_pairs(self) -> list[tuple[str, str]]:
        """Every collection with every one of its sources, in order."""
        return self._rows("SELECT collection, source FROM collections ORDER BY collection, source")

    def rename(self, collection: str, name: str) -> None:
        """Give a collection another name; if that is taken, both become one. Raises InputError for a bad name."""
        sources = self.sources_in(collection)
        with self._database.transaction():
            self.take_out(collection, sources)
            self.put_into(name, sources)

    def watched(self) -> list[WatchedFolder]:
        """The folders to watch, in the order of their names."""
        rows = self._rows("SELECT folder, collection FROM watched_folders ORDER BY folder")
        return [WatchedFolder(*row) for row in rows]

    def watch(self, folder: WatchedFolder) -> None:
        """Add a folder to watch, or change the collection of one."""
        with self._database.transaction() as connection:
            row = (folder.folder, folder.collection and checked_collection(folder.collection))
            connection.execute("INSERT OR REPLACE INTO watched_folders VALUES (?, ?)", row)

    def unwatch(self, folder: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM watched_folders WHERE folder = ?", [folder])
