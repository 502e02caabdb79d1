from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.browser import (
    NEEDS_CHROMIUM,
    ask,
    last_turn,
    wait_for_answers,
)

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]


def test_conversations_are_found_renamed_opened_exported_and_deleted(page):
    ask(page, "What does Chinese MentalBERT analyse?")
    wait_for_answers(page)
    page.get_by_role("button", name="New conversation").click()
    page.locator("#chat .fn-empty").wait_for()
    page.get_by_label("Search the conversations").fill("mentalbert")
    row = page.locator("#conversations li", has_text="MentalBERT").first
    row.get_by_role("button", name=re.compile("^Rename")).click()
    page.get_by_label("New name of the conversation").fill("Mental health")
    page.get_by_role("button", name="Save").first.click()
    page.locator("#conversations .fn-open", has_text="Mental health").click()
    page.locator("#chat .fn-claim").first.wait_for()
    exported = {}
    for name in ("Markdown", "BibTeX", "RIS"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        exported[name] = Path(download.value.path()).read_text(encoding="utf-8")
    assert exported["Markdown"].startswith("# Mental health")
    assert "[^1]:" in exported["Markdown"]
    cited = len(page.locator("#chat .fn-notes li").all())
    assert exported["BibTeX"].count("title = ") == exported["RIS"].count("TY  - ") == cited
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete Mental health").click()
    page.locator("#conversations .fn-open", has_text="Mental health").wait_for(state="detached")
    page.locator("#chat .fn-empty").wait_for()


def test_a_judged_answer_becomes_an_evaluation_question(page, home, tmp_path):
    import app
    from evals.questions import load

    ask(page, "What does Agent Q combine?")
    wait_for_answers(page)
    last_turn(page).get_by_role("button", name="Good answer").click()
    page.get_by_label("A note on this answer").fill("to the point")
    page.get_by_label("A note on this answer").press("Enter")
    page.locator("#chat .fn-note", has_text="to the point").wait_for()
    assert last_turn(page).get_by_role("button", name="Good answer").get_attribute("aria-pressed") == "true"
    path = tmp_path / "feedback.jsonl"
    assert app.main(["feedback", "export", "--home", str(home), "-o", str(path)]) == 0
    assert [question.question for question in load(path)] == ["What does Agent Q combine?"]
