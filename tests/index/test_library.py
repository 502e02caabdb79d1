"""Papers and facts are stored, read and kept."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from assistant.errors import IndexDamaged, IndexInUse
from assistant.index.library import Library
from assistant.records import Paper
from tests.support.library import FULL, put
from tests.support.papers import make_paper


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


def test_missing_file_is_not_created_for_reading(tmp_path):
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


def test_an_interrupted_transaction_is_rolled_back_when_the_library_is_read(library, path, tmp_path):
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


def test_walking_through_the_papers_does_not_block_a_process_that_writes(library, path):
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
