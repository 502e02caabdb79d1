"""One running page with the real models, and a browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import (
    HOSTILE_ABSTRACT,
    HOSTILE_TITLE,
    browser_open,
    ingest,
    opened,
    running_page,
)


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the bundled papers and a hostile one."""
    folder = tmp_path_factory.mktemp("page")
    hostile = folder / "hostile.jsonl"
    paper = {"title": HOSTILE_TITLE, "abstract": HOSTILE_ABSTRACT, "year": 2019, "authors": [HOSTILE_TITLE]}
    hostile.write_text(json.dumps(paper) + "\n")
    ingest(folder / "home", "--bundled", str(hostile))
    shutil.copytree(folder / "home", folder / "untouched")
    return folder / "home"


@pytest.fixture(scope="package")
def untouched(home: Path) -> Path:
    """The same, to which no test adds and from which none removes."""
    return home.with_name("untouched")


@pytest.fixture(scope="package")
def address(home: Path) -> Iterator[str]:
    with running_page(home) as address:
        yield address


@pytest.fixture(scope="package")
def browser():
    with browser_open() as browser:
        yield browser


@pytest.fixture
def open_page(browser, address: str):
    """Opens pages; whatever was done on them, no console complained and no request left the machine."""
    pages = []

    def open_one(**options):
        pages.append(opened(browser, address, **options))
        return pages[-1]

    yield open_one
    for page in pages:
        page.context.close()
        assert page.complaints == []
        assert not {url for url in page.requested if not url.startswith((address, "data:", "blob:"))}


@pytest.fixture
def page(open_page):
    return open_page()
