"""Lists the stored records whose texts an earlier version of the readers may have read wrongly.

The first version joined superscripts to the preceding text: 10<sup>6</sup> was stored as 106. The lost markup is only
in the file, so the file has to be read again; until then the library says so.

The table ``outdated`` lists such records. The first process that writes with a later version enters all stored records;
a record that is read again is removed. In a library that only this version wrote, the table is empty.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from assistant.index.database import Database
from assistant.index.identity import Record
from assistant.index.source_names import LISTED_AS

TEXT_VERSION = "2"
"""The version of the texts that the readers produce. Change it whenever they would produce other texts
(``ingest/readers/markup``). The first version had no number."""

_FACT = "text_version"
_SOURCES_NAMED = 3


class OutdatedRecords:
    """The outdated records of a library."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_earlier_records(self) -> None:
        """List every record as outdated if an earlier version read them. For a process that writes."""
        with self._database.transaction() as connection:
            connection.execute(
                """CREATE TABLE IF NOT EXISTS outdated (source TEXT NOT NULL, content_hash TEXT NOT NULL,
                letters TEXT NOT NULL, PRIMARY KEY (source, content_hash)) WITHOUT ROWID"""
            )
            if self._is_current():
                return
            connection.execute("CREATE INDEX IF NOT EXISTS outdated_letters ON outdated (letters)")
            connection.create_function("letters_of", 1, letters_of, deterministic=True)
            connection.execute(
                """INSERT OR IGNORE INTO outdated
                SELECT source, content_hash, letters_of(json_extract(fields, '$.title')) FROM records"""
            )
            connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [_FACT, TEXT_VERSION])

    def sources(self) -> dict[str, int]:
        """The sources with outdated records, as lists show them, and how many papers the records describe."""
        count = f"SELECT {LISTED_AS} AS listed, COUNT(DISTINCT paper_id) FROM {self._outdated()} GROUP BY listed"  # noqa: S608
        return dict(sorted(self._database.rows(count)))

    def source_names(self) -> set[str]:
        """The names of the sources with outdated records, each item of Zotero by its own."""
        return {name for (name,) in self._database.rows(f"SELECT DISTINCT source FROM {self._outdated()}")}  # noqa: S608

    def forget(self, versions: Iterable[tuple[str, str]]) -> None:
        """Remove records that were read again or deleted. ``versions``: pairs of source and content hash."""
        if self._database.rows("SELECT 1 FROM outdated LIMIT 1"):
            with self._database.transaction() as connection:
                connection.executemany("DELETE FROM outdated WHERE source = ? AND content_hash = ?", versions)

    def add(self, records: Iterable[Record]) -> None:
        """List records of an archive that an earlier version read. For a process that writes."""
        rows = [(*record.version, letters_of(record.paper.title)) for record in records]
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO outdated VALUES (?, ?, ?)", rows)

    def same_letters(self, source: str, title: str) -> list[tuple[str, str]]:
        """The outdated records of a source whose titles have the same letters: "10^6 cells" was read as "106 cells"."""
        select = "SELECT source, content_hash FROM outdated WHERE source = ? AND letters = ?"
        return self._database.rows(select, [source, letters_of(title)])

    def _outdated(self) -> str:
        return "records JOIN outdated USING (source, content_hash)" if self._is_current() else "records"

    def _is_current(self) -> bool:
        return self._database.rows("SELECT value FROM facts WHERE name = ?", [_FACT]) == [(TEXT_VERSION,)]


def letters_of(title: str) -> str:
    """The letters and figures of a title, in lower case."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", title).casefold()))


def notice_of(sources: Iterable[str]) -> str:
    """A line that says which files to read again; empty if there are none."""
    names = [source.rsplit("/", 1)[-1] or "a file without a name" for source in sources]
    if not names:
        return ""
    more = f" and {len(names) - _SOURCES_NAMED} more" if len(names) > _SOURCES_NAMED else ""
    files = "1 file" if len(names) == 1 else f"{len(names)} files"
    return (
        f"the papers of {files} ({', '.join(names[:_SOURCES_NAMED])}{more}) were read by an earlier version, which "
        "lost superscripts such as 10^6: run `footnote ingest FILE` again, with --bundled for the bundled papers."
    )
