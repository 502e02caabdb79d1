"""The real page in a real browser, with the real models."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.web.server import free_port

ROOT = Path(__file__).parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE_TITLE = "<img src=x onerror=document.title='pwned'> Quokka Counting with Drones"
pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine: install it to test the page"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page over the bundled papers and a hostile one, on a port that is next to one in use."""
    folder = tmp_path_factory.mktemp("page")
    hostile = folder / "hostile.jsonl"
    abstract = (
        "We count quokkas with drones on Rottnest Island. <script>document.title = 1</script> "
        "Drones count 1,237 quokkas in an hour."
    )
    hostile.write_text(json.dumps({"title": HOSTILE_TITLE, "abstract": abstract}) + "\n")
    environment = {**os.environ, "FOOTNOTE_HOME": str(folder / "home")}
    program = [sys.executable, "-m", "app"]
    subprocess.run([*program, "ingest", "--bundled", str(hostile)], cwd=ROOT, env=environment, check=True)
    port = free_port("127.0.0.1", 27_860)
    with subprocess.Popen([*program, "chat", "--port", str(port)], cwd=ROOT, env=environment) as page:
        try:
            wait_for(f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}/"
        finally:
            page.terminate()


def wait_for(address: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=5).read(1)
        except OSError:
            time.sleep(0.5)
        else:
            return
    pytest.fail(f"nothing answers at {address}")


@pytest.fixture
def page(address: str):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.requested = []
        page.on("request", lambda request: page.requested.append(request.url))
        page.goto(address)
        page.locator("#question textarea").wait_for()
        yield page
        browser.close()


def ask(page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.locator("#ask").click()


def last_answer(page):
    return page.locator("#chat .fn").last


def wait_for_answer(page, selector: str = ".fn-notes") -> None:
    last_answer(page).locator(selector).first.wait_for(timeout=60_000)


def test_an_answer_carries_footnotes_that_open_the_marked_words(page):
    ask(page, "Can text that was used in pre-training be detected afterwards?")
    wait_for_answer(page)
    answer = last_answer(page)
    assert "Min-K% Prob" in answer.inner_text()
    assert answer.locator(".fn-claim").count() == answer.locator(".fn-claim:has(.fn-marker)").count() > 0
    assert not answer.locator("mark").first.is_visible()
    answer.locator("summary", has_text="Detecting Pretraining Data from Large Language Models").click()
    assert answer.locator("mark").first.is_visible()


def test_a_follow_up_is_understood(page):
    ask(page, "What is 1.5-Pints?")
    wait_for_answer(page)
    ask(page, "How many tokens was it trained on?")
    page.locator("#chat .fn-notes").nth(1).wait_for(timeout=60_000)
    assert "57 billion" in last_answer(page).inner_text()


def test_a_question_that_the_papers_do_not_answer_is_declined(page):
    ask(page, "Which city hosted the summer olympics in 1996?")
    wait_for_answer(page, ".fn-declined")
    assert "do not answer" in last_answer(page).inner_text()


def test_an_example_question_can_be_picked(page):
    page.get_by_text("Which papers are about continual pre-training?").first.click()
    page.locator("#ask").click()
    wait_for_answer(page)
    assert last_answer(page).locator(".fn-lead").count() >= 2


def test_text_of_papers_stays_text(page):
    ask(page, "How many quokkas do drones count on Rottnest Island?")
    wait_for_answer(page)
    assert "1,237" in last_answer(page).inner_text()
    assert HOSTILE_TITLE in last_answer(page).inner_text()
    assert page.locator("#chat img[src='x']").count() == 0
    assert page.title() == "Footnote"


def test_text_of_people_stays_text(page):
    ask(page, "<img src=x onerror=document.title='pwned'> what is **MiniPLM**?")
    wait_for_answer(page)
    assert "<img src=x" in page.locator("#chat").inner_text()
    assert "**MiniPLM**" in page.locator("#chat").inner_text()
    assert page.locator("#chat img[src='x']").count() == 0


def test_stop_ends_an_answer(page):
    page.evaluate(  # an answer takes half a second: click as soon as it has begun
        "() => new MutationObserver((_, observer) => { if (document.querySelector('#chat .fn-status')) {"
        " observer.disconnect(); document.querySelector('#stop').click(); } })"
        ".observe(document.body, {childList: true, subtree: true})"
    )
    ask(page, "How does MiniPLM refine the distribution of its training data?")
    page.wait_for_function(
        "() => { const all = document.querySelectorAll('#chat .fn'); const last = all[all.length - 1];"
        " return last && (/Stopped/.test(last.innerText) || last.querySelector('.fn-notes')); }",
        timeout=20_000,
    )
    assert re.search(r"Stopped\.", last_answer(page).inner_text())


def test_an_empty_question_gets_a_line_and_no_answer(page):
    ask(page, "?!")
    wait_for_answer(page, ".fn-problem")
    assert "holds no words" in last_answer(page).inner_text()


def test_no_request_leaves_the_machine(page, address):
    ask(page, "What is MiniPLM?")
    wait_for_answer(page)
    elsewhere = {url for url in page.requested if not url.startswith((address, "data:", "blob:"))}
    assert not elsewhere
