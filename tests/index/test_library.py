from __future__ import annotations

import json
import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, replace

import pytest

from assistant.errors import IndexDamaged, IndexInUse, IndexMismatch
from assistant.index.identity import Notice, Record
from assistant.index.library import Library, Listing
from assistant.records import Paper, paper_id_of
from tests.support.papers import make_paper

FULL = Paper("p", "Title", "Words.", ("A", "B"), 2020, "Venue", "https://e.org", "10.1/1", "2001.1")


def put(library, papers):
    """As an ingest does when the vectors are stored."""
    records = [Record(paper, source, paper.paper_id) for paper, source in papers]
    replaced = [old for olds in library.catalogue.of_papers(one.paper_id for one in records).values() for old in olds]
    library.catalogue.mark_pending(records, replaced, {}, "unfinished")
    library.publish(record.paper for record in records)


def remove(library, paper_ids):
    records = library.catalogue.of_papers(paper_ids)
    library.catalogue.mark_pending([], [one for some in records.values() for one in some], {}, "unfinished")
    library.publish([], records)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a b#?%20" / "papers.sqlite"


@pytest.fixture
def library(path):
    path.parent.mkdir()
    opened = Library(path, is_writable=True)
    yield opened
    opened.close()


def test_paper_comes_back_as_it_was_stored(library):
    put(library, [(FULL, "a.csv")])
    assert library.papers(["p"]) == {"p": FULL}


def test_retracted_papers_are_found_by_their_ids(library):
    put(library, [(FULL, "a.csv"), (replace(make_paper("Hens", "Hens lay."), is_retracted=True), "a.csv")])
    assert library.retracted_ids() == {make_paper("Hens", "").paper_id}


def test_unknown_ids_are_left_out(library):
    put(library, [(FULL, "a.csv")])
    assert list(library.papers(["nobody", "p", "p"])) == ["p"]
    assert library.titles(["nobody", "p", "p"]) == {"p": FULL.title}
    assert library.papers([]) == library.titles([]) == {}


def test_id_with_quotation_marks_is_only_an_id(library):
    put(library, [(FULL, "a.csv")])
    assert library.papers(["p' OR '1'='1"]) == {}


def test_paper_with_the_same_id_is_replaced(library):
    put(library, [(Paper("p", "Title", "Old."), "a.csv")])
    put(library, [(Paper("p", "Title", "New."), "b.csv")])
    assert [paper.abstract for paper in library.all_papers()] == ["New."]
    assert (library.has_source("a.csv"), library.has_source("b.csv")) == (False, True)


def test_more_papers_than_sqlite_takes_variables_are_found(library):
    papers = [make_paper(f"Title {number}", "Words.") for number in range(1_201)]
    put(library, [(paper, "a.csv") for paper in papers])
    assert len(library) == 1_201
    assert len(library.papers(paper.paper_id for paper in papers)) == 1_201


def test_papers_are_listed_in_the_order_of_ids(library):
    put(library, [(Paper(name, name, name), f"{name}.csv") for name in ("c", "a", "b")])
    assert [paper.paper_id for paper in library.all_papers()] == ["a", "b", "c"]
    assert list(library.content_hashes()) == ["a", "b", "c"]
    assert list(library.sources()) == ["a.csv", "b.csv", "c.csv"]


def test_content_hashes_are_those_of_the_papers(library):
    put(library, [(FULL, "a.csv")])
    assert library.content_hashes() == {"p": FULL.content_hash}


def test_fact_never_stated_is_empty_and_the_last_statement_holds(library):
    assert library.fact("state") == ""
    library.state(state="new", other="x")
    library.state(state="complete")
    assert (library.fact("state"), library.fact("other")) == ("complete", "x")


def test_what_was_stored_is_there_when_opened_again(library, path):
    put(library, [(FULL, "a.csv")])
    again = Library(path, is_writable=False)
    assert again.papers(["p"]) == {"p": FULL}
    again.close()


def test_papers_of_a_batch_are_stored_all_or_none(library):
    def failing():
        yield FULL, "a.csv"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put(library, failing())
    assert len(library) == 0


def test_threads_can_read_at_once(library):
    put(library, [(make_paper(f"Title {number}", "Words."), "a") for number in range(100)])
    ids = list(library.content_hashes())
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: len(library.papers(ids)), range(40)))
    assert counts == [100] * 40


@pytest.mark.usefixtures("library")
def test_library_open_for_reading_refuses_to_write(path):
    reader = Library(path, is_writable=False)
    with pytest.raises(IndexDamaged, match="make its folder writable, or set FOOTNOTE_HOME"):
        put(reader, [(FULL, "a.csv")])
    reader.close()


def test_missing_file_is_not_made_by_a_reader(tmp_path):
    with pytest.raises(IndexDamaged):
        Library(tmp_path / "none.sqlite", is_writable=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_writable", [True, False])
def test_garbage_is_refused_with_advice_and_left_as_it_is(tmp_path, is_writable):
    path = tmp_path / "papers.sqlite"
    path.write_bytes(b"garbage " * 600)
    with pytest.raises(IndexDamaged, match="Restore the file from a backup") as raised:
        Library(path, is_writable=is_writable)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == b"garbage " * 600


def test_another_programs_database_is_refused(tmp_path):
    path = tmp_path / "papers.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (name TEXT)")
    connection.close()
    with pytest.raises(IndexDamaged, match="no such table: papers"):
        Library(path, is_writable=False)


