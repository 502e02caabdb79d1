"""An index that tests of this folder share."""

from __future__ import annotations

import pytest

from assistant.index.opening import open_for_writing
from tests.support.fakes import WordCountEmbedding


@pytest.fixture
def writable(indexed):
    """The three papers, open for writing."""
    index = open_for_writing(indexed, WordCountEmbedding())
    yield index
    index.close()
