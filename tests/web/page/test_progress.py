"""What the page shows while it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import (
    MINIPLM,
    NEEDS_CHROMIUM,
    ask,
    last_turn,
    running_page,
    wait_for_answers,
)

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]


@pytest.fixture(scope="module")
def address(untouched: Path) -> Iterator[str]:
    """A page on which the packaged model writes."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("FOOTNOTE_WRITING", "on")
        with running_page(untouched) as address:
            yield address


def watch_stages(page) -> None:
    """Keep what is shown while an answer grows, for it takes half a second."""
    page.evaluate(
        "() => { window.seen = []; new MutationObserver(() => {"
        " const now = document.querySelector('#chat .fn-stages [aria-current]');"
        " if (now && window.seen.at(-1) !== now.innerText) window.seen.push(now.innerText);"
        " const draft = document.querySelector('#chat .fn-draft'); if (draft) window.drafted = draft.innerText;"
        " }).observe(document.querySelector('#chat'), {childList: true, subtree: true}) }"
    )


def test_the_page_shows_the_stages_and_streams_the_draft(page):
    watch_stages(page)
    ask(page, MINIPLM)
    wait_for_answers(page)
    seen = page.evaluate("window.seen")
    assert any(re.match(r"Reading \d+ papers?", stage) for stage in seen)
    assert "Writing" in " ".join(seen)
    assert "not yet checked" in page.evaluate("window.drafted")


def test_stop_ends_an_answer(page):
    page.evaluate(  # an answer takes half a second: click as soon as it has begun
        "() => { const observer = new MutationObserver(() => { if (document.querySelector('#chat .fn-stages')) {"
        " observer.disconnect(); document.querySelector('#stop').click(); } });"
        " observer.observe(document.querySelector('#chat'), {childList: true, subtree: true}) }"
    )
    ask(page, MINIPLM)
    wait_for_answers(page)
    assert "Stopped." in last_turn(page).inner_text()


def test_a_second_question_waits_in_the_queue_and_says_so(page):
    page.evaluate(
        "() => new MutationObserver(() => { if (/Waiting for 1 /.test(document.querySelector('#chat').innerText))"
        " window.waited = true; }).observe(document.querySelector('#chat'), {childList: true, subtree: true})"
    )
    ask(page, MINIPLM)
    ask(page, "What is 1.5-Pints?")
    wait_for_answers(page, 2)
    assert page.evaluate("window.waited")
    assert page.locator("#chat .fn-question h3").all_inner_texts() == [MINIPLM, "What is 1.5-Pints?"]
    assert page.locator("#chat .fn-turn:has(.fn-claim)").count() == 2


def test_two_browser_tabs_have_separate_conversations(page, open_page):
    other = open_page()
    ask(page, MINIPLM)
    ask(other, "What is 1.5-Pints?")
    wait_for_answers(page)
    wait_for_answers(other)
    assert page.locator("#chat h3").all_inner_texts() == [MINIPLM]
    assert other.locator("#chat .fn-question h3").all_inner_texts() == ["What is 1.5-Pints?"]


def test_retry_copy_and_edit(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, MINIPLM)
    wait_for_answers(page)
    first = last_turn(page).get_attribute("data-turn")
    last_turn(page).get_by_role("button", name="Retry").click()
    page.locator(f"#chat [data-turn='{first}']").wait_for(state="detached")
    wait_for_answers(page)
    last_turn(page).get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "[1] MiniPLM" in page.evaluate("navigator.clipboard.readText()")
    ask(page, "What is 1.5-Pints?")
    wait_for_answers(page, 2)
    page.locator("#chat .fn-turn").first.get_by_role("button", name="Edit").click()
    box = page.get_by_label("Edit the question")
    assert box.input_value() == MINIPLM
    box.fill("What does bert2BERT reuse?")
    box.press("Enter")
    page.locator("#chat h3", has_text="bert2BERT").wait_for()
    wait_for_answers(page)
    assert page.locator("#chat .fn-question h3").all_inner_texts() == ["What does bert2BERT reuse?"]
