"""Does text stay text, whatever is in it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from assistant.conversations.saved import SavedQuestion
from assistant.conversations.store import Exchange
from assistant.records import Answer, Claim, Dropped, Evidence, Paper, RankedPaper, Seconds, ShortAnswer
from assistant.web.rendering import (
    exchange_html,
    paper_html,
    problem_html,
    report_html,
    rows_html,
    saved_html,
)
from tests.support.html import ParsedHtml
from tests.support.rendering import (
    ATTACK,
    paper_of,
)


def paper_full_of(text: str) -> Paper:
    return Paper(text, text, text, (text,) * 4, 2020, text, text, text, text)


def answer_full_of(text: str) -> Answer:
    paper = paper_full_of(text)
    evidence = (Evidence(paper, 0, len(text)),)
    claims = (Claim(text, evidence, "quoted", 1.0, lead=text), Claim(text, evidence, "supported", 0.5, lead=text))
    dropped = (Dropped(text, text),)
    short = ShortAnswer("yes", evidence, 0.9)
    answer = Answer(text, "done", short=short, claims=claims, dropped=dropped, seconds=Seconds(1, 2, 3))
    return replace(answer, model=text, index=text, collection=text, collections=((text, (text, text)),))


def exchange_full_of(text: str) -> Exchange:
    return Exchange(text, text, text, text, within=(text,), collection=text, rating=1, note=text)


def saved_full_of(text: str) -> SavedQuestion:
    """With sentences that were added, removed and changed, and another paper."""
    before = answer_full_of(text)
    other = replace(before.claims[0], text=f"{text} again", evidence=before.claims[0].evidence * 2)
    paper = Paper("other", text, text)
    added = Claim(f"Now {text}", (Evidence(paper, 0, len(text)), Evidence(paper, 0, 0)), "quoted", 1.0)
    after = replace(before, claims=(other, added), short=None)
    return SavedQuestion(1, text, ((text, text),), (text,), text, text, "2026-01-02", text, after, before)


FULL: dict[str, Callable[[str], str]] = {
    "answer": lambda text: exchange_html(exchange_full_of(text), answer_full_of(text), is_done=True),
    "draft": lambda text: exchange_html(
        exchange_full_of(text), Answer(text, stage="writing", draft=text), is_done=False
    ),
    "declined": lambda text: exchange_html(
        exchange_full_of(text),
        Answer(
            text,
            stage="done",
            abstained=True,
            reason=text,
            notice=text,
            retrieved=(RankedPaper(paper_full_of(text), 1.0),),
            nearest=(Evidence(paper_full_of(text), 0, len(text)),),
        ),
        is_done=True,
    ),
    "failed": lambda text: exchange_html(exchange_full_of(text), None, is_done=True, problem=text),
    "waiting": lambda text: exchange_html(exchange_full_of(text), None, is_done=False, ahead=1),
    "paper": lambda text: paper_html(
        paper_full_of(text),
        can_remove=True,
        quotes=[Evidence(paper_full_of(text), 0, len(text))],
        nearest=[paper_full_of(text)],
        collections=[text, text],
    ),
    "removed paper": lambda text: paper_html(paper_full_of(text), is_indexed=False),
    "rows": lambda text: rows_html([paper_full_of(text)] * 2),
    "saved": lambda text: saved_html(saved_full_of(text), may_have_changed=True),
    "report": lambda text: report_html(text, [(text, [text, text])], text),
    "problem": problem_html,
}


@pytest.mark.parametrize("make", FULL.values(), ids=FULL)
def test_markup_in_any_text_changes_nothing_but_the_text(make):
    attacked, harmless = ParsedHtml(make(ATTACK)), ParsedHtml(make("Hens"))
    assert attacked.shape == harmless.shape
    assert attacked.times(ATTACK) == harmless.times("Hens") > 0
    assert attacked.text.replace(ATTACK, "Hens") == harmless.text


@pytest.mark.parametrize("make", FULL.values(), ids=FULL)
def test_no_element_can_run_code_or_load_anything(make):
    page = ParsedHtml(make(ATTACK))
    assert not {"script", "style", "img", "iframe", "form", "object"} & {element.tag for element in page.elements}
    assert [name for _, names in page.shape for name in names if name.startswith("on") or name == "style"] == []


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
def test_only_web_addresses_are_linked(url):
    page = ParsedHtml(paper_html(paper_of(url=url)))
    assert page.all("a") == []
    assert [element for element in page.elements if "href" in element.attributes] == []


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://a.b/c?x=1&y=2", "https://a.b/c?x=1&y=2"),
        ("http://a.b", "http://a.b"),
        ('https://a.b/"onclick="alert(1)', "https://a.b/%22onclick=%22alert(1)"),
        ("https://a.b/<script>", "https://a.b/%3Cscript%3E"),
    ],
)
def test_a_web_address_is_linked_and_opens_in_a_new_tab(url, linked):
    link = ParsedHtml(paper_html(paper_of(url=url))).one("a")
    assert link.attributes == {"href": linked, "target": "_blank", "rel": "noopener noreferrer"}
    assert link.text == linked
