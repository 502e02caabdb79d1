"""What a paper and a list of papers show."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from assistant.records import Evidence, Paper, Role
from assistant.web.rendering import (
    paper_html,
    rows_html,
)
from tests.support.html import ParsedHtml
from tests.support.rendering import (
    ABSTRACT,
    ATTACK,
    COST,
    MODELS,
    TABLES,
    actions,
    paper_of,
)


def test_list_of_papers_and_a_paper_say_that_it_is_retracted():
    gone = paper_of(is_retracted=True)
    rows = ParsedHtml(rows_html([gone, Paper("o", "Other", "")]))
    assert rows.one(class_="fn-flag").text == "Retracted"
    page = ParsedHtml(paper_html(gone, nearest=[replace(gone, title="Near"), Paper("o", "Other", "")]))
    assert page.one(class_="fn-warning").visible_text == "This paper is retracted."
    assert [item.visible_text for item in page.all("li")] == ["Near Retracted", "Other"]
    assert ParsedHtml(paper_html(paper_of())).all(class_="fn-warning") == []


def opened(*spans: tuple[int, int], abstract: str = ABSTRACT, current: int = -1) -> ParsedHtml:
    paper = paper_of(abstract)
    return ParsedHtml(paper_html(paper, quotes=[Evidence(paper, *span) for span in spans], current=current))


def abstract_of(page: ParsedHtml) -> str:
    return page.one("p", class_="fn-abstract").text


def test_exactly_the_cited_text_is_marked_in_the_whole_abstract():
    page = opened(MODELS, COST)
    assert [mark.text for mark in page.all("mark")] == ["Cost falls.", "Models read."]
    assert abstract_of(page) == ABSTRACT


def test_only_the_requested_quotation_stands_out():
    page = opened(COST, TABLES, MODELS, current=12)
    assert [mark.text for mark in page.all("mark")] == ["Cost falls.", "Tables are hard.", "Models read."]
    assert page.one("mark", class_="fn-current").text == "Tables are hard."


def test_a_paper_opened_from_a_list_has_nothing_marked():
    assert opened().all("mark") == []
    assert opened(COST, MODELS).all("mark", class_="fn-current") == []


_SHORT = "<a> &"  # every letter of it is one to escape, to skip or to confuse


def test_overlapping_or_unordered_quotations_do_not_change_the_text_of_the_abstract():
    spans = [(start, end) for start, end in product(range(7), repeat=2) if start <= end]  # some end beyond it
    for first, second in product(spans, repeat=2):
        page = opened(first, second, abstract=_SHORT, current=first[0])
        assert abstract_of(page) == _SHORT
        cited = {*range(*first), *range(*second)} & {*range(len(_SHORT))}
        assert sum(len(text) for text, is_marked in page.pieces if is_marked) == len(cited)
        assert "".join(mark.text for mark in page.all("mark")) == "".join(_SHORT[place] for place in sorted(cited))


def test_a_label_says_where_sentences_for_another_purpose_begin():
    paper = paper_of("Cost is high. It grows. We cut it. RESULTS It fell. Cut it.")
    roles: dict[tuple[int, int], Role] = {
        (0, 13): "background", (14, 23): "background", (24, 34): "method", (43, 51): "result", (52, 59): "conclusion"
    }  # fmt: skip
    page = ParsedHtml(paper_html(paper, quotes=[Evidence(paper, 24, 34)], current=24, roles=roles))
    assert [label.text for label in page.all("span", class_="fn-role")] == ["Background", "Method", "Conclusion"]
    assert (
        abstract_of(page) == "Background Cost is high. It grows. Method We cut it. RESULTS It fell. Conclusion Cut it."
    )
    assert page.one("mark", class_="fn-current").text == "We cut it."


@pytest.mark.parametrize("abstract", ["", "  two  spaces \n\n and lines\t", ATTACK, "é注意力 \U0001f413"])
def test_any_abstract_is_shown_unchanged(abstract):
    assert abstract_of(opened((1, 4), abstract=abstract)) == abstract


def test_the_record_of_a_paper_is_shown():
    page = ParsedHtml(paper_html(paper_of(authors=("Ada", "Grace"), year=2020, venue="JMLR", doi="10.1000/1")))
    assert page.one("h3").attributes == {"tabindex": "-1"}
    assert page.one("h3").text == "T"
    assert page.one(class_="fn-authors").visible_text == "Ada, Grace"
    assert page.one(class_="fn-when").visible_text == "JMLR, 2020"
    assert page.one("a").attributes["href"] == page.one(class_="fn-where").visible_text == "https://doi.org/10.1000/1"
    assert page.one("article").attributes["data-paper"] == "p"


@pytest.mark.parametrize(
    ("known", "message"), [({"year": 2020}, ["2020"]), ({"venue": "JMLR"}, ["JMLR"]), ({}, [])], ids=str
)
def test_missing_fields_of_a_record_are_left_out(known, message):
    page = ParsedHtml(paper_html(paper_of(**known)))
    assert [line.visible_text for line in page.all(class_="fn-when")] == message
    assert page.all(class_="fn-authors") == page.all(class_="fn-where") == []


def test_the_nearest_papers_open_from_a_paper():
    page = ParsedHtml(paper_html(paper_of(), nearest=[Paper("o", "Other", ""), Paper("h", "Hens", "")]))
    assert page.one("h4").visible_text == "Nearest papers"
    shown = [(button.attributes["data-paper"], button.text) for button in page.all("button", class_="fn-link")]
    assert shown == [("o", "Other"), ("h", "Hens")]
    assert "Nearest" not in ParsedHtml(paper_html(paper_of())).text


def test_a_paper_has_a_remove_button_only_on_request():
    assert actions(ParsedHtml(paper_html(paper_of()))) == ["ask"]
    assert actions(ParsedHtml(paper_html(paper_of(), can_remove=True))) == ["ask", "remove"]


def test_a_paper_that_is_no_longer_indexed_says_so_and_keeps_its_quotations():
    paper = paper_of()
    page = ParsedHtml(paper_html(paper, is_indexed=False, can_remove=True, quotes=[Evidence(paper, *COST)], current=0))
    assert "no longer indexed" in page.one(class_="fn-removed").visible_text
    assert actions(page) == []
    assert page.one("mark", class_="fn-current").text == "Cost falls."


@pytest.mark.parametrize(
    ("authors", "year", "byline"),
    [
        (("A", "B", "C"), 2020, "A, B, C · 2020"),
        (("A", "B", "C", "D"), 2020, "A, B, C et al. · 2020"),
        (("A",), None, "A"),
        ((), 2020, "2020"),
        ((), None, ""),
    ],
)
def test_a_row_names_a_few_authors_and_the_year(authors, year, byline):
    row = ParsedHtml(rows_html([paper_of(authors=authors, year=year)]))
    assert row.one(class_="fn-byline").visible_text == byline


def test_a_row_opens_its_paper_and_can_be_selected():
    page = ParsedHtml(rows_html([paper_of(), Paper("o", "Other", "")]))
    boxes = [(box.attributes["value"], box.attributes["aria-label"]) for box in page.all("input", type="checkbox")]
    assert boxes == [("p", "Select T"), ("o", "Select Other")]
    assert [button.attributes["data-paper"] for button in page.all("button")] == ["p", "o"]
    assert len(page.all("li")) == 2


@pytest.mark.parametrize(
    ("name", "is_link"),
    [
        ("zotero://select/library/items/ABCD2345", True),
        ("zotero://select/groups/12/items/ABCD2345", True),
        ("zotero://select/library/items/ABCD2345\n", False),
        ("zotero://select/library/items/abcd2345", False),
        ("zotero://select/groups/\u0661\u0662/items/ABCD2345", False),
        ('zotero://select/library/items/ABCD2345" onclick="x', False),
        ("zotero://select/library/items/ABCD2345?x=1", False),
        ("javascript:alert(1)", False),
        ("papers.bib", False),
    ],
)
def test_only_a_link_that_selects_one_item_opens_in_zotero(name, is_link):
    links = [one for one in ParsedHtml(paper_html(paper_of(), zotero=[name])).all("a") if "Zotero" in one.text]
    assert [one.attributes["href"] for one in links] == [name] * is_link
