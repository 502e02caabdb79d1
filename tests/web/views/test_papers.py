from __future__ import annotations

import pytest

from assistant.web.views.papers import PaperViews
from tests.support.html import ParsedHtml
from tests.support.papers import ABSTRACTS
from tests.support.views import (
    SPARSE,
    papers_of,
    put,
)


@pytest.fixture
def papers_views(make_assistant) -> PaperViews:
    """The three papers without a year, and two with one."""
    retriever = make_assistant().retriever
    hens = {"title": "Hens", "abstract": "Hens lay eggs.", "year": 2019, "authors": ["Ada", "Bo", "Cy", "Di"]}
    cows = {"title": "Cows", "abstract": "Cows give milk.", "year": 2021}
    put(retriever.index, hens, cows, source="farm/animals.jsonl")
    return papers_of(retriever)


def asked_for(**changes) -> dict[str, object]:
    return {"query": "", "order": "title", "from": "", "to": "", "source": "", "collection": "", "first": 0, **changes}


def titles(found) -> list[str]:
    return [button.text for button in ParsedHtml(found["html"]).all("button", class_="fn-link")]


def test_an_empty_search_lists_all_papers(papers_views):
    found = papers_views.find(asked_for())
    assert titles(found) == sorted([*ABSTRACTS, "Hens", "Cows"])
    assert (found["total"], found["message"]) == (5, "5 papers")


def test_papers_are_found_by_the_beginnings_of_words(papers_views):
    found = papers_views.find(asked_for(query="he", order="relevance"))
    assert titles(found)[0] == "Hens"
    found = papers_views.find(asked_for(query="hens"))
    assert (titles(found), found["message"]) == (["Hens"], "1 paper")
    assert papers_views.find(asked_for(query="whales")) == {"html": "", "total": 0, "message": "0 papers"}


@pytest.mark.parametrize(
    ("years", "found"),
    [
        ({"from": "2020"}, ["Cows"]),
        ({"to": "2020"}, ["Hens"]),
        ({"from": "2019", "to": "2019"}, ["Hens"]),
        ({"from": 2020}, ["Cows"]),
    ],
    ids=str,
)
def test_papers_are_filtered_by_year(papers_views, years, found):
    assert titles(papers_views.find(asked_for(**years))) == found


def test_an_invalid_or_incomplete_year_filters_nothing(papers_views):
    for typed in ("", "abc", "-5", "20.5", "²", " ", None, "2", "20", "202", 202, "20190", "9" * 30, "9" * 5000):
        assert papers_views.find(asked_for(**{"from": typed, "to": typed}))["total"] == 5, typed


def test_the_list_continues_at_an_offset(papers_views):
    assert titles(papers_views.find(asked_for(first=3))) == titles(papers_views.find(asked_for()))[3:]


def test_papers_are_filtered_by_the_file_they_came_from(papers_views):
    assert titles(papers_views.find(asked_for(source="farm/animals.jsonl"))) == ["Cows", "Hens"]


def test_sources_are_listed_by_file_name_with_counts_and_the_range_of_years(papers_views):
    found = papers_views.sources({})
    assert ("farm/animals.jsonl", "animals.jsonl (2)") in found["names"]
    assert [label for _, label in found["names"] if label.startswith("papers.jsonl")] == ["papers.jsonl (3)"]
    assert found["years"] == (2019, 2021)


def test_papers_without_years_have_no_range_of_years(make_assistant):
    assert papers_of(make_assistant().retriever).sources({})["years"] is None


def paper_id(views: PaperViews, title: str) -> str:
    (paper,) = (paper for paper in views.library.all_papers() if paper.title == title)
    return paper.paper_id


def test_an_open_paper_lists_its_nearest_papers_without_itself(papers_views):
    page = ParsedHtml(papers_views.paper({"paper": paper_id(papers_views, SPARSE)}))
    assert page.one("p", class_="fn-abstract").text == ABSTRACTS[SPARSE]
    nearest = [button.text for button in page.all("button", class_="fn-link")]
    assert len(nearest) == 4
    assert nearest[0] in ABSTRACTS  # the farm is farther away than any paper of language models
    assert SPARSE not in nearest


def test_the_remove_button_is_shown_only_on_request(papers_views):
    asked = {"paper": paper_id(papers_views, SPARSE)}
    assert ParsedHtml(papers_views.paper(asked)).all(data_action="remove") == []
    assert ParsedHtml(papers_views.paper({**asked, "can_remove": False})).all(data_action="remove") == []
    assert ParsedHtml(papers_views.paper({**asked, "can_remove": True})).one(data_action="remove")


def test_an_unknown_paper_says_so(papers_views):
    assert ParsedHtml(papers_views.paper({"paper": "nobody"})).visible_text == "This paper is no longer indexed."


def test_removed_papers_are_counted_and_no_longer_found(papers_views):
    ids = [paper_id(papers_views, "Hens"), paper_id(papers_views, "Cows")]
    assert papers_views.is_indexed(ids[0])
    assert papers_views.remove_papers({"ids": [*ids, "nobody"]}) == "2 papers removed."
    assert not papers_views.is_indexed(ids[0])
    assert papers_views.find(asked_for())["total"] == 3
    assert papers_views.remove_papers({"ids": ids}) == "0 papers removed."


def test_papers_of_zotero_are_one_source_and_open_there(papers_views):
    index = papers_views.retriever().index
    names = [f"zotero://select/library/items/ABCD234{number}" for number in range(2)]
    put(index, {"title": "Swans", "abstract": "Swans swim."}, source=names[0])
    put(index, {"title": "Geese", "abstract": "Geese fly."}, source=names[1])
    assert ("zotero:", "Zotero (2)") in papers_views.sources({})["names"]
    found = papers_views.find(asked_for(source="zotero:"))
    assert titles(found) == ["Geese", "Swans"]
    paper_id = index.library.find("swans").papers[0].paper_id
    links = [one.attributes["href"] for one in ParsedHtml(papers_views.paper({"paper": paper_id})).all("a")]
    assert links == [names[0]]


def test_papers_are_filtered_by_their_collection_and_name_it_when_they_are_opened(papers_views):
    with papers_views.retriever().index.writing() as writer:
        writer.library.source_table.put_into("Farm", ["farm/animals.jsonl"])
    assert papers_views.collections({}) == {"names": [("Farm", "Farm (2)")]}
    assert titles(papers_views.find(asked_for(collection="Farm"))) == ["Cows", "Hens"]
    assert papers_views.find(asked_for(collection="Zoo"))["total"] == 0
    page = ParsedHtml(papers_views.paper({"paper": paper_id(papers_views, "Hens")}))
    assert "Collection: Farm" in page.visible_text
