"""What is known of sources besides their records."""

from __future__ import annotations

import pytest

from assistant.errors import InputError
from assistant.index.library import Library
from assistant.index.source_table import SourceTable, WatchedFolder
from tests.support.library import SHELF, put


@pytest.fixture
def table(tmp_path):
    library = Library(tmp_path / "papers.sqlite", is_writable=True)
    put(library, SHELF)
    yield library.source_table
    library.close()


def test_versions_are_found_by_the_beginning_of_the_name(table: SourceTable):
    table.set_versions({"/a/one.bib": "1", "/a/%": "2", "/b/two.bib": "3"})
    assert table.versions("/a/") == {"/a/%": "2", "/a/one.bib": "1"}
    assert table.versions("/a/%") == {"/a/%": "2"}
    assert table.versions() == {"/a/%": "2", "/a/one.bib": "1", "/b/two.bib": "3"}


def test_a_collection_holds_the_papers_of_its_sources(table: SourceTable):
    table.put_into("Old ones", ["b.csv"])
    assert table.papers_in("Old ones") == {"elmo", "old"}
    assert table.collections() == {"Old ones": 2}
    assert table.sources_in("Old ones") == ["b.csv"]


def test_a_paper_may_be_in_several_collections_and_in_none(table: SourceTable):
    table.put_into("B", ["b.csv"])
    table.put_into("A", ["b.csv"])
    assert table.collections_of(["elmo", "bert"]) == {"elmo": ("A", "B")}


def test_a_collection_ends_with_its_last_source(table: SourceTable):
    table.put_into("B", ["b.csv"])
    table.take_out("B", ["b.csv"])
    assert table.collections() == {}


def test_a_collection_without_papers_is_listed(table: SourceTable):
    table.put_into("Empty", ["c.csv"])
    assert table.collections() == {"Empty": 0}
    assert table.papers_in("Empty") == frozenset()


def test_an_unknown_collection_is_refused_with_the_names_of_the_others(table: SourceTable):
    table.put_into("Known", ["a.csv"])
    with pytest.raises(InputError, match="no collection 'known'; there are: Known"):
        table.papers_in("known")


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "x" * 61, "\ud800"])
def test_a_name_that_cannot_be_shown_is_refused(table: SourceTable, name: str):
    with pytest.raises(InputError, match="needs a name"):
        table.put_into(name, ["a.csv"])


def test_white_space_around_a_name_does_not_count(table: SourceTable):
    table.put_into("  My   papers ", ["a.csv"])
    assert table.collections() == {"My papers": 2}


def test_a_collection_renamed_to_another_joins_it(table: SourceTable):
    table.put_into("A", ["a.csv"])
    table.put_into("B", ["b.csv"])
    table.rename("A", "B")
    assert table.collections() == {"B": 4}


def test_a_bad_new_name_leaves_a_collection_as_it_was(table: SourceTable):
    table.put_into("A", ["a.csv"])
    with pytest.raises(InputError):
        table.rename("A", "")
    assert table.collections() == {"A": 2}


def test_a_removed_source_is_forgotten(table: SourceTable):
    table.set_versions({"a.csv": "1", "b.csv": "2"})
    table.put_into("A", ["a.csv", "b.csv"])
    table.forget(["a.csv"])
    assert table.versions() == {"b.csv": "2"}
    assert table.sources_in("A") == ["b.csv"]


def test_watched_folders_are_kept_with_their_collections(table: SourceTable):
    table.watch(WatchedFolder("/papers", "Mine"))
    table.watch(WatchedFolder("/more"))
    table.watch(WatchedFolder("/papers", "Ours"))
    assert table.watched() == [WatchedFolder("/more"), WatchedFolder("/papers", "Ours")]
    table.unwatch("/more")
    assert table.watched() == [WatchedFolder("/papers", "Ours")]
