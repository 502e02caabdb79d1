"""What counts, reports, progress and problems show."""

from __future__ import annotations

import pytest

from assistant.web.rendering import (
    counted,
    problem_html,
    progress_html,
    report_html,
)
from tests.support.html import ParsedHtml


@pytest.mark.parametrize(
    ("count", "noun", "message"),
    [
        (0, "paper", "0 papers"),
        (1, "paper", "1 paper"),
        (32_159, "paper", "32,159 papers"),
        (1, "group", "1 group"),
        (2, "group", "2 groups"),
    ],
)
def test_counts_have_a_singular_a_plural_and_thousands_separators(count, noun, message):
    assert counted(count, noun) == message


def test_a_report_is_a_summary_with_lists_that_unfold():
    page = ParsedHtml(report_html("2 papers read.", [("New", ["Hens", "Cows"]), ("Skipped", ["line 3: no title"])]))
    assert page.one(role="status").visible_text.startswith("2 papers read.")
    assert [summary.visible_text for summary in page.all("summary")] == ["New: 2", "Skipped: 1"]
    assert [item.visible_text for item in page.all("li")] == ["Hens", "Cows", "line 3: no title"]


def test_a_report_without_lists_is_only_its_summary():
    page = ParsedHtml(report_html("Saved."))
    assert page.visible_text == "Saved."
    assert page.all("details") == []


@pytest.mark.parametrize(
    ("left", "message"),
    [
        (None, ""),
        (12.3, ", about 12 s left"),
        (89.4, ", about 89 s left"),
        (240, ", about 4 min left"),
        (3600, ", about 60 min left"),
    ],
)
def test_progress_counts_papers_and_says_how_long_is_left(left, message):
    page = ParsedHtml(progress_html(3, 10, left))
    assert page.one("progress").attributes == {"max": "10", "value": "3", "aria-label": "Papers indexed"}
    assert page.visible_text == f"3 of 10 papers done{message} …"


def test_progress_without_a_count_says_only_that_files_are_read():
    page = ParsedHtml(progress_html(0, 0, None))
    assert page.one("progress").attributes == {"aria-label": "Reading"}
    assert page.visible_text == "Reading …"


def test_a_problem_is_one_paragraph():
    page = ParsedHtml(problem_html("It failed: try again."))
    assert page.one("p", class_="fn-problem").visible_text == page.visible_text == "It failed: try again."
