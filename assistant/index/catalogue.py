"""What each source says about each paper, as it was read: the source from which the published papers are computed.

A change is stored here first, in one transaction with the ids of the papers that it concerns. These are pending until
their vectors are stored and they are published. After an interruption, only pending papers have to be computed again
from their records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.index.database import Database, batches
from assistant.index.identity import Notice, Record, by_paper, keys_of
from assistant.index.outdated import OutdatedRecords
from assistant.index.schema import PUT_KEY, PUT_NOTICE, PUT_RECORD, fields_of, paper_of, record_row
from assistant.index.source_names import LISTED_AS, first_and_last

_FIELDS = "SELECT fields, source, paper_id, content_hash, read_at FROM records WHERE"
_RECORDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Queued:
    """Of some records: how many repeat one of this run, and of the others, how many are stored unchanged."""

    repeated: int
    unchanged: int


class Catalogue:
    """Records by source, by paper, and by the keys that identify papers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.outdated = OutdatedRecords(database)

    def begin_run(self) -> None:
        """Begin an empty list of the records of this run; SQLite keeps it in a temporary file, not in memory."""
        with self._database.transaction() as connection:
            connection.execute("DROP TABLE IF EXISTS temp.read_now")
            connection.execute(
                """CREATE TEMP TABLE read_now (number INTEGER PRIMARY KEY, source, content_hash, paper_id, read_at,
                fields, UNIQUE (source, content_hash))"""
            )

    def queue(self, records: Iterable[Record]) -> Queued:
        """List records as read in this run; those that are not stored unchanged are queued for ``waiting``."""
        known = "SELECT 1 FROM records WHERE source = ? AND content_hash = ?"
        insert = """INSERT OR IGNORE INTO temp.read_now (source, content_hash, paper_id, read_at, fields)
            VALUES (?, ?, ?, ?, ?)"""
        repeated = unchanged = 0
        read_again, outdated = list[tuple[str, str]](), list[Record]()
        with self._database.transaction() as connection:
            for record in records:
                is_known = bool(self._database.rows(known, record.version))
                read_again += [record.version] * (is_known and not record.is_outdated)
                outdated += [record] * (record.is_outdated and not is_known)
                fields = None if is_known else fields_of(record.paper)
                row = (*record.version, record.paper_id, record.read_at, fields)
                is_first = bool(connection.execute(insert, row).rowcount)
                repeated += not is_first
                unchanged += is_first and is_known
            self.outdated.forget(read_again)
            self.outdated.add(outdated)
        return Queued(repeated, unchanged)

    def count_waiting(self) -> int:
        count: int = self._database.rows("SELECT COUNT(*) FROM temp.read_now WHERE fields IS NOT NULL")[0][0]
        return count

    def waiting(self, count: int) -> Iterator[list[Record]]:
        """The queued records in the order read, at most ``count`` at a time; the caller may store them in between."""
        select = """SELECT number, fields, source, paper_id, read_at FROM temp.read_now
            WHERE number > ? AND fields IS NOT NULL ORDER BY number LIMIT ?"""
        last = 0
        while rows := self._database.rows(select, [last, count]):
            yield [
                Record(paper_of(fields), source, paper_id, read_at=read_at)
                for _, fields, source, paper_id, read_at in rows
            ]
            last = rows[-1][0]

    def read_in_this_run(self, records: Iterable[Record]) -> set[tuple[str, str]]:
        """The versions of those records that were read in this run."""
        select = "SELECT 1 FROM temp.read_now WHERE source = ? AND content_hash = ?"
        return {record.version for record in records if self._database.rows(select, record.version)}

    def unknown(self, records: Iterable[Record]) -> list[Record]:
        """Those of these records that are not stored."""
        known = "SELECT 1 FROM records WHERE source = ? AND content_hash = ?"
        return [record for record in records if not self._database.rows(known, record.version)]

    def misread(self, records: Iterable[Record]) -> dict[tuple[str, str], Record]:
        """The stored records whose title an earlier version read differently, by the version of the record that
        replaces them. Without an identifier such as a DOI, nothing else shows that they are the same."""
        found: dict[tuple[str, str], Record] = {}
        select = f"{_FIELDS} source = ? AND content_hash = ?"
        for record in records:
            for version in self.outdated.same_letters(record.source, record.paper.title):
                if rows := self._database.rows(select, version):
                    found[record.version] = _record(rows[0])
        return found

    def related(self, records: Iterable[Record]) -> list[Record]:
        """All stored records that share a key with these, directly or through other records."""
        found: dict[str, list[Record]] = {}
        new = set(self._known_by(records))
        while new:
            more = self.of_papers(new)
            found.update({paper_id: more.get(paper_id, []) for paper_id in new})
            new = set(self._known_by(record for records in more.values() for record in records)) - found.keys()
        return [record for paper_id in sorted(found) for record in found[paper_id]]

    def of_papers(self, paper_ids: Iterable[str]) -> dict[str, list[Record]]:
        """The records of each of these papers; ids without records are left out."""
        records = map(_record, self._database.rows_of(f"{_FIELDS} paper_id IN", paper_ids))
        return by_paper(self.with_notices([*records]))

    def with_notices(self, records: Sequence[Record], *, without: str = "") -> list[Record]:
        """The records, each marked with whether a stored retraction notice names its paper.

        ``without``: a source whose notices do not count.
        """
        keys_of_each = [keys_of(record.paper) for record in records]
        keys = {key for keys in keys_of_each for key in keys}
        rows = self._database.rows_of("SELECT key, source FROM retractions WHERE key IN", keys)
        named = {key for key, source in rows if not without or source != without}
        return [
            replace(record, has_notice=not named.isdisjoint(keys))
            for record, keys in zip(records, keys_of_each, strict=True)
        ]

    def new_notices(self, notices: Iterable[Notice]) -> list[Notice]:
        """The notices that are not stored yet, each once."""
        known = "SELECT 1 FROM retractions WHERE key = ? AND source = ?"
        return [one for one in dict.fromkeys(notices) if not self._database.rows(known, [one.key, one.source])]

    def notices_of(self, source: str) -> list[Notice]:
        """The notices of a source."""
        select = "SELECT key FROM retractions WHERE source = ?"
        return [Notice(key, source) for (key,) in self._database.rows(select, [source])]

    def named_in(self, notices: Iterable[Notice]) -> dict[str, list[Record]]:
        """The records of every paper that one of the notices names, by paper id."""
        return self.of_papers(self._known_by_keys({notice.key for notice in notices}))

    def of_source(self, source: str) -> Iterator[list[Record]]:
        """The records of a source, some hundreds at a time; the caller may delete them in between."""
        select = f"{_FIELDS} source = ? AND content_hash > ? ORDER BY content_hash LIMIT {_RECORDS_AT_ONCE}"
        last = ""
        while rows := self._database.rows(select, [source, last]):
            yield self.with_notices([_record(row) for row in rows])
            last = rows[-1][3]

    def hashes_of_source(self, source: str) -> dict[str, str]:
        """Paper id to a hash of what the source says of the paper."""
        select = "SELECT paper_id, content_hash FROM records WHERE source = ? ORDER BY content_hash"
        return dict(self._database.rows(select, [source]))

    def holds(self, paper_id: str) -> bool:
        """Does any record belong to this paper?"""
        return bool(self._database.rows("SELECT 1 FROM records WHERE paper_id = ? LIMIT 1", [paper_id]))

    def sources(self) -> dict[str, int]:
        """The number of papers of each source, in the order of names; the items of Zotero are one entry."""
        counts = f"SELECT {LISTED_AS} AS listed, COUNT(DISTINCT paper_id) FROM records GROUP BY listed ORDER BY listed"  # noqa: S608
        return dict(self._database.rows(counts))

    def has_source(self, source: str) -> bool:
        select = "SELECT 1 FROM records WHERE source BETWEEN ? AND ? LIMIT 1"
        return bool(self._database.rows(select, first_and_last(source)))

    def source_names(self, listed: str) -> list[str]:
        """The names of the stored sources that an entry of ``sources`` stands for, in order."""
        return self._ids(
            "SELECT DISTINCT source FROM records WHERE source BETWEEN ? AND ? ORDER BY source", first_and_last(listed)
        )

    def all_source_names(self) -> list[str]:
        """The names of all stored sources, in order, with those of which only retraction notices are stored."""
        return self._ids("SELECT source FROM records UNION SELECT source FROM retractions ORDER BY source")

    def sources_of(self, paper_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The names of the sources that describe each of these papers, in order; ids without records are left out."""
        select = "SELECT DISTINCT paper_id, source FROM records WHERE paper_id IN"
        found: dict[str, tuple[str, ...]] = {}
        for paper_id, source in sorted(self._database.rows_of(select, paper_ids)):
            found[paper_id] = (*found.get(paper_id, ()), source)
        return found

    def pending(self) -> list[str]:
        """The ids of the papers that are pending, in order."""
        return self._ids("SELECT paper_id FROM pending ORDER BY paper_id")

    def mark_pending(
        self,
        stored: Sequence[Record],
        dropped: Iterable[Record],
        pending: Mapping[str, str],
        state: str,
        notices: Iterable[Notice] = (),
        dropped_notices: Iterable[Notice] = (),
    ) -> None:
        """Store and delete records and notices, and mark papers as pending.

        ``pending``: id to content hash, which is empty for a paper that will be deleted.
        """
        versions = [record.version for record in dropped]
        rows = [record_row(record) for record in stored]
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM records WHERE source = ? AND content_hash = ?", versions)
            self.outdated.forget(versions)
            connection.executemany(PUT_RECORD, rows)
            forget = "DELETE FROM retractions WHERE key = ? AND source = ?"
            connection.executemany(forget, [(one.key, one.source) for one in dropped_notices])
            connection.executemany(PUT_NOTICE, [(one.key, one.source) for one in notices])
            self._replace_keys({*pending, *(record.paper_id for record in stored)})
            connection.executemany("INSERT OR REPLACE INTO pending VALUES (?, ?)", pending.items())
            connection.execute("INSERT OR REPLACE INTO facts VALUES ('state', ?)", [state])

    def mark_done(self, published: Iterable[Sequence[object]]) -> None:
        """Papers with these ids and content hashes are no longer pending. An id with another content hash stays."""
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM pending WHERE paper_id = ? AND content_hash = ?", published)

    def mark_all_pending(self) -> None:
        """Mark every paper as pending, and compute all keys again.

        A paper without a record gets one from its own fields, unless it was being removed.
        """
        with self._database.transaction() as connection:
            connection.execute(
                """INSERT OR IGNORE INTO records SELECT '', content_hash, paper_id, 0, fields FROM papers
                WHERE paper_id NOT IN (SELECT paper_id FROM records UNION SELECT paper_id FROM pending)"""
            )
            connection.execute("INSERT OR REPLACE INTO pending SELECT paper_id, '' FROM papers")
            connection.execute("INSERT OR REPLACE INTO pending SELECT DISTINCT paper_id, '' FROM records")
            connection.execute("DELETE FROM keys")
            for some in batches(self.pending()):
                self._replace_keys(some)

    def lost_records(self) -> list[str]:
        """The ids of papers that have records and are not published."""
        return self._ids("SELECT DISTINCT paper_id FROM records WHERE paper_id NOT IN (SELECT paper_id FROM papers)")

    def lost_keys(self) -> list[str]:
        """Keys without a paper."""
        return self._ids("SELECT key FROM keys WHERE paper_id NOT IN (SELECT paper_id FROM papers)")

    def unknown_papers(self) -> list[str]:
        """The ids of papers without a key."""
        return self._ids("SELECT paper_id FROM papers WHERE paper_id NOT IN (SELECT paper_id FROM keys)")

    def _ids(self, select: str, values: Sequence[str] = ()) -> list[str]:
        return [name for (name,) in self._database.rows(select, values)]

    def _known_by(self, records: Iterable[Record]) -> list[str]:
        return self._known_by_keys({key for record in records for key in keys_of(record.paper)})

    def _known_by_keys(self, keys: Iterable[str]) -> list[str]:
        return [paper_id for (paper_id,) in self._database.rows_of("SELECT paper_id FROM keys WHERE key IN", keys)]

    def _replace_keys(self, paper_ids: Iterable[str]) -> None:
        """Replace the keys of papers by those of their records."""
        ids = list(paper_ids)
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM keys WHERE paper_id = ?", [(paper_id,) for paper_id in ids])
            for paper_id, records in self.of_papers(ids).items():
                pairs = [(key, paper_id) for record in records for key in keys_of(record.paper)]
                connection.executemany(PUT_KEY, pairs)


def _record(row: Sequence[Any]) -> Record:
    return Record(paper_of(row[0]), row[1], row[2], read_at=row[4])