SHELF = [
    (Paper("bert", "BERT reads text", "We mask words.", ("Jacob Devlin", "Ming-Wei Chang"), 2018, "NAACL"), "a.csv"),
    (Paper("gpt", "“Few shots” for GPT-3", "It reads a prompt.", ("Tom Brown",), 2020), "a.csv"),
    (Paper("elmo", "ÉLMO: deep words", "Words in context. " * 20 + "No BERT here.", ("José García",), 2018), "b.csv"),
    (Paper("old", "zipf’s law", "Counts of words.", ("George Zipf",), None), "b.csv"),
]
ALL = ["bert", "elmo", "gpt", "old"]
SCRAPS = [
    '"',
    "'",
    "*",
    "AND",
    "or",
    "NOT",
    "NEAR(",
    "{title}:",
    "^",
    "-",
    "+",
    "(",
    ")",
    ":",
    "\\",
    "%",
    "\x00",
    "\ud800",
]


@pytest.fixture
def shelf(library):
    put(library, SHELF)
    return library


def found(library, query="", **asked) -> list[str]:
    return [paper.paper_id for paper in library.find(query, **asked).papers]


def check_words(library):
    """Raises when the word index says anything else than the papers do."""
    library.database.connection.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    library.database.connection.rollback()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mask", ["bert"]),
        ("MA wo", ["bert"]),
        ("ask", []),
        ("garcia", ["elmo"]),
        ("elmo", ["elmo"]),
        ("JOSÉ", ["elmo"]),
        ("chang 2018", []),
        ("naacl", ["bert"]),
        ("ming-wei", ["bert"]),
        ("wei-ming", []),
        ("gpt-3", ["gpt"]),
        ("prompt devlin", []),
        ("zipf's", ["old"]),
        ("bert", ["bert", "elmo"]),
        ("word", ["elmo", "bert", "old"]),
    ],
)
def test_every_word_of_a_query_begins_a_word_of_the_paper_and_titles_weigh_most(shelf, query, expected):
    listing = shelf.find(query)
    assert sorted(paper.paper_id for paper in listing.papers) == sorted(expected)
    assert [paper.paper_id for paper in listing.papers][:1] == expected[:1]
    assert listing.total == len(expected)


@pytest.mark.parametrize("query", ["", "  ", "?", '"', "* - ( ) :", "\x00"])
def test_query_without_words_finds_all_in_the_order_of_titles(shelf, query):
    assert found(shelf, query) == ALL


@pytest.mark.parametrize("query", ["title:bert", "bert NOT words", "bert OR gpt", "NEAR(mask words)", "^bert^ AND x"])
def test_operators_of_the_search_language_are_only_words(shelf, query):
    assert found(shelf, query) == []


@pytest.mark.parametrize("seed", range(20))
def test_no_query_raises(shelf, seed):
    chance = random.Random(seed)  # noqa: S311
    for _ in range(50):
        query = "".join(chance.choices([*SCRAPS, "bert", " ", "a", "é", "\n"], k=chance.randrange(1, 30)))
        assert shelf.find(query).total <= len(ALL)


def test_very_long_query_is_cut_off(shelf):
    assert found(shelf, "mask " + "words " * 100_000) == ["bert"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("relevance", ALL),
        ("title", ALL),
        ("newest", ["gpt", "bert", "elmo", "old"]),
        ("oldest", ["bert", "elmo", "gpt", "old"]),
        ("added", ["old", "elmo", "gpt", "bert"]),
    ],
)
@pytest.mark.parametrize("query", ["", "wo"])
def test_papers_are_listed_in_the_order_asked_for(shelf, order, expected, query):
    expected = expected if not query else [paper_id for paper_id in expected if paper_id != "gpt"]
    if query and order == "relevance":
        expected = ["elmo", "old", "bert"]
    assert found(shelf, query, order=order) == expected


@pytest.mark.parametrize("query", ["", "b"])
def test_list_is_narrowed_to_years_and_to_a_file(shelf, query):
    among = {paper_id for paper_id in ALL if not query or paper_id in {"bert", "gpt", "elmo"}}
    for order in ("relevance", "title"):
        for asked, expected in (
            ({"years": (2019, None)}, {"gpt"}),
            ({"years": (None, 2018)}, {"bert", "elmo"}),
            ({"years": (2018, 2020)}, {"bert", "elmo", "gpt"}),
            ({"years": (2021, 2030)}, set()),
            ({"source": "b.csv"}, {"elmo", "old"} & among),
            ({"source": "b.csv", "years": (2018, 2018)}, {"elmo"}),
            ({"source": "c.csv"}, set()),
        ):
            listing = shelf.find(query, order=order, **asked)
            assert {paper.paper_id for paper in listing.papers} == expected
            assert listing.total == len(expected)


