from __future__ import annotations

import pytest

from tests.support.browser import (
    MINIPLM,
    NEEDS_CHROMIUM,
    ask,
    last_turn,
    violations,
    wait_for_answers,
)

TABS = ("Ask", "Saved", "Papers", "Map", "Add papers", "Evals", "Settings")
pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]


def test_a_footnote_can_be_opened_and_closed_with_the_keyboard(page):
    page.locator("#question textarea").focus()
    page.keyboard.type(MINIPLM)
    page.keyboard.press("Enter")
    wait_for_answers(page)
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.classList.contains('fn-marker')"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.locator("#chat .fn-panel mark.fn-current").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H3"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('fn-marker')")


def test_a_finished_answer_is_announced_to_screen_readers(page):
    ask(page, MINIPLM)
    wait_for_answers(page)
    message = page.locator("#chat .fn-announcement")
    assert message.get_attribute("aria-live") == "polite"
    assert "Answer finished." in message.inner_text()
    assert "MiniPLM" in message.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_tab_has_a_serious_accessibility_violation(open_page, scheme, width):
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    ask(page, MINIPLM)
    wait_for_answers(page)
    last_turn(page).locator(".fn-marker").first.click()
    page.locator("#chat .fn-panel mark").first.wait_for()
    found = {}
    for tab in TABS:
        show_tab(page, tab)
        page.wait_for_timeout(700)
        found[tab] = violations(page)
    assert found == {tab: [] for tab in TABS}
    assert page.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")


def show_tab(page, name: str) -> None:
    """Open a tab, also one that a narrow page keeps in a menu."""
    tab = page.get_by_role("tab", name=name, exact=True)
    if not tab.first.is_visible():
        page.locator(".overflow-menu > button").click()
        page.locator(".overflow-dropdown button", has_text=name).click()
    else:
        tab.first.click()


def test_a_wide_page_has_its_tabs_at_the_top_and_its_question_at_the_bottom(open_page):
    page = open_page(viewport={"width": 1440, "height": 900})
    assert page.get_by_role("tab", name="Ask", exact=True).first.bounding_box()["y"] < 20
    page.locator("#samples").get_by_role("button", name="Both").click()  # the choice of papers takes a row of its own
    page.wait_for_function("() => document.documentElement.scrollHeight <= 900")


def test_a_narrow_page_does_not_scroll_sideways(open_page):
    page = open_page(viewport={"width": 390, "height": 800})
    ask(page, MINIPLM)
    wait_for_answers(page)
    for tab in TABS:
        show_tab(page, tab)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
