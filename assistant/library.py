"""The source of truth: every paper, and what the index beside it was made with, in one SQLite file.

Vectors and word statistics can always be remade from here. Each paper is committed only after its vectors are
stored, so whatever is interrupted is simply done again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from assistant.errors import IndexDamaged
from assistant.records import Paper

_SCHEMA = """
CREATE TABLE IF NOT EXISTS papers (
    paper_id TEXT PRIMARY KEY, content_hash TEXT NOT NULL, source TEXT NOT NULL, fields TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_ADVICE = "Restore the file from a backup, or move it away and ingest your papers again."
_IDS_PER_QUERY = 500  # SQLite allows 999 variables in older builds


class Library:
    """Papers by id, and named facts about the index. Safe to read from several threads."""

    def __init__(self, path: Path, *, is_writable: bool) -> None:
        self._path = path
        with self._translated():
            mode = "rwc" if is_writable else "ro"
            uri = f"{path.absolute().as_uri()}?mode={mode}"
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            if is_writable:
                self._connection.executescript(_SCHEMA)
            self._connection.execute("SELECT COUNT(*) FROM papers").fetchone()

    def close(self) -> None:
        self._connection.close()

    def __len__(self) -> int:
        with self._translated():
            count: int = self._connection.execute("SELECT COUNT(*) FROM papers").fetchone()[0]
            return count

    def papers(self, paper_ids: Iterable[str]) -> dict[str, Paper]:
        """The papers with these ids; unknown ids are left out."""
        wanted = list(dict.fromkeys(paper_ids))
        found: dict[str, Paper] = {}
        with self._translated():
            for first in range(0, len(wanted), _IDS_PER_QUERY):
                batch = wanted[first : first + _IDS_PER_QUERY]
                marks = ",".join("?" * len(batch))  # question marks only: the ids are bound, not spliced in
                select = f"SELECT fields FROM papers WHERE paper_id IN ({marks})"  # noqa: S608
                rows = self._connection.execute(select, batch)
                found.update((paper.paper_id, paper) for paper in map(_paper, rows))
        return found

    def all_papers(self) -> Iterator[Paper]:
        """Every paper, in the order of ids."""
        with self._translated():
            yield from map(_paper, self._connection.execute("SELECT fields FROM papers ORDER BY paper_id"))

    def content_hashes(self) -> dict[str, str]:
        """Paper id to content hash, in the order of ids."""
        with self._translated():
            return dict(self._connection.execute("SELECT paper_id, content_hash FROM papers ORDER BY paper_id"))

    def has_source(self, source: str) -> bool:
        """Did any paper come from this file?"""
        with self._translated():
            return bool(self._connection.execute("SELECT 1 FROM papers WHERE source = ? LIMIT 1", (source,)).fetchone())

    def papers_with_sources(self) -> Iterator[tuple[Paper, str]]:
        """Every paper and the file it came from, in the order of ids."""
        with self._translated():
            for fields, source in self._connection.execute("SELECT fields, source FROM papers ORDER BY paper_id"):
                yield _paper((fields,)), source

    def put(self, papers: Iterable[tuple[Paper, str]]) -> None:
        """Store papers, each with the file it came from, replacing those with the same ids."""
        rows = [(paper.paper_id, paper.content_hash, source, json.dumps(asdict(paper))) for paper, source in papers]
        with self._translated(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO papers VALUES (?, ?, ?, ?)", rows)

    def fact(self, name: str) -> str:
        """A fact about the index, empty when it was never stated."""
        with self._translated():
            row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
            return str(row[0]) if row else ""

    def state(self, **facts: str) -> None:
        with self._translated(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "readonly" in str(error) or "unable to open" in str(error):
                raise IndexDamaged(
                    f"{self._path} cannot be opened for writing ({error}): make its folder writable, "
                    "or set FOOTNOTE_HOME to a folder that is."
                ) from error
            if "full" in str(error):
                raise IndexDamaged(f"The disk of {self._path} is full: make room and run the command again.") from error
            raise IndexDamaged(f"{self._path} cannot be read ({error}). {_ADVICE}") from error
        except sqlite3.DatabaseError as error:
            raise IndexDamaged(f"{self._path} is damaged ({error}). {_ADVICE}") from error


def _paper(row: tuple[str]) -> Paper:
    fields = json.loads(row[0])
    return Paper(**{**fields, "authors": tuple(fields["authors"])})
