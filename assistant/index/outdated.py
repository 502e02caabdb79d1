"""Which stored records were read by an earlier version of the readers, whose texts may be wrong.

The first version joined raised figures to what stood before them: 10<sup>6</sup> was stored as 106. What a record has
lost is only in its file, so the file has to be read again; until then a library says so.

The table ``outdated`` lists such records. The first writer of a later version fills it with all that is stored; what
is read again leaves it. A library that only this version wrote has it empty.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from assistant.index.database import Database

TEXT_VERSION = "2"
"""Of the texts that readers make. Raise it whenever stored texts would come out otherwise
(``ingest/readers/markup``). The first had no number."""

_FACT = "text_version"
_SOURCES_NAMED = 3


class Readings:
    """The outdated records of a library."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark_earlier(self) -> None:
        """List every record as outdated, if an earlier version read them. For those who write."""
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
        """The sources with outdated records, and how many papers the records describe, in the order of names."""
        outdated = "records JOIN outdated USING (source, content_hash)" if self._is_current() else "records"
        count = f"SELECT source, COUNT(DISTINCT paper_id) FROM {outdated} GROUP BY source ORDER BY source"  # noqa: S608
        return dict(self._database.rows(count))

    def forget(self, versions: Iterable[tuple[str, str]]) -> None:
        """These records, by source and content hash, were read again, or are gone."""
        if self._database.rows("SELECT 1 FROM outdated LIMIT 1"):
            with self._database.transaction() as connection:
                connection.executemany("DELETE FROM outdated WHERE source = ? AND content_hash = ?", versions)

    def same_letters(self, source: str, title: str) -> list[tuple[str, str]]:
        """The outdated records of a source with this title but for marks: "10^6 cells" was read as "106 cells"."""
        select = "SELECT source, content_hash FROM outdated WHERE source = ? AND letters = ?"
        return self._database.rows(select, [source, letters_of(title)])

    def _is_current(self) -> bool:
        return self._database.rows("SELECT value FROM facts WHERE name = ?", [_FACT]) == [(TEXT_VERSION,)]


def letters_of(title: str) -> str:
    """The letters and figures of a title, in lower case."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", title).casefold()))


def notice_of(sources: Iterable[str]) -> str:
    """A line that says which files to read again; empty where there are none."""
    names = [source.rsplit("/", 1)[-1] or "a file without a name" for source in sources]
    if not names:
        return ""
    more = f" and {len(names) - _SOURCES_NAMED} more" if len(names) > _SOURCES_NAMED else ""
    files = "1 file" if len(names) == 1 else f"{len(names)} files"
    return (
        f"the papers of {files} ({', '.join(names[:_SOURCES_NAMED])}{more}) were read by an earlier version, which "
        "lost raised figures such as 10^6: run `footnote ingest FILE` again, with --bundled for the bundled papers."
    )
