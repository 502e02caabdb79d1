from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.errors import IndexDamaged
from assistant.library import Library
from assistant.records import Paper
from tests.conftest import make_paper

FULL = Paper("p", "Title", "Words.", ("A", "B"), 2020, "Venue", "https://e.org", "10.1/1", "2001.1")


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
    library.put([(FULL, "a.csv")])
    assert library.papers(["p"]) == {"p": FULL}


def test_unknown_ids_are_left_out(library):
    library.put([(FULL, "a.csv")])
    assert list(library.papers(["nobody", "p", "p"])) == ["p"]
    assert library.papers([]) == {}


def test_id_with_quotation_marks_is_only_an_id(library):
    library.put([(FULL, "a.csv")])
    assert library.papers(["p' OR '1'='1"]) == {}


def test_paper_with_the_same_id_is_replaced(library):
    library.put([(Paper("p", "Title", "Old."), "a.csv")])
    library.put([(Paper("p", "Title", "New."), "b.csv")])
    assert [paper.abstract for paper in library.all_papers()] == ["New."]
    assert (library.has_source("a.csv"), library.has_source("b.csv")) == (False, True)


def test_more_papers_than_sqlite_takes_variables_are_found(library):
    papers = [make_paper(f"Title {number}", "Words.") for number in range(1_201)]
    library.put((paper, "a.csv") for paper in papers)
    assert len(library) == 1_201
    assert len(library.papers(paper.paper_id for paper in papers)) == 1_201


def test_papers_are_listed_in_the_order_of_ids(library):
    library.put([(Paper(name, name, name), f"{name}.csv") for name in ("c", "a", "b")])
    assert [paper.paper_id for paper in library.all_papers()] == ["a", "b", "c"]
    assert list(library.content_hashes()) == ["a", "b", "c"]
    assert [source for _, source in library.papers_with_sources()] == ["a.csv", "b.csv", "c.csv"]


def test_content_hashes_are_those_of_the_papers(library):
    library.put([(FULL, "a.csv")])
    assert library.content_hashes() == {"p": FULL.content_hash}


def test_fact_never_stated_is_empty_and_the_last_statement_holds(library):
    assert library.fact("state") == ""
    library.state(state="new", other="x")
    library.state(state="complete")
    assert (library.fact("state"), library.fact("other")) == ("complete", "x")


def test_what_was_stored_is_there_when_opened_again(library, path):
    library.put([(FULL, "a.csv")])
    again = Library(path, is_writable=False)
    assert again.papers(["p"]) == {"p": FULL}
    again.close()


def test_papers_of_a_batch_are_stored_all_or_none(library):
    def failing():
        yield FULL, "a.csv"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.put(failing())
    assert len(library) == 0


def test_threads_can_read_at_once(library):
    library.put([(make_paper(f"Title {number}", "Words."), "a") for number in range(100)])
    ids = list(library.content_hashes())
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: len(library.papers(ids)), range(40)))
    assert counts == [100] * 40


@pytest.mark.usefixtures("library")
def test_library_open_for_reading_refuses_to_write(path):
    reader = Library(path, is_writable=False)
    with pytest.raises(IndexDamaged, match="make its folder writable, or set FOOTNOTE_HOME"):
        reader.put([(FULL, "a.csv")])
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
