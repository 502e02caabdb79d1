"""The tabs of papers and of the map, adding and removing."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.browser import (
    MINIPLM,
    NEEDS_CHROMIUM,
    ask,
    choose_file,
    last_turn,
    open_tab,
    wait_for_answers,
)

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]


def test_papers_are_searched_while_typing_opened_and_asked_about(page):
    open_tab(page, "Papers")
    search = page.locator("#papers input[name=query]")
    search.press_sequentially("continual pretrain", delay=20)
    page.wait_for_function("() => /^\\d papers/.test(document.querySelector('#papers .fn-count').innerText)")
    page.locator("#papers .fn-rows .fn-link").first.click()
    panel = page.locator("#papers .fn-panel")
    title = panel.locator("h3").inner_text()
    assert panel.locator(".fn-nearest li").count() == 5
    panel.get_by_role("button", name="Ask about this paper").click()
    page.locator("#filter", has_text="Asking only 1 selected paper").wait_for()
    ask(page, "What is proposed or found?")
    wait_for_answers(page)
    cited = page.locator("#chat .fn-notes .fn-link").all_inner_texts()
    assert set(cited) <= {title}
    assert "Asked about 1 selected paper" in last_turn(page).inner_text()
    page.get_by_role("button", name="Ask all papers").click()
    page.locator("#filter .fn-filter").wait_for(state="hidden")


def test_papers_are_sorted_and_filtered(page):
    open_tab(page, "Papers")
    page.locator("#papers .fn-row").first.wait_for()
    page.locator("#papers select[name=order]").select_option("newest")
    first_row = "document.querySelector('#papers .fn-row').innerText"
    page.wait_for_function(f"() => {first_row}.includes('Quokka')")  # the only one with a year
    page.locator("#papers select[name=order]").select_option("title")
    page.wait_for_function(f"() => {first_row}.includes('1.5-Pints')")
    page.locator("#papers input[name=from]").fill("2019")
    page.wait_for_function("() => document.querySelector('#papers .fn-count').innerText === '1 paper'")
    page.locator("#papers input[name=from]").fill("")
    page.locator("#papers select[name=source]").select_option(label="hf-papers.txt (75)")
    page.wait_for_function("() => document.querySelector('#papers .fn-count').innerText === '75 papers'")


def test_a_cluster_of_the_map_can_be_asked_about(page):
    ask(page, MINIPLM)
    wait_for_answers(page)
    open_tab(page, "Map")
    page.locator("#map[data-drawn], #map [data-drawn]").first.wait_for(timeout=60_000, state="attached")
    group = page.locator("#map .fn-clusters button").first
    count = int(re.search(r"\((\d+)\)", group.inner_text()).group(1))
    group.click()
    assert f"{count} papers selected" in page.locator("#map .fn-selection").inner_text()
    page.locator("#map .fn-selection").get_by_role("button", name="Ask about them").click()
    page.locator("#filter", has_text=f"Asking only {count} selected papers").wait_for()


def test_papers_are_selected_by_drawing_a_line_around_them(page):
    open_tab(page, "Map")
    page.locator("#map [data-drawn], #map[data-drawn]").first.wait_for(timeout=60_000, state="attached")
    box = page.locator("#map canvas").bounding_box()
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)]
    page.mouse.move(box["x"] + box["width"] * 0.01, box["y"] + box["height"] * 0.01)
    page.mouse.down()
    for x, y in corners:
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=4)
    page.mouse.up()
    assert "76 papers selected" in page.locator("#map .fn-selection").inner_text()


def test_papers_are_added_asked_about_and_removed(page, tmp_path):
    path = tmp_path / "wombats.jsonl"
    lines = [
        {"title": "Wombat Burrows", "abstract": "Wombats dig burrows of 30 metres. Burrows stay at 18 degrees."},
        {"title": "No Abstract Here"},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    open_tab(page, "Add papers")
    choose_file(page, path)
    page.locator("#add").click()
    report = page.locator("#added .fn-report")
    report.wait_for(timeout=60_000)
    assert "1 new" in report.inner_text()
    report.locator("summary", has_text="New: 1").click()
    assert "Wombat Burrows" in report.inner_text()
    report.locator("summary", has_text="Without abstract: 1").click()
    assert "no abstract" in report.inner_text()
    open_tab(page, "Ask")
    ask(page, "How long are the burrows that wombats dig?")
    wait_for_answers(page)
    assert "30 metres" in last_turn(page).inner_text()
    open_tab(page, "Papers")
    page.locator("#papers input[name=query]").fill("wombat")
    page.locator("#papers .fn-rows input[type=checkbox]").first.check()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#papers .fn-selection").get_by_role("button", name="Remove").click()
    page.wait_for_function(
        "() => document.querySelector('#papers .fn-count').innerText === '1 paper removed.'", timeout=30_000
    )
    open_tab(page, "Ask")
    last_turn(page).locator(".fn-marker").first.click()
    page.locator("#chat .fn-panel", has_text="no longer indexed").wait_for()


def test_questions_are_answered_while_papers_are_added_and_adding_can_be_stopped(page, tmp_path):
    path = tmp_path / "many.jsonl"
    sentence = "River {} carries {} tons of sand to the sea in a year, and dam {} holds {} of them back. "
    lines = [
        {"title": f"River {river}", "abstract": "".join(sentence.format(river, n, n, river + n) for n in range(12))}
        for river in range(2_000)  # all sentences differ, for equal ones are embedded once
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    open_tab(page, "Add papers")
    choose_file(page, path)
    page.locator("#add").click()
    page.locator("#added", has_text="papers done").wait_for()
    open_tab(page, "Ask")
    ask(page, MINIPLM)
    wait_for_answers(page)
    assert last_turn(page).locator(".fn-claim").count() > 0
    open_tab(page, "Add papers")
    assert page.locator("#added progress").count() == 1
    page.locator("#stop-adding").click()
    page.locator("#added .fn-problem", has_text="Adding was stopped").wait_for()


def test_pasted_text_without_papers_is_refused_with_a_message(page):
    open_tab(page, "Add papers")
    page.locator("#pasted textarea").fill("hello")
    page.locator("#add").click()
    page.locator("#added .fn-problem").wait_for()
    assert "no known form" in page.locator("#added").inner_text()


def test_an_upload_of_an_unsupported_type_is_refused(page, tmp_path):
    path = tmp_path / "program.exe"
    path.write_bytes(b"MZ\x00")
    open_tab(page, "Add papers")
    page.locator("#files input[type=file]").set_input_files(path)
    page.wait_for_timeout(1_000)
    page.locator("#add").click()
    page.locator("#added .fn-problem").wait_for()
    assert "Choose files or paste text first." in page.locator("#added").inner_text()
