"""Takes the README's picture of the page: start `footnote chat`, then `python docs/screenshot.py [address]`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

QUESTION = "How does MiniPLM refine the distribution of its training data?"


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 960})
        page.goto(address)
        page.locator("#question textarea").fill(QUESTION)
        page.locator("#ask").click()
        page.locator("#chat .fn-notes").wait_for(timeout=120_000)
        page.locator("#chat summary").first.click()
        page.wait_for_timeout(500)
        page.screenshot(path=Path(__file__).parent / "page.png")
        browser.close()


if __name__ == "__main__":
    main()
