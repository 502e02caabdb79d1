"""Who may open the page."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from tests.support.browser import (
    NEEDS_CHROMIUM,
    ask,
    running_page,
    wait_for_answers,
)

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]


def test_a_request_with_a_foreign_host_name_is_refused(address):
    request = urllib.request.Request(address, headers={"Host": "attacker.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 400


def test_conversations_survive_a_restart_and_a_password_protects_everything(page, browser, home, tmp_path):
    ask(page, "What is 1.5-Pints?")
    wait_for_answers(page)
    password = tmp_path / "password.txt"
    password.write_text("correct horse battery\n")
    password.chmod(0o600)
    with running_page(home, "--auth", f"ann:{password}") as address:
        for path in ("gradio_api/component_server", "gradio_api/queue/join", "gradio_api/upload", "config"):
            request = urllib.request.Request(address + path, data=None if path == "config" else b"{}")
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=10)
            assert refused.value.code == 401
        page = browser.new_page()
        page.goto(address)
        for secret in ("wrong horse battery", "correct horse battery"):
            page.get_by_label("username").fill("ann")
            page.get_by_label("password").fill(secret)
            page.get_by_role("button", name="Login").click()
            if secret.startswith("wrong"):
                page.get_by_text("Incorrect").first.wait_for()
        page.locator("#conversations .fn-open").first.click()
        page.locator("#chat .fn-turn").first.wait_for()
        page.context.close()
