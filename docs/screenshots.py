"""Takes the README's pictures of the page: start `footnote chat`, then `python docs/screenshots.py [address]`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
QUESTION = "Can text that was used in pre-training be detected afterwards?"
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        for (size, scheme), shown in PICTURES.items():
            page = browser.new_page(viewport=SIZES[size], color_scheme=scheme)
            page.goto(address)
            for name, show in shown.items():
                show(page)
                page.mouse.move(0, 0)
                page.wait_for_timeout(600)
                page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png")
            page.close()
        browser.close()


def show_ask(page: Page) -> None:
    page.locator("#question textarea").fill(QUESTION)
    page.locator("#ask").click()
    page.locator("#chat .fn-notes").wait_for(timeout=120_000)
    page.locator("#chat .fn-marker").first.click()
    page.locator("#chat .fn-panel mark").first.wait_for()


def show_papers(page: Page) -> None:
    _open(page, "Papers")
    page.locator("#papers input[name=query]").fill("continual pre")
    page.locator("#papers .fn-row").first.wait_for()


def show_map(page: Page) -> None:
    _open(page, "Map")
    page.locator("#map [data-drawn], #map[data-drawn]").first.wait_for(state="attached", timeout=120_000)


def show_add(page: Page) -> None:
    _open(page, "Add papers")
    page.locator("#folders form").wait_for()


def show_saved(page: Page) -> None:
    """The question of ``show_ask``, which must have been asked before."""
    page.locator("#chat button", has_text="Save").first.click()
    _open(page, "Saved")
    page.locator("#saved li").first.wait_for()


def _open(page: Page, name: str) -> None:
    tab = page.get_by_role("tab", name=name, exact=True).first
    if tab.is_visible():
        tab.click()
    else:  # a narrow page keeps some tabs in a menu
        page.locator(".overflow-menu > button").click()
        page.locator(".overflow-dropdown button", has_text=name).click()


PICTURES = {
    ("wide", "light"): {"ask": show_ask, "saved": show_saved, "add": show_add},
    ("wide", "dark"): {"ask": show_ask, "map": show_map},
    ("narrow", "light"): {"ask": show_ask, "papers": show_papers},
    ("narrow", "dark"): {"ask": show_ask},
}


if __name__ == "__main__":
    main()
