from __future__ import annotations

import pytest

from assistant.corpus_map.layout import CorpusMap, compute_map
from tests.support.topics import papers_of, vectors_of


@pytest.fixture(scope="module")
def corpus_map() -> CorpusMap:
    papers = papers_of()
    return compute_map(papers, vectors_of(papers))
