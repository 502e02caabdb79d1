"""Libraries that tests of this folder share."""

from __future__ import annotations

import pytest

from assistant.index.library import Library
from tests.support.library import SHELF, put


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a b#?%20" / "papers.sqlite"


@pytest.fixture
def library(path):
    path.parent.mkdir()
    opened = Library(path, is_writable=True)
    yield opened
    opened.close()


@pytest.fixture
def shelf(library):
    put(library, SHELF)
    return library
