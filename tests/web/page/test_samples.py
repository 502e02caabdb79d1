from __future__ import annotations

import shutil

import pytest

from tests.support.browser import (
    NEEDS_CHROMIUM,
    ask,
    last_turn,
    open_tab,
    opened,
    running_page,
    wait_for_answers,
)

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]


def test_the_page_asks_which_papers_to_answer_from_and_removes_the_samples(browser, untouched, tmp_path):
    shutil.copytree(untouched, tmp_path / "home")
    with running_page(tmp_path / "home") as address:
        page = opened(browser, address)
        asked = page.locator("#samples", has_text="This library holds your papers and 75 sample papers.")
        asked.wait_for()
        page.get_by_role("button", name="Only the samples").click()
        page.locator("#filter", has_text="Asking only 75 selected papers").wait_for()
        ask(page, "How many quokkas do drones count in an hour?")
        wait_for_answers(page)
        assert "1,237" not in last_turn(page).inner_text()
        page.get_by_role("button", name="Ask all papers").click()
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Only mine: remove the samples…").click()
        page.locator("#samples", has_text="75 sample papers removed.").wait_for()
        ask(page, "How many quokkas do drones count in an hour?")
        wait_for_answers(page, 2)
        assert "1,237" in last_turn(page).inner_text()
        open_tab(page, "Papers")
        page.locator("#papers .fn-count", has_text="1 paper").wait_for()
        assert page.locator("#papers .fn-remove-samples").is_hidden()
        open_tab(page, "Ask")
        page.locator("#samples .fn-samples").wait_for(state="hidden")
        assert page.complaints == []
        page.context.close()
