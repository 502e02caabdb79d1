"""Finding papers without an answer, and citing them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from assistant.errors import InputError, NotFound, QuestionError
from assistant.index.library import Library
from assistant.search import cite, find_paper, found_as_json, papers_as_json, search
from tests.support.library import put
from tests.support.papers import make_paper

TABLES = "Reading Tables with Unified Models"
ADA = ("Ada Lovelace",)
HENS = replace(make_paper("Hens & Eggs", "Lay."), authors=ADA, year=2020, venue="Farm", doi="10.1234/hens", pmid="123")
COPY = replace(make_paper("Hens again", "Hens lay."), doi="10.1234/hens")


@pytest.fixture
def library(tmp_path):
    library = Library(tmp_path / "papers.sqlite", is_writable=True)
    put(library, [(HENS, "a.bib")])
    library.catalogue.mark_all_pending()  # which computes the keys
    yield library
    library.close()


def test_a_search_gives_the_best_papers_with_their_best_sentences(make_assistant):
    found = search(make_assistant(), "tables and text", count=2)
    assert found[0].paper.title == TABLES
    assert len(found) == 2
    assert "tables" in found[0].sentences[0].text.casefold()


def test_what_a_search_found_is_json_whose_offsets_are_right(make_assistant):
    assistant = make_assistant()
    found = json.loads(json.dumps(found_as_json(search(assistant, "tables"), assistant.retriever.index.library)))
    for paper in found:
        assert all(paper["abstract"][one["start"] : one["end"]] == one["text"] for one in paper["sentences"])


def test_a_search_without_words_is_refused(make_assistant):
    with pytest.raises(QuestionError):
        search(make_assistant(), "?!")


@pytest.mark.parametrize(
    "name", [HENS.paper_id, "10.1234/hens", "https://doi.org/10.1234/HENS", "doi:10.1234/hens", "PMID 123"]
)
def test_a_paper_is_found_by_any_of_its_identifiers(library, name):
    assert find_paper(library, name) == HENS


@pytest.mark.parametrize("name", ["", "10.1234/other", "x' OR 1=1 --", "../../etc/passwd", "\x00", "x" * 100_000])
def test_an_unknown_paper_is_one_line(library, name):
    with pytest.raises(NotFound, match="No indexed paper") as raised:
        find_paper(library, name)
    assert "\n" not in str(raised.value)


def test_an_identifier_of_two_papers_is_answered_with_their_ids(library):
    put(library, [(COPY, "b.bib")])
    library.catalogue.mark_all_pending()
    with pytest.raises(InputError, match=f"{COPY.paper_id}, {HENS.paper_id}"):
        find_paper(library, "10.1234/hens")


@pytest.mark.parametrize(
    ("style", "words"), [("bibtex", "author = {Lovelace, Ada}"), ("ris", "AU  - Lovelace, Ada"), ("text", "Farm, 2020")]
)
def test_papers_are_cited_in_each_style(library, style, words):
    assert words in cite(library, [HENS.paper_id], style)


def test_an_unknown_style_is_refused(library):
    with pytest.raises(InputError, match="use bibtex, ris, text"):
        cite(library, [HENS.paper_id], "apa")


def test_a_paper_of_zotero_has_the_link_that_opens_it_there(library):
    link = "zotero://select/library/items/ABCD2345"
    put(library, [(HENS, link), (HENS, "zotero://select/other")])
    (values,) = papers_as_json([HENS], library)
    assert values["links"] == [link]
