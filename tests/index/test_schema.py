"""Libraries of other versions are refused, or brought up to date."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, replace

import pytest

from assistant.errors import IndexMismatch
from assistant.index.identity import Notice
from assistant.index.library import Library
from assistant.records import paper_id_of
from tests.support.library import ALL, SHELF, check_words, found, put
from tests.support.papers import make_paper

EARLIER = """
CREATE TABLE papers (
    paper_id TEXT PRIMARY KEY, content_hash TEXT NOT NULL, source TEXT NOT NULL, fields TEXT NOT NULL);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO facts VALUES ('state', 'complete');
"""


SECOND = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE papers (
    number INTEGER PRIMARY KEY, paper_id TEXT NOT NULL UNIQUE, content_hash TEXT NOT NULL, source TEXT NOT NULL,
    title_key TEXT NOT NULL DEFAULT '', year INTEGER, fields TEXT NOT NULL);
CREATE INDEX papers_by_title ON papers (title_key, number, year, source);
CREATE INDEX papers_newest ON papers (year DESC, title_key, number, source);
CREATE INDEX papers_oldest ON papers (year IS NULL, year, title_key, number, source);
CREATE INDEX papers_by_source ON papers (source, year);
CREATE VIEW texts AS SELECT number, json_extract(fields, '$.title') AS title,
    json_extract(fields, '$.authors') AS authors, json_extract(fields, '$.abstract') AS abstract,
    json_extract(fields, '$.venue') AS venue FROM papers;
CREATE VIRTUAL TABLE search USING fts5(title, authors, abstract, venue, content='texts', content_rowid='number',
    tokenize='unicode61 remove_diacritics 2', prefix='1 2');
CREATE TRIGGER paper_added AFTER INSERT ON papers BEGIN
    INSERT INTO search (rowid, title, authors, abstract, venue) SELECT * FROM texts WHERE number = new.number; END;
CREATE TRIGGER paper_removed BEFORE DELETE ON papers BEGIN
    INSERT INTO search (search, rowid, title, authors, abstract, venue)
    SELECT 'delete', * FROM texts WHERE number = old.number; END;
INSERT INTO facts VALUES ('state', 'complete');
PRAGMA user_version = 2;
"""


MARKED = "RETRACTED: Cows Fly"


THIRD = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE records (
    source TEXT NOT NULL, content_hash TEXT NOT NULL, paper_id TEXT NOT NULL, read_at REAL NOT NULL,
    fields TEXT NOT NULL, PRIMARY KEY (source, content_hash));
CREATE INDEX records_by_paper ON records (paper_id);
CREATE INDEX records_by_source ON records (source, paper_id);
CREATE TABLE keys (key TEXT NOT NULL, paper_id TEXT NOT NULL, PRIMARY KEY (key, paper_id)) WITHOUT ROWID;
CREATE INDEX keys_by_paper ON keys (paper_id);
CREATE TABLE pending (paper_id TEXT PRIMARY KEY, content_hash TEXT NOT NULL);
CREATE TABLE papers (
    number INTEGER PRIMARY KEY, paper_id TEXT NOT NULL UNIQUE, content_hash TEXT NOT NULL,
    title_key TEXT NOT NULL, year INTEGER, fields TEXT NOT NULL);
CREATE INDEX papers_by_title ON papers (title_key, number, year, paper_id);
CREATE INDEX papers_newest ON papers (year DESC, title_key, number, paper_id);
CREATE INDEX papers_oldest ON papers (year IS NULL, year, title_key, number, paper_id);
CREATE VIEW texts AS SELECT number, json_extract(fields, '$.title') AS title,
    json_extract(fields, '$.authors') AS authors, json_extract(fields, '$.abstract') AS abstract,
    json_extract(fields, '$.venue') AS venue FROM papers;
CREATE VIRTUAL TABLE search USING fts5(title, authors, abstract, venue, content='texts', content_rowid='number',
    tokenize='unicode61 remove_diacritics 2', prefix='1 2');
CREATE TRIGGER paper_added AFTER INSERT ON papers BEGIN
    INSERT INTO search (rowid, title, authors, abstract, venue) SELECT * FROM texts WHERE number = new.number; END;
CREATE TRIGGER paper_changed AFTER UPDATE ON papers BEGIN
    INSERT INTO search (rowid, title, authors, abstract, venue) SELECT * FROM texts WHERE number = new.number; END;
CREATE TRIGGER paper_changes BEFORE UPDATE ON papers BEGIN
    INSERT INTO search (search, rowid, title, authors, abstract, venue)
    SELECT 'delete', * FROM texts WHERE number = old.number; END;
CREATE TRIGGER paper_removed BEFORE DELETE ON papers BEGIN
    INSERT INTO search (search, rowid, title, authors, abstract, venue)
    SELECT 'delete', * FROM texts WHERE number = old.number; END;
