"""The tables of ``papers.sqlite``, and their migration from earlier versions."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from assistant.index.identity import Record, keys_of
from assistant.records import Paper
from assistant.text.retraction_marks import has_retraction_mark

if TYPE_CHECKING:
    from sqlite3 import Connection

VERSION = 7  # of the tables; the first version had no number, which SQLite reads as 0
WITHOUT_SOURCES = 6  # the version that lacks only what is known of sources
WITHOUT_ROLES = 5  # the version that also lacks the roles of sentences
WITHOUT_VECTORS = 4  # the version that also lacks the tables of vectors
WITHOUT_NOTICES = 3  # the version that also lacks the table of retraction notices
# FTS5 stores no texts here: to delete a paper from it, exactly the words that were inserted must be given again.
_LEARN = "INSERT INTO search (rowid, title, authors, abstract, venue) SELECT * FROM texts WHERE number ="
_FORGET = (
    "INSERT INTO search (search, rowid, title, authors, abstract, venue) SELECT 'delete', * FROM texts WHERE number ="
)
NOTICES_TABLE = "TABLE retractions (key TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (key, source)) WITHOUT ROWID"
# What each sentence is for (``sentence_roles.py``): a JSON list of start, end and role.
ROLES_TABLE = "TABLE sentence_roles (paper_id TEXT PRIMARY KEY, roles TEXT NOT NULL) WITHOUT ROWID"
# What is known of sources besides their records (``source_table.py``).
SOURCE_TABLES = (
    # What a source was like when it was last read, such as the size and the time of a file.
    "TABLE source_versions (source TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID",
    # Which sources each collection consists of. A source may be in several, and in none.
    """TABLE collections (
        collection TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (collection, source)) WITHOUT ROWID""",
    # Folders whose files are read whenever they change, and the collection they go into; empty for none.
    "TABLE watched_folders (folder TEXT PRIMARY KEY, collection TEXT NOT NULL) WITHOUT ROWID",
)
_ROLE_TABLES = (
    f"CREATE {ROLES_TABLE}",
    """CREATE TRIGGER roles_removed AFTER DELETE ON papers
        BEGIN DELETE FROM sentence_roles WHERE paper_id = old.paper_id; END""",
)
_VECTOR_TABLES = (
    # Which rows of a grain's file of vectors are a paper's (``vector_table.py``). Numbers are never used twice.
    """CREATE TABLE vectors (
        number INTEGER PRIMARY KEY AUTOINCREMENT, grain TEXT NOT NULL, paper_id TEXT NOT NULL, first INTEGER NOT NULL,
        count INTEGER NOT NULL, is_in_store INTEGER NOT NULL DEFAULT 0, ids TEXT NOT NULL)""",
    "CREATE INDEX vectors_by_paper ON vectors (grain, paper_id)",
    # Papers of which the vector store holds vectors that are deleted here.
    "CREATE TABLE deleted_vectors (grain TEXT, paper_id TEXT, PRIMARY KEY (grain, paper_id)) WITHOUT ROWID",
)
_TABLES = (
    "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # What each source says about each paper, as it was read: the source from which ``papers`` is computed.
    """CREATE TABLE records (
        source TEXT NOT NULL, content_hash TEXT NOT NULL, paper_id TEXT NOT NULL, read_at REAL NOT NULL,
        fields TEXT NOT NULL, PRIMARY KEY (source, content_hash))""",
    "CREATE INDEX records_by_paper ON records (paper_id)",
    "CREATE INDEX records_by_source ON records (source, paper_id)",
    # The keys that identify papers. Several can share one: editions of different years with one title.
    "CREATE TABLE keys (key TEXT NOT NULL, paper_id TEXT NOT NULL, PRIMARY KEY (key, paper_id)) WITHOUT ROWID",
    "CREATE INDEX keys_by_paper ON keys (paper_id)",
    # The papers that retraction notices name, by key; the papers themselves may be in the library or not.
    f"CREATE {NOTICES_TABLE}",
    # Papers whose records are stored and whose vectors are not: the content hash that will be published.
    "CREATE TABLE pending (paper_id TEXT PRIMARY KEY, content_hash TEXT NOT NULL)",
    # The published papers. ``number`` grows with each added paper and stays when one changes; ``fields`` is last, being
    # the longest.
    """CREATE TABLE papers (
        number INTEGER PRIMARY KEY, paper_id TEXT NOT NULL UNIQUE, content_hash TEXT NOT NULL,
        title_key TEXT NOT NULL, year INTEGER, fields TEXT NOT NULL)""",
    # Indexes to list, filter and count papers without reading them.
    "CREATE INDEX papers_by_title ON papers (title_key, number, year, paper_id)",
    "CREATE INDEX papers_newest ON papers (year DESC, title_key, number, paper_id)",
    "CREATE INDEX papers_oldest ON papers (year IS NULL, year, title_key, number, paper_id)",
    """CREATE VIEW texts AS SELECT number, json_extract(fields, '$.title') AS title,
        json_extract(fields, '$.authors') AS authors, json_extract(fields, '$.abstract') AS abstract,
        json_extract(fields, '$.venue') AS venue FROM papers""",
    # One or two letters begin words of most papers, so prefixes of these lengths have lists of their own.
    """CREATE VIRTUAL TABLE search USING fts5(title, authors, abstract, venue, content='texts', content_rowid='number',
        tokenize='unicode61 remove_diacritics 2', prefix='1 2')""",
    f"CREATE TRIGGER paper_added AFTER INSERT ON papers BEGIN {_LEARN} new.number; END",
    f"CREATE TRIGGER paper_changed AFTER UPDATE ON papers BEGIN {_LEARN} new.number; END",
    f"CREATE TRIGGER paper_changes BEFORE UPDATE ON papers BEGIN {_FORGET} old.number; END",
    f"CREATE TRIGGER paper_removed BEFORE DELETE ON papers BEGIN {_FORGET} old.number; END",
    *_VECTOR_TABLES,
    *_ROLE_TABLES,
    *(f"CREATE {table}" for table in SOURCE_TABLES),
)
_MIGRATIONS = {
    WITHOUT_NOTICES: (f"CREATE {NOTICES_TABLE}",),
    WITHOUT_VECTORS: _VECTOR_TABLES,
    WITHOUT_ROLES: _ROLE_TABLES,
    WITHOUT_SOURCES: tuple(f"CREATE {table}" for table in SOURCE_TABLES),
}
"""The statements that bring the tables from each version to the next one. Earlier versions are migrated as a whole."""
PUT_PAPER = """INSERT INTO papers (paper_id, content_hash, title_key, year, fields) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (paper_id) DO UPDATE SET content_hash = excluded.content_hash,
    title_key = excluded.title_key, year = excluded.year, fields = excluded.fields"""
PUT_RECORD = """INSERT INTO records (source, content_hash, paper_id, read_at, fields) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (source, content_hash) DO UPDATE SET paper_id = excluded.paper_id"""
PUT_KEY = "INSERT OR IGNORE INTO keys VALUES (?, ?)"
PUT_NOTICE = "INSERT OR IGNORE INTO retractions (key, source) VALUES (?, ?)"


def create_tables(connection: Connection) -> None:
    """Create the tables, or migrate those of an earlier version, in one transaction."""
    run = connection.execute
    with connection:
        run("BEGIN IMMEDIATE")
        version = run("PRAGMA user_version").fetchone()[0]
        if version in _MIGRATIONS:
            for earlier in range(version, VERSION):
                for statement in _MIGRATIONS[earlier]:
                    run(statement)
            if version == WITHOUT_NOTICES:
                _mark_retracted(connection)
            run(f"PRAGMA user_version = {VERSION}")
            return
        is_earlier = bool(run("SELECT 1 FROM sqlite_master WHERE name = 'papers'").fetchone())
        if is_earlier:
            run("CREATE TABLE earlier AS SELECT fields, source FROM papers ORDER BY rowid")
            run("DROP VIEW IF EXISTS texts")
            run("DROP TABLE papers")  # and with it its indexes and triggers
            run("DROP TABLE IF EXISTS search")
        for statement in _TABLES:
            run(statement)
        if is_earlier:
            _migrate_papers(connection)
            _mark_retracted(connection)
            run("DROP TABLE earlier")
        run(f"PRAGMA user_version = {VERSION}")


def tables_missing_in(version: int) -> tuple[str, ...]:
    """The definitions of the tables that a library of an earlier version lacks and a reader expects, to be empty."""
    added = {
        WITHOUT_NOTICES: (NOTICES_TABLE,),
        WITHOUT_ROLES: (ROLES_TABLE,),
        WITHOUT_SOURCES: SOURCE_TABLES,
    }
    return tuple(table for lacking, tables in added.items() if version <= lacking for table in tables)


def _mark_retracted(connection: Connection) -> None:
    """Mark stored papers whose titles say that they are retracted, which earlier versions did not read."""
    may_be = "fields LIKE '%retracted%' OR fields LIKE '%withdrawn%'"
    papers = connection.execute(f"SELECT fields FROM papers WHERE {may_be}").fetchall()  # noqa: S608
    for paper in (replace(paper_of(fields), is_retracted=True) for (fields,) in papers):
        if has_retraction_mark(paper.title):
            connection.execute(PUT_PAPER, paper_row(paper))
    records = connection.execute(f"SELECT rowid, source, fields FROM records WHERE {may_be}").fetchall()  # noqa: S608
    for number, source, fields in records:
        paper = replace(paper_of(fields), is_retracted=True)
        if has_retraction_mark(paper.title):
            row = (Record(paper, source).version[1], fields_of(paper), number)
            connection.execute("UPDATE records SET content_hash = ?, fields = ? WHERE rowid = ?", row)


def _migrate_papers(connection: Connection) -> None:
    """Copy papers of a version in which each paper was the record of one source."""
    for fields, source in connection.execute("SELECT fields, source FROM earlier ORDER BY rowid"):
        paper = paper_of(fields)
        connection.execute(PUT_PAPER, paper_row(paper))
        connection.execute(PUT_RECORD, record_row(Record(paper, source, paper.paper_id)))
        connection.executemany(PUT_KEY, [(key, paper.paper_id) for key in keys_of(paper)])
    connection.execute(
        """INSERT INTO pending SELECT paper_id, '' FROM papers
        WHERE EXISTS (SELECT 1 FROM facts WHERE name = 'state' AND value = 'unfinished')"""
    )


def paper_row(paper: Paper) -> tuple[str | int | None, ...]:
    return paper.paper_id, paper.content_hash, _title_key(paper.title), paper.year, fields_of(paper)


def record_row(record: Record) -> Sequence[Any]:
    return *record.version, record.paper_id, record.read_at or time.time(), fields_of(record.paper)


def fields_of(paper: Paper) -> str:
    """A paper as JSON for a column ``fields``; ``paper_of`` is the inverse."""
    fields = json.dumps(asdict(paper), ensure_ascii=False)  # not as escapes: SQLite searches in it
    return fields.encode("utf-8", "replace").decode("utf-8")


def paper_of(fields: str) -> Paper:
    """The paper in a column ``fields``."""
    values = json.loads(fields)
    return Paper(**{**values, "authors": tuple(values["authors"])})


def _title_key(title: str) -> str:
    """The sort key of a title: its words without case, accents and punctuation."""
    return " ".join(re.findall(r"\w+", _without_accents(title).casefold()))


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
