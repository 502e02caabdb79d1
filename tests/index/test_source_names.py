"""All items of Zotero are one entry in lists of sources, and each is a source of its own."""

from __future__ import annotations

import pytest

from assistant.index.library import Library
from assistant.index.source_table import HowToRead
from tests.support.library import put
from tests.support.papers import make_paper

ITEMS = [f"zotero://select/library/items/ABCD234{number}" for number in range(2)]
HENS, DUCKS, GEESE = (make_paper(name, f"{name} lay eggs.") for name in ("Hens", "Ducks", "Geese"))


@pytest.fixture
def library(tmp_path):
    library = Library(tmp_path / "papers.sqlite", is_writable=True)
    put(library, [(HENS, ITEMS[0]), (DUCKS, ITEMS[1]), (DUCKS, "a.bib"), (GEESE, "zotero.bib")])
    yield library
    library.close()


def test_lists_show_items_of_zotero_as_one_source(library):
    assert library.sources() == {"a.bib": 1, "zotero.bib": 1, "zotero:": 2}
    assert library.has_source("zotero:")
    assert library.catalogue.source_names("zotero:") == ITEMS
    assert library.catalogue.source_names("a.bib") == ["a.bib"]
    assert library.catalogue.all_source_names() == ["a.bib", "zotero.bib", *ITEMS]


def test_papers_of_zotero_are_found_by_its_entry_and_each_by_its_own_name(library):
    def titles(source, query=""):
        return [paper.title for paper in library.find(query, source=source).papers]

    assert titles("zotero:") == ["Ducks", "Hens"]
    assert titles("zotero:", "hens") == ["Hens"]
    assert titles(ITEMS[0]) == ["Hens"]
    assert titles("a.bib") == ["Ducks"]


def test_items_that_an_earlier_version_read_are_one_entry_too(library):
    library.state(text_version="1")
    assert library.catalogue.outdated.sources() == {"a.bib": 1, "zotero.bib": 1, "zotero:": 2}
    assert library.catalogue.outdated.source_names() == {"a.bib", "zotero.bib", *ITEMS}
    assert "3 files (a.bib, zotero.bib, zotero:)" in library.outdated_notice()


def test_links_are_given_for_papers_of_zotero_only(library):
    ids = [HENS.paper_id, DUCKS.paper_id, GEESE.paper_id]
    assert library.links_of(ids) == {HENS.paper_id: (ITEMS[0],), DUCKS.paper_id: (ITEMS[1],)}


def test_how_a_file_is_read_again_is_kept_until_it_is_read_otherwise_or_removed(library):
    table = library.source_table
    how = HowToRead("/papers/a.csv", {"title": "Name"})
    table.set_how_to_read({"a.csv": how, "b.csv": HowToRead(columns={"title": "T"}), "/c.csv": HowToRead()})
    assert table.how_to_read() == {"a.csv": how, "b.csv": HowToRead(columns={"title": "T"})}
    table.set_how_to_read({"b.csv": HowToRead()})
    assert table.how_to_read() == {"a.csv": how}
    table.forget(["a.csv"])
    assert table.how_to_read() == {}
