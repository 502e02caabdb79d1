"""Papers are found by their words, and listed."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.index.library import Listing
from assistant.records import Paper
from tests.support.library import ALL, SCRAPS, check_words, found, put, remove
from tests.support.papers import make_paper


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


def test_removed_papers_are_no_longer_found_or_counted(shelf):
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


@pytest.mark.parametrize("query", ["", "wo"])
def test_list_is_narrowed_to_a_collection(shelf, query):
    shelf.source_table.put_into("B's \" %", ["b.csv"])
    shelf.source_table.put_into("All", ["a.csv", "b.csv"])
    among = {"bert", "elmo", "old"} if query else set(ALL)
    for order in ("relevance", "title"):
        for asked, expected in (
            ({"collection": "B's \" %"}, {"elmo", "old"}),
            ({"collection": "B's \" %", "years": (2018, 2018)}, {"elmo"}),
            ({"collection": "All", "source": "b.csv"}, {"elmo", "old"}),
            ({"collection": "All"}, among),
            ({"collection": "Cows"}, set()),
        ):
            listing = shelf.find(query, order=order, **asked)
            assert {paper.paper_id for paper in listing.papers} == expected
            assert listing.total == len(listing.papers) == len(expected)
