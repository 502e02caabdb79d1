"""The tabs of reports and of settings."""

from __future__ import annotations

import pytest

from tests.support.browser import (
    MINIPLM,
    NEEDS_CHROMIUM,
    ask,
    last_turn,
    open_tab,
    wait_for_answers,
)

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]


def test_a_report_opens_in_the_tab(page, home):
    from evals.reports.report import Question, Report, now, save

    values = {"fused": {"RR": {"q": 0.5}}}
    report = Report("retrieval", "farm", now(), ("fused", "RR"), (Question("q", "", "Who lays eggs?"),), values)
    save(report, home / "reports", ())
    open_tab(page, "Evals")
    page.locator("#reports li", has_text="RR 0.500").get_by_role("button").click()
    page.frame_locator("#reports iframe").get_by_text("Who lays eggs?").first.wait_for()


def test_settings_are_stored_and_applied_at_once(page, home):
    open_tab(page, "Settings")
    slider = page.locator("#answer-above input[type=number]")
    slider.fill("1")
    slider.press("Tab")
    page.locator("#save-settings").click()
    page.locator("#settings-message", has_text="Saved in").wait_for()
    assert "answer_above = 1" in (home / "settings.toml").read_text()
    open_tab(page, "Ask")
    ask(page, MINIPLM)
    wait_for_answers(page)
    assert last_turn(page).locator(".fn-declined").count() == 1
    open_tab(page, "Settings")
    slider.fill("0.38")
    slider.press("Tab")
    page.locator("#save-settings").click()
    page.wait_for_function("() => true")
    page.locator("#settings-message", has_text="Saved in").wait_for()


def test_a_missing_model_is_named_and_the_old_one_keeps_answering(page):
    open_tab(page, "Settings")
    model = page.locator("#model input")
    model.fill("/nowhere/model.gguf")
    model.press("Enter")
    page.locator("#save-settings").click()
    page.locator("#settings-message .fn-problem").wait_for()
    assert "/nowhere/model.gguf" in page.locator("#settings-message").inner_text()
    open_tab(page, "Ask")
    ask(page, MINIPLM)
    wait_for_answers(page)
    assert last_turn(page).locator(".fn-claim").count() > 0
