"""A running ``footnote chat``, and Chromium to test its page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from assistant.api.server import free_port
from tests.support.paths import ROOT

MINIPLM = "How does MiniPLM refine the distribution of its training data?"
HOSTILE_TITLE = "<img src=x onerror=document.title='pwned'> Quokka Counting with Drones"
HOSTILE_ABSTRACT = (
    "We count quokkas with drones on Rottnest Island. <script>document.title = 1</script> "
    "Drones count 1,237 quokkas in an hour."
)

PROGRAM = [sys.executable, "-m", "app"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


def is_browser_required(environment: Mapping[str, str], platform: str) -> bool:
    """Whether tests fail without a browser instead of being skipped: in CI on Linux, where one can be installed."""
    return environment.get("CI", "").lower() in ("true", "1") and platform == "linux"


NEEDS_CHROMIUM = pytest.mark.skipif(
    not CHROMIUM and not is_browser_required(os.environ, sys.platform),
    reason="no Chromium on this machine: install it to test the page",
)


@contextmanager
def running_page(home: Path, *options: str, command: str = "chat", ready: str = "") -> Iterator[str]:
    """The address of a page, or of what another command serves, over the index in ``home``, until the block ends.

    ``ready``: the path that answers once it is there.
    """
    environment = {**os.environ, "FOOTNOTE_HOME": str(home)}
    port = free_port("127.0.0.1", 27_860)
    arguments = [*PROGRAM, command, "--port", str(port), *options]
    with subprocess.Popen(arguments, cwd=ROOT, env=environment) as program:
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(address + ready, program)
            yield address
        finally:
            program.terminate()


def ingest(home: Path, *arguments: str) -> None:
    environment = {**os.environ, "FOOTNOTE_HOME": str(home)}
    subprocess.run([*PROGRAM, "ingest", *arguments], cwd=ROOT, env=environment, check=True)


@contextmanager
def browser_open() -> Iterator[Any]:
    """A headless Chromium."""
    if not CHROMIUM:
        pytest.fail("no Chromium on this machine, but CI on Linux must test the page: install the package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        yield browser
        browser.close()


def opened(browser: Any, address: str, **options: Any) -> Any:
    """A page with cookies of its own; ``requested`` and ``complaints`` list its requests and its console's errors."""
    page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}, **options})
    page.requested, page.complaints = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda message: _note(page.complaints, message))
    page.goto(address)
    page.locator("#question textarea").wait_for()
    page.locator("#chat .fn-empty").wait_for()
    return page


def _note(complaints: list[str], message: Any) -> None:
    if message.type == "error":
        complaints.append(message.text)


def ask(page: Any, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.locator("#ask").click()


def wait_for_answers(page: Any, count: int = 1, timeout: float = 60_000) -> None:
    """Wait until ``count`` turns stand in the conversation and none of them is growing."""
    turns, growing = "#chat .fn-turn", "#chat .fn-turn[aria-busy=true]"
    page.wait_for_function(
        "([turns, growing, count]) => document.querySelectorAll(turns).length >= count"
        " && !document.querySelector(growing)",
        arg=[turns, growing, count],
        timeout=timeout,
    )


def last_turn(page: Any) -> Any:
    return page.locator("#chat .fn-turn").last


def open_tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def choose_file(page: Any, path: Path) -> None:
    """Choose a file on the tab "Add papers", and again if Gradio was not yet listening: it then loses the event."""
    from playwright.sync_api import TimeoutError as PlaywrightTimeout

    for _ in range(3):
        page.locator("#files input[type=file]").set_input_files(path)
        with suppress(PlaywrightTimeout):
            page.locator("#files", has_text=path.name).wait_for(timeout=10_000)
            return
    raise AssertionError(f"{path.name} was not uploaded")


def violations(page: Any, ignored: Sequence[str] = ()) -> list[str]:
    """What axe-core finds wrong that is serious or worse, as lines of rule and place."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical") and one["id"] not in ignored
        for node in one["nodes"]
    ]


def _wait_for(address: str, program: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=5).read(1)
        except urllib.error.HTTPError:
            return  # it answers, if only to ask for a password
        except OSError:
            if program.poll() is not None:
                pytest.fail("footnote chat ended")
            time.sleep(0.5)
        else:
            return
    pytest.fail(f"nothing answers at {address}")
