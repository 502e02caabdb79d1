from __future__ import annotations

from html.parser import HTMLParser

import pytest

from assistant.records import Answer, Claim, Dropped, Evidence, Paper, RankedPaper
from assistant.web.rendering import answer_html, problem_html, question_html

ATTACK = "<img src=x onerror=alert(1)>\"><script>alert(2)</script>' & co"
ABSTRACT = "Cost falls. Tables are hard. Models read."


class Reader(HTMLParser):
    """The tags, attributes and text of a page, as a browser would see them; every tag must be closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def answered(paper: Paper, *spans: tuple[int, int], **changes) -> Answer:
    evidence = tuple(Evidence(paper, start, end) for start, end in spans or [(0, 11)])
    return Answer("q", stage="done", claims=(Claim("Costs fall.", evidence, "supported", 0.9),), **changes)


def attacked_everywhere() -> Answer:
    paper = Paper("p", ATTACK, ATTACK, (ATTACK,), 2020, ATTACK, ATTACK, ATTACK, ATTACK)
    claim = Claim(ATTACK, (Evidence(paper, 0, len(ATTACK)),), "quoted", 1.0, lead=ATTACK)
    return Answer(ATTACK, stage="done", claims=(claim,), dropped=(Dropped(ATTACK, ATTACK),))


@pytest.mark.parametrize(
    "html",
    [
        answer_html(attacked_everywhere()),
        answer_html(Answer("q", stage="writing", draft=ATTACK)),
        answer_html(
            Answer("q", stage="done", abstained=True, retrieved=(RankedPaper(Paper("p", ATTACK, ""), 1.0),)),
        ),
        question_html(ATTACK),
        problem_html(ATTACK),
    ],
    ids=["answer", "draft", "refusal", "question", "problem"],
)
def test_markup_in_untrusted_text_stays_text(html):
    page = Reader(html)
    assert ATTACK in page.text
    assert not {"img", "script"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_a_paper_titled_like_an_image_keeps_its_title():
    page = Reader(answer_html(answered(Paper("p", "<img src=x onerror=alert(1)>", ABSTRACT))))
    assert "[1] <img src=x onerror=alert(1)>" in page.text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "//evil.example",
        "http://[broken",
        "",
    ],
)
def test_an_address_that_is_not_of_the_web_is_not_linked(url):
    assert "a" not in Reader(answer_html(answered(Paper("p", "T", ABSTRACT, url=url)))).tags


@pytest.mark.parametrize("url", ["https://a.b/c?x=1&y=2", "http://a.b", 'https://a.b/"onclick="alert(1)'])
def test_an_address_of_the_web_is_linked_and_opens_apart(url):
    page = Reader(answer_html(answered(Paper("p", "T", ABSTRACT, url=url))))
    assert ("href", url) in page.attributes
    assert ("rel", "noopener noreferrer") in page.attributes
    assert "onclick" not in dict(page.attributes)


def test_the_cited_sentences_are_marked_in_the_abstract_in_its_order():
    html = answer_html(answered(Paper("p", "T", ABSTRACT), (29, 41), (0, 11)))
    assert "<mark>Cost falls.</mark> Tables are hard. <mark>Models read.</mark>" in html


def test_a_footnote_shows_the_year_and_each_quotation():
    page = Reader(answer_html(answered(Paper("p", "T", ABSTRACT, year=2020), (0, 11), (12, 28))))
    assert "[1] T (2020)" in page.text
    assert page.tags.count("blockquote") == 2


def test_a_marker_carries_the_words_it_stands_for():
    page = Reader(answer_html(answered(Paper("p", "T", ABSTRACT))))
    assert ("title", "Cost falls.") in page.attributes
    assert "Costs fall. [1] checked" in page.text


def test_a_quotation_is_told_from_checked_words():
    claim = Claim("Cost falls.", (Evidence(Paper("p", "T", ABSTRACT), 0, 11),), "quoted", 1.0)
    assert "“Cost falls.” [1] quoted" in Reader(answer_html(Answer("q", stage="done", claims=(claim,)))).text


@pytest.mark.parametrize(
    ("stage", "said"), [("searching", "Searching the papers …"), ("writing", "Writing …"), ("checking", "Checking …")]
)
def test_a_growing_answer_says_what_happens(stage, said):
    assert Reader(answer_html(Answer("q", stage=stage))).text == said


def test_a_stopped_answer_says_so():
    assert Reader(answer_html(Answer("q", stage="writing", draft="Half", stopped=True))).text == "Stopped."


def test_sentences_left_out_are_listed_with_their_reasons():
    page = Reader(answer_html(answered(Paper("p", "T", ABSTRACT), dropped=(Dropped("Whales sing.", "no whale"),))))
    assert "Left out as unsupported: 1" in page.text
    assert "Whales sing. — no whale" in page.text


def test_nothing_left_out_is_not_mentioned():
    assert "Left out" not in answer_html(answered(Paper("p", "T", ABSTRACT)))


def test_line_breaks_in_text_leave_one_line():
    paper = Paper("p", "T\n\n# Title", "Cost falls.\n\n- a list\r\n\u2028end")
    answer = Answer("q", stage="done", claims=(Claim("a\n\nb", (Evidence(paper, 0, 11),), "quoted", 1.0),))
    for html in (answer_html(answer), question_html("a\n\n> b"), problem_html("a\n\n\tb")):
        assert len(html.splitlines()) == 1