@pytest.mark.parametrize("query", ["", "paper"])
@pytest.mark.parametrize("order", ["relevance", "title", "newest", "oldest", "added"])
def test_pages_of_a_list_hold_every_paper_once(library, order, query):
    put(library, [(make_paper(f"Paper {number % 40}: {number}", "Words."), "a.csv") for number in range(120)])
    pages = [library.find(query, order=order, first=first, count=25) for first in range(0, 150, 25)]
    assert [len(page.papers) for page in pages] == [25, 25, 25, 25, 20, 0]
    assert {page.total for page in pages} == {120}
    assert len({paper.paper_id for page in pages for paper in page.papers}) == 120


def test_empty_library_lists_nothing(library):
    assert library.find() == library.find("words") == Listing(0, ())
    assert library.sources() == {}
    assert library.years() is None


def test_sources_are_counted_and_years_bounded(shelf):
    assert shelf.sources() == {"a.csv": 2, "b.csv": 2}
    assert shelf.years() == (2018, 2020)


def test_changed_paper_is_found_by_its_new_words_and_keeps_its_place(shelf):
    put(shelf, [(Paper("gpt", "Whisper", "It hears.", (), 2022), "c.csv")])
    assert found(shelf, "prompt") == found(shelf, "gpt") == []
    assert found(shelf, "hears") == ["gpt"]
    assert found(shelf, order="added") == ["old", "elmo", "gpt", "bert"]
    assert shelf.sources() == {"a.csv": 1, "b.csv": 2, "c.csv": 1}
    check_words(shelf)


def test_removed_papers_are_gone_and_counted(shelf):
    remove(shelf, ["bert", "nobody", "bert", "old"])
    assert sorted(shelf.content_hashes()) == ["elmo", "gpt"]
    assert found(shelf, "mask") == []
    check_words(shelf)


def test_more_papers_than_sqlite_takes_variables_are_removed_and_listed(library):
    papers = [make_paper(f"Title {number}", "Words.") for number in range(1_201)]
    put(library, [(paper, "a.csv") for paper in papers])
    assert len(library.find(count=2_000).papers) == 1_201
    remove(library, [paper.paper_id for paper in papers])
    assert library.find("words").total == 0


def test_half_a_character_is_stored_as_a_question_mark(library):
    put(library, [(Paper("p", "Title \ud800", "Words.", ("A \udfff",)), "a.csv")])
    assert library.find("title").papers[0].authors == ("A ?",)


def test_threads_can_search_at_once(library):
    put(library, [(make_paper(f"Title {number}", "Words."), "a") for number in range(300)])
    with ThreadPoolExecutor(8) as pool:
        totals = list(pool.map(lambda number: library.find(f"title {number % 10}").total, range(80)))
    assert totals == [library.find(f"title {number % 10}").total for number in range(80)]


def test_reader_halfway_through_the_papers_keeps_no_writer_waiting(library, path):
    put(library, [(make_paper(f"Title {number}", "Words."), "a") for number in range(1_200)])
    with closing(Library(path, is_writable=False)) as reader:
        reading = reader.all_papers()
        next(reading)
        library.database.connection.execute("PRAGMA busy_timeout = 0")
        put(library, [(FULL, "b.csv")])
        assert len(list(reading)) == 1_199


def test_papers_that_another_program_holds_are_refused_with_advice(library, path):
    library.database.connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for use in (library.find, lambda: put(library, [(FULL, "a.csv")])):
            with pytest.raises(IndexInUse, match="close it, then try again"):
                use()


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


def test_papers_of_an_earlier_version_are_refused_to_readers_with_advice_and_left_as_they_are(earlier):
    before = earlier.read_bytes()
    with pytest.raises(
        IndexMismatch, match=r"run `footnote ingest` again .* or run `footnote index rebuild`"
    ) as raised:
        Library(earlier, is_writable=False)
    assert "\n" not in str(raised.value)
    assert earlier.read_bytes() == before


def test_papers_of_an_earlier_version_are_brought_up_to_date_by_a_writer(earlier, shelf):
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


def test_what_a_killed_writer_left_half_done_is_undone_by_a_reader(library, path, tmp_path):
    put(library, [(FULL, "a.csv")])
    connection = library.database.connection
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT INTO papers (paper_id, content_hash, title_key, fields) VALUES (?, '', '', ?)",
        [(str(number), json.dumps({"title": "x" * 5_000})) for number in range(200)],
    )
    copy = tmp_path / "copy.sqlite"
    for ending in ("", "-journal"):
        (tmp_path / f"copy.sqlite{ending}").write_bytes(path.with_name(f"papers.sqlite{ending}").read_bytes())
    connection.rollback()
    with closing(Library(copy, is_writable=False)) as reader:
        assert list(reader.all_papers()) == [FULL]


@pytest.mark.parametrize("is_writable", [True, False])
def test_papers_of_a_later_version_are_refused(shelf, path, is_writable):
    shelf.database.connection.execute("PRAGMA user_version = 99")
    with pytest.raises(IndexMismatch, match="made by a later version of Footnote: update this one"):
        Library(path, is_writable=is_writable)
