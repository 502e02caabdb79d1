"""Watched folders on the page."""

from __future__ import annotations

import json

import pytest

from tests.support.browser import (
    HOSTILE_ABSTRACT,
    HOSTILE_TITLE,
    NEEDS_CHROMIUM,
    ask,
    last_turn,
    open_tab,
    violations,
    wait_for_answers,
)

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]
HOSTILE = "<img src=x onerror=document.title='pwned'>"


def test_a_folder_is_watched_from_the_page_its_papers_answer_and_it_is_forgotten(page, tmp_path):
    folder = tmp_path.resolve() / f"papers {HOSTILE}"  # a name may hold anything but a slash
    folder.mkdir()
    open_tab(page, "Add papers")
    section = page.locator("#folders")
    section.get_by_label("Folder", exact=True).fill(str(folder))
    section.get_by_label("Collection").fill("Burrows")
    section.get_by_role("button", name="Watch").click()
    section.locator(".fn-watched li", has_text=f"{folder} → Burrows").wait_for()
    assert violations(page) == []
    paper = {"title": "Wombat Burrows", "abstract": "Wombats dig burrows of 30 metres. Burrows stay at 18 degrees."}
    known = {"title": HOSTILE_TITLE, "abstract": HOSTILE_ABSTRACT}  # in the index already; this file stays
    (folder / "known.jsonl").write_text(json.dumps(known) + "\n")
    path = folder / f"{HOSTILE.replace('/', '')}.jsonl"
    path.write_text(json.dumps(paper) + "\n")
    section.locator("summary").click()
    section.locator(".fn-watch-log li", has_text=f"{path.name}: added 1").wait_for(timeout=60_000)
    open_tab(page, "Ask")
    ask(page, "How long are the burrows that wombats dig?")
    wait_for_answers(page)
    assert "30 metres" in last_turn(page).inner_text()
    open_tab(page, "Add papers")
    path.unlink()
    section.locator(".fn-watch-log li", has_text=f"{path.name}: deleted: removed 1").wait_for(timeout=60_000)
    page.on("dialog", lambda dialog: dialog.accept())
    section.get_by_role("button", name="Forget").click()
    section.locator(".fn-watched li").wait_for(state="detached")
    assert page.title() == "Footnote"


def test_a_folder_that_does_not_exist_is_one_line(page):
    open_tab(page, "Add papers")
    section = page.locator("#folders")
    section.get_by_label("Folder", exact=True).fill(f"/missing/{HOSTILE}")
    section.get_by_role("button", name="Watch").click()
    page.locator(".fn-alert", has_text="There is no folder").wait_for()
    assert page.title() == "Footnote"
