"""Copies what a library holds for an archive, while other threads and processes go on reading and writing it.

The copy is a SQLite file of what cannot be computed again (the records of all sources, their notices and collections),
and of ``chunks``: which row of the archive's vectors belongs to the text with a hash. It is written once and never
changed, so that nothing of what was deleted in the library is in it. Papers whose vectors are not stored yet are in it
with their records only. ``archived.py`` reads it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexDamaged
from assistant.index.checks import REBUILD
from assistant.index.chunking import embedded_text
from assistant.index.database import translated
from assistant.index.exact import vectors_path
from assistant.index.layout import GRAINS, papers_file
from assistant.index.schema import paper_of
from assistant.index.vector_file import VectorFile
from assistant.index.vector_table import State
from assistant.records import Chunk, Grain
from assistant.settings import Settings

TABLES = {
    "records": ("source", "content_hash", "paper_id", "read_at", "fields"),
    "retractions": ("key", "source"),
    "outdated": ("source", "content_hash"),
    "source_versions": ("source", "version"),
    "collections": ("collection", "source"),
}
"""The tables of an archive with their columns. A library may lack the last ones."""
FACTS = ("embedding", "dimension", "chunking")
"""The facts of an archive. The others describe the folder of the library, and may name a server."""
_CHUNKS = "CREATE TABLE main.chunks (text_hash BLOB PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID"
_COUNTS = {
    "papers": "SELECT COUNT(DISTINCT paper_id) FROM main.records",
    "records": "SELECT COUNT(*) FROM main.records",
    "sources": "SELECT COUNT(DISTINCT source) FROM main.records",
    "notices": "SELECT COUNT(*) FROM main.retractions",
    "chunks": "SELECT COALESCE(SUM(count), 0) FROM work.vectors",
}
_WAIT_SECONDS = 30.0  # for another process to finish its transaction
_TRIES = 3  # a file of vectors is replaced at most once per ingest
_VECTORS_AT_ONCE = 10_000


class Snapshot:
    """The library as it is when this is made. ``close`` it; then ``path`` may be read by itself.

    ``facts``: what the vectors were computed with. ``counts``: how many papers, records, sources and notices there are,
    and chunks that have their vectors.
    Methods raise IndexDamaged, IndexInUse, or OSError if the disk is full.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        """Copy the library into new files in ``folder``. Others wait to write it meanwhile, and can read it."""
        self.path = folder / "papers.sqlite"
        self._work = folder / "work.sqlite"
        for _ in range(_TRIES):
            with translated(papers_file(settings)):
                self._connection = self._copy(papers_file(settings))
            try:
                self._rows = self._mapped(settings.index_folder)
                return
            except FileNotFoundError as error:  # another process has replaced the vectors since they were listed
                missing = error.filename
                self.close()
            except BaseException:
                self.close()
                raise
        raise IndexDamaged(f"{missing} is missing: {REBUILD}.")

    def close(self) -> None:
        self._connection.close()

    def vectors(self) -> Iterator[tuple[bytes, int]]:
        """The vectors of all chunks, a text that occurs twice once, as 16-bit numbers, some thousands at a time; each
        time with how many chunks are done. To be read to the end, since it enters their rows in ``path``."""
        with translated(self.path):
            row = done = 0
            for grain, rows in self._rows.items():
                places: list[int] = []
                for place, text in self._chunks(grain):
                    entered = self._connection.execute(
                        "INSERT OR IGNORE INTO chunks VALUES (?, ?)", (hash_of(text), row)
                    )
                    if entered.rowcount:
                        places.append(place)
                        row += 1
                    done += 1
                    if len(places) == _VECTORS_AT_ONCE:
                        yield rows[places].tobytes(), done
                        places.clear()
                yield rows[places].tobytes(), done
            self._connection.execute("COMMIT")
            self._connection.execute("DETACH work")
        self._work.unlink()

    def _copy(self, library: Path) -> sqlite3.Connection:
        """Copy the tables in one transaction, so that all are from the same commit."""
        for path in (self.path, self._work):
            path.unlink(missing_ok=True)
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rwc", uri=True, timeout=_WAIT_SECONDS, isolation_level=None
        )
        try:
            run = connection.execute
            run("PRAGMA journal_mode = OFF")  # nobody keeps a copy that was not finished
            run("ATTACH ? AS work", [f"{self._work.absolute().as_uri()}?mode=rwc"])
            # Not as read-only: an interrupted transaction of another process may have to be rolled back.
            run("ATTACH ? AS library", [f"{library.absolute().as_uri()}?mode=rw"])
            run("PRAGMA work.journal_mode = OFF")
            run("BEGIN")
            self._copy_tables(connection)
            self.facts = dict(run(f"SELECT name, value FROM main.facts WHERE name IN {FACTS}"))  # noqa: S608
            self.counts = {what: run(select).fetchone()[0] for what, select in _COUNTS.items()}
            run("COMMIT")
            run("DETACH library")
            run("CREATE INDEX work.vectors_by_row ON vectors (grain, first)")
            run("CREATE UNIQUE INDEX work.papers_by_id ON papers (paper_id)")
            run(_CHUNKS)
            run("BEGIN")
        except BaseException:
            connection.close()
            raise
        return connection

    def _copy_tables(self, connection: sqlite3.Connection) -> None:
        run = connection.execute
        held = {name for (name,) in run("SELECT name FROM library.sqlite_master WHERE type = 'table'")}
        for name, columns in TABLES.items():
            if name in held:
                listed = ", ".join(columns)
                key = f"({listed})" if name != "records" else "(source, content_hash)"
                run(f"CREATE TABLE main.{name} ({listed}, PRIMARY KEY {key})")
                run(f"INSERT INTO main.{name} SELECT {listed} FROM library.{name}")  # noqa: S608
        run(f"CREATE TABLE main.facts AS SELECT name, value FROM library.facts WHERE name IN {FACTS}")  # noqa: S608
        done = "paper_id NOT IN (SELECT paper_id FROM library.pending)"
        run(f"CREATE TABLE work.papers AS SELECT paper_id, fields FROM library.papers WHERE {done}")  # noqa: S608
        run(f"CREATE TABLE work.vectors AS SELECT grain, first, count, paper_id, ids FROM library.vectors WHERE {done}")  # noqa: S608
        run("CREATE TABLE work.states AS SELECT name, value FROM library.facts WHERE name LIKE 'vectors_%'")

    def _mapped(self, folder: Path) -> dict[Grain, NDArray[np.float16]]:
        """The rows of each grain, which stay readable when another process replaces their file."""
        dimension = int(self.facts.get("dimension") or 0)
        run = self._connection.execute
        states = dict(run("SELECT name, value FROM work.states"))
        ends = dict(run("SELECT grain, MAX(first + count) FROM work.vectors GROUP BY grain"))
        files = {
            grain: VectorFile(
                vectors_path(folder, grain, State.of_fact(states.get(f"vectors_{grain}")).file), dimension
            )
            for grain in GRAINS
            if grain in ends
        }
        return {grain: file.rows(ends[grain]) for grain, file in files.items()}

    def _chunks(self, grain: Grain) -> Iterator[tuple[int, str]]:
        """The place of each chunk in the grain's rows, and its text."""
        select = """SELECT first, ids, fields FROM work.vectors JOIN work.papers USING (paper_id)
            WHERE grain = ? ORDER BY first"""
        for first, ids, fields in self._connection.execute(select, [grain]):
            paper = paper_of(fields)
            for place, chunk_id in enumerate(json.loads(ids)):
                paper_id, _, start, end = chunk_id.rsplit(":", 3)
                yield first + place, embedded_text(paper, Chunk(paper_id, grain, int(start), int(end)))


def hash_of(text: str) -> bytes:
    """The first 16 bytes of the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
