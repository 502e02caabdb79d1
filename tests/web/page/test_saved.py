"""Saved questions: saved below an answer, asked again after papers were added, what changed is seen, removed."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.support.browser import (
    MINIPLM,
    NEEDS_CHROMIUM,
    ask,
    choose_file,
    last_turn,
    open_tab,
    opened,
    running_page,
    violations,
    wait_for_answers,
)

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]
BURROWS = "How long are the burrows that wombats dig?"


def test_a_saved_question_shows_what_changed_after_papers_were_added(browser, untouched, tmp_path):
    shutil.copytree(untouched, tmp_path / "home")
    path = tmp_path / "wombats.jsonl"
    path.write_text(json.dumps({"title": "Wombat Burrows", "abstract": "Wombats dig burrows of 30 metres."}) + "\n")
    with running_page(tmp_path / "home") as address:
        page = opened(browser, address)
        for count, question in enumerate((MINIPLM, BURROWS), start=1):
            ask(page, question)
            wait_for_answers(page, count)
            last_turn(page).get_by_role("button", name="Save", exact=True).press("Enter")
            page.locator("#chat .fn-announcement", has_text="The question is saved.").wait_for(state="attached")
            last_turn(page).get_by_role("button", name="Saved", exact=True).wait_for()
        open_tab(page, "Add papers")
        choose_file(page, path)
        page.locator("#add").click()
        page.locator("#added .fn-report", has_text="2 saved questions may have another answer now").wait_for()
        open_tab(page, "Saved")
        status = page.locator("#saved .fn-count")
        page.locator("#saved .fn-count", has_text="2 may have another answer now").wait_for()
        page.locator("#saved").get_by_role("button", name="Ask all again").press("Enter")
        page.locator("#saved .fn-count", has_text="2 questions asked again, 1 changed.").wait_for(timeout=60_000)
        assert status.get_attribute("role") == "status"
        item = page.locator("#saved .fn-saved-list > li", has_text=BURROWS)
        diff = item.locator(".fn-diff")
        assert "Answered now; declined before." in diff.inner_text()
        assert "Wombats dig burrows of 30 metres." in diff.locator("ins").all_inner_texts()
        diff.get_by_role("button", name="Wombat Burrows").last.click()
        assert "30 metres" in page.locator("#saved .fn-panel mark.fn-current").inner_text()
        assert violations(page) == []
        page.keyboard.press("Escape")
        item.locator("summary", has_text="Show the answer").click()
        item.locator(".fn-marker").first.click()
        page.locator("#saved .fn-panel h3", has_text="Wombat Burrows").wait_for()
        item.get_by_role("button", name="Seen").press("Enter")
        diff.wait_for(state="detached")
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        page.on("dialog", lambda dialog: dialog.accept())
        item.get_by_role("button", name="Remove").press("Enter")
        item.wait_for(state="detached")
        page.reload()
        open_tab(page, "Saved")
        page.locator("#saved .fn-saved-list > li", has_text=MINIPLM).wait_for()
        assert page.locator("#saved .fn-saved-list > li").count() == 1
        page.context.close()
        assert page.complaints == []
