"""Collections are made, chosen and asked on the page."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import (
    MINIPLM,
    NEEDS_CHROMIUM,
    PROGRAM,
    ask,
    choose_file,
    last_turn,
    open_tab,
    running_page,
    violations,
    wait_for_answers,
)
from tests.support.paths import ROOT

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]
NAME = "<img src=x onerror=document.title='pwned'> & my \"birds\""


@pytest.fixture(scope="module")
def copied(untouched: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of this module's own, because a collection changes the header of every page over it."""
    return shutil.copytree(untouched, tmp_path_factory.mktemp("collections") / "home")


@pytest.fixture(scope="module")
def address(copied: Path) -> Iterator[str]:
    with running_page(copied) as address:
        yield address


def test_a_collection_is_made_with_a_file_chosen_asked_and_named(page, tmp_path):
    path = tmp_path / "kiwis.jsonl"
    path.write_text(json.dumps({"title": "Kiwi Calls", "abstract": "Kiwis call 40 times in a night. They are shy."}))
    open_tab(page, "Add papers")
    choose_file(page, path)
    page.locator("#add-collection input").fill(NAME)
    page.locator("#add").click()
    page.locator("#added .fn-report").wait_for(timeout=60_000)
    choice = page.locator("#collections").get_by_label("Collection")
    choice.wait_for()  # no other tab needs to be opened
    choice.select_option(label=f"{NAME} (1)")
    open_tab(page, "Ask")
    ask(page, MINIPLM)
    wait_for_answers(page)
    assert last_turn(page).locator(".fn-collection").inner_text() == f"From the collection {NAME}"
    assert last_turn(page).locator(".fn-nearest .fn-link").all_inner_texts() == ["Kiwi Calls"]
    ask(page, "How often do kiwis call in a night?")
    wait_for_answers(page, 2)
    assert "40 times" in last_turn(page).inner_text()
    assert f"Collection: {NAME}" in last_turn(page).locator(".fn-notes").inner_text()
    last_turn(page).locator(".fn-marker").first.click()
    page.locator("#chat .fn-panel", has_text=f"Collection: {NAME}").wait_for()
    assert violations(page) == []
    open_tab(page, "Papers")
    page.locator("#papers select[name=collection]").select_option(value=NAME)
    page.wait_for_function("() => document.querySelector('#papers .fn-count').innerText === '1 paper'")
    assert page.locator("#papers .fn-rows .fn-link").all_inner_texts() == ["Kiwi Calls"]
    choice.select_option(label="All papers")
    open_tab(page, "Ask")
    ask(page, MINIPLM)
    wait_for_answers(page, 3)
    assert last_turn(page).locator(".fn-collection").count() == 0
    assert "MiniPLM" in last_turn(page).locator(".fn-notes").inner_text()
    assert page.locator("img[src='x']").count() == 0
    assert page.title() == "Footnote"


def test_what_another_program_does_to_the_chosen_collection_widens_no_question(page, copied):
    in_another_program(copied, "put", "Other")
    choice = page.locator("#collections").get_by_label("Collection")
    open_tab(page, "Papers")
    choice.select_option(label="Other (75)")
    in_another_program(copied, "take-out", "Other")
    open_tab(page, "Ask")
    choice.locator("option", has_text="Other (no longer there)").wait_for(state="attached")
    assert choice.input_value() == "Other"
    ask(page, MINIPLM)
    page.locator("#chat .fn-problem", has_text="There is no collection 'Other'").wait_for()
    page.get_by_role("button", name="New conversation").click()


def in_another_program(home: Path, action: str, collection: str) -> None:
    """Change what a collection holds: the bundled papers or nothing."""
    environment = {**os.environ, "FOOTNOTE_HOME": str(home)}
    arguments = ["collections", action, collection, str(ROOT / "ingest" / "corpus" / "hf-papers.txt")]
    subprocess.run([*PROGRAM, *arguments], cwd=ROOT, env=environment, check=True)


@pytest.mark.parametrize("width", [390, 800, 1280])
def test_a_page_with_a_long_name_in_its_header_does_not_scroll_sideways(open_page, copied, width):
    name = "Mmmmmm" * 10
    in_another_program(copied, "put", name)
    page = open_page(viewport={"width": width, "height": 800})
    page.locator("#samples").get_by_role("button", name="Both").click()  # the choice of papers takes a row of its own
    page.locator("#collections").get_by_label("Collection").select_option(value=name)
    ask(page, MINIPLM)
    wait_for_answers(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    choice = page.locator("#collections").bounding_box()
    for tab in page.locator("#tabs [role=tab]:visible").all():
        box = tab.bounding_box()
        assert box["x"] + box["width"] <= choice["x"] or box["y"] >= choice["y"] + choice["height"], tab.inner_text()
    assert violations(page) == []