INSERT INTO facts VALUES ('state', 'complete');
PRAGMA user_version = 3;
"""


@pytest.fixture
def third(tmp_path, shelf):
    """The papers as Footnote stored them before it knew of retractions, with every record and key."""
    put(shelf, [(replace(make_paper("Hens", "Hens lay."), doi="10.1/hens"), "hens.csv")])
    put(shelf, [(make_paper(MARKED, "Cows fly."), "hens.csv")])
    path = tmp_path / "third.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(THIRD)
        for table, hidden in {"papers": 5, "records": 4}.items():
            rows = [list(row) for row in shelf.database.rows(f"SELECT * FROM {table}")]  # noqa: S608
            for row in rows:
                fields = json.loads(row[hidden])
                del fields["is_retracted"]
                row[hidden] = json.dumps(fields, ensure_ascii=False)
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608
        connection.executemany("INSERT INTO keys VALUES (?, ?)", shelf.database.rows("SELECT * FROM keys"))
    return path


def test_papers_of_the_first_version_with_a_title_marked_as_retracted_are_retracted(tmp_path):
    paper = make_paper(MARKED, "Cows fly.")
    path = tmp_path / "earlier.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(EARLIER)
        row = (paper.paper_id, "hash", "cows.csv", json.dumps(asdict(paper) | {"is_retracted": False}))
        connection.execute("INSERT INTO papers VALUES (?, ?, ?, ?)", row)
    with closing(Library(path, is_writable=True)) as library:
        assert library.retracted_ids() == {paper.paper_id}


def test_library_made_before_retractions_were_known_is_read_as_it_is(third, shelf):
    before = third.read_bytes()
    with closing(Library(third, is_writable=False)) as library:
        assert list(library.all_papers()) == list(shelf.all_papers())
        assert library.catalogue.of_papers(ALL) == shelf.catalogue.of_papers(ALL)
        assert library.content_hashes() == shelf.content_hashes()
    assert third.read_bytes() == before


def test_library_made_before_retractions_were_known_takes_notices_from_a_writer(third, shelf):
    with closing(Library(third, is_writable=True)) as library:
        library.catalogue.mark_pending([], [], {}, "complete", notices=[Notice("doi:10.1/hens", "notices.json")])
        check_words(library)
    with closing(Library(third, is_writable=False)) as library:
        papers = list(library.all_papers())
        assert [paper.paper_id for paper in papers if paper.is_retracted] == [paper_id_of(MARKED)]
        assert [replace(paper, is_retracted=False) for paper in papers] == list(shelf.all_papers())
        (marked,) = library.catalogue.of_papers([paper_id_of(MARKED)])[paper_id_of(MARKED)]
        assert marked.paper.is_retracted
        records = library.catalogue.of_papers(paper.paper_id for paper in papers)
        assert [one.paper.title for ones in records.values() for one in ones if one.has_notice] == ["Hens"]


@pytest.fixture(params=[EARLIER, SECOND], ids=["first version", "second version"])
def earlier(tmp_path, request):
    """The papers as Footnote stored them before it kept what each source says of them."""
    path = tmp_path / "papers.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(request.param)
        rows = []
        for paper, source in SHELF:
            fields = {name: value for name, value in asdict(paper).items() if name != "pmid"}
            rows.append((paper.paper_id, "hash of then", source, json.dumps(fields)))
        connection.executemany("INSERT INTO papers (paper_id, content_hash, source, fields) VALUES (?, ?, ?, ?)", rows)
    return path


def test_papers_of_an_earlier_version_are_refused_with_advice_when_read_and_not_changed(earlier):
    before = earlier.read_bytes()
    with pytest.raises(
        IndexMismatch, match=r"run `footnote ingest` again .* or run `footnote index rebuild`"
    ) as raised:
        Library(earlier, is_writable=False)
    assert "\n" not in str(raised.value)
    assert earlier.read_bytes() == before


def test_papers_of_an_earlier_version_are_migrated_by_a_process_that_writes(earlier, shelf):
    with closing(Library(earlier, is_writable=True)) as library:
        check_words(library)
    with closing(Library(earlier, is_writable=False)) as library:
        assert list(library.all_papers()) == list(shelf.all_papers())
        assert library.sources() == shelf.sources()
        records = library.catalogue.of_papers(ALL)
        assert {name: [(one.paper, one.source) for one in ones] for name, ones in records.items()} == {
            paper.paper_id: [(paper, source)] for paper, source in SHELF
        }
        assert library.content_hashes() == shelf.content_hashes()
        assert found(library, order="added") == found(shelf, order="added")
        assert found(library, "garcia") == ["elmo"]
        assert library.fact("state") == "complete"


def test_interrupted_change_of_version_leaves_the_papers_as_they_were(earlier, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("assistant.index.schema.paper_row", interrupt)
    with pytest.raises(KeyboardInterrupt):
        Library(earlier, is_writable=True)
    monkeypatch.undo()
    with closing(Library(earlier, is_writable=True)) as library:
        assert found(library) == ALL


def test_papers_of_an_earlier_version_whose_ingest_was_interrupted_are_all_to_be_stored_again(earlier):
    with closing(sqlite3.connect(earlier)) as connection, connection:
        connection.execute("UPDATE facts SET value = 'unfinished'")
    with closing(Library(earlier, is_writable=True)) as library:
        assert library.catalogue.pending() == ALL


@pytest.mark.parametrize("is_writable", [True, False])
def test_papers_of_a_later_version_are_refused(shelf, path, is_writable):
    shelf.database.connection.execute("PRAGMA user_version = 99")
    with pytest.raises(IndexMismatch, match="made by a later version of Footnote: update this one"):
        Library(path, is_writable=is_writable)


def test_a_library_without_tables_of_sources_is_read_as_it_is_and_migrated_by_a_writer(shelf):
    for table in ("source_versions", "collections", "watched_folders"):
        shelf.database.connection.execute(f"DROP TABLE {table}")
    shelf.database.connection.execute("PRAGMA user_version = 6")
    shelf.close()
    with closing(Library(shelf.database.path, is_writable=False)) as library:
        assert library.source_table.collections() == {}
    with closing(Library(shelf.database.path, is_writable=True)) as library:
        library.source_table.put_into("A", ["a.csv"])
    with closing(Library(shelf.database.path, is_writable=False)) as library:
        assert library.source_table.collections() == {"A": 2}
