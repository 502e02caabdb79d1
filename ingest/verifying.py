"""Compares the parts of an index and names every difference; ``footnote index rebuild`` repairs them all.

Papers and vectors are compared some hundreds at a time; of the word indexes, the ids are held in memory.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.index.chunking import chunks_of
from assistant.index.exact import ExactStore
from assistant.index.layout import GRAINS, load_words
from assistant.index.stored_index import StoredIndex
from assistant.index.stores import store_name
from assistant.index.vectors import is_whole
from assistant.records import Grain, Paper, paper_of_chunk
from assistant.system.batching import batched
from ingest.merging import merged

_PAPERS_AT_ONCE = 200


class Differences:
    """Collects lines like "papers that lack passage vectors: 3, for example hens-1a2b3c4d"."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, str]] = {}

    def add(self, what: str, names: Iterable[str]) -> None:
        for name in names:
            count, example = self._found.get(what, (0, name))
            self._found[what] = (count + 1, min(example, name))

    def lines(self) -> list[str]:
        return [f"{what}: {count}, for example {example}" for what, (count, example) in self._found.items()]


def verify(index: StoredIndex) -> list[str]:
    """The differences between the parts of an index, one line each; empty if there are none."""
    found = Differences()
    pending = index.library.catalogue.pending()
    found.add("papers that an interrupted run left unfinished", pending)
    _compare_records(index, found)
    chunks = dict.fromkeys(GRAINS, 0)
    for papers in batched(index.library.all_papers(), _PAPERS_AT_ONCE):
        for grain in GRAINS:
            chunks[grain] += _compare_vectors(papers, grain, index.exact[grain], found)
    for grain in GRAINS:
        _find_vectors_without_paper(index, grain, chunks[grain], found)
        _compare_words(index, grain, found)
    _compare_store(index, found)
    return found.lines()


def _compare_records(index: StoredIndex, found: Differences) -> None:
    """Compare papers with their records and their keys."""
    catalogue = index.library.catalogue
    for papers in batched(index.library.all_papers(), _PAPERS_AT_ONCE):
        records = catalogue.of_papers(paper.paper_id for paper in papers)
        for paper in papers:
            if paper.paper_id not in records:
                found.add("papers without a record of a source", [paper.paper_id])
            elif merged(records[paper.paper_id], paper.paper_id) != paper:
                found.add("papers that are not what their records say", [paper.paper_id])
    found.add("records without a paper", catalogue.lost_records())
    found.add("keys without a paper", catalogue.lost_keys())
    found.add("papers without a key", catalogue.unknown_papers())


def _compare_vectors(papers: list[Paper], grain: Grain, store: ExactStore, found: Differences) -> int:
    """Compare the vectors of papers with their chunks; returns how many vectors they have."""
    stored = store.ids_of([paper.paper_id for paper in papers])
    expected = {chunk.chunk_id for paper in papers for chunk in chunks_of(paper) if chunk.grain == grain}
    found.add(f"papers that lack {grain} vectors", {paper_of_chunk(name) for name in expected - {*stored}})
    found.add(f"papers with {grain} vectors of another text", {paper_of_chunk(name) for name in {*stored} - expected})
    return len(stored)


def _find_vectors_without_paper(index: StoredIndex, grain: Grain, known: int, found: Differences) -> None:
    """Find vectors without a paper, if there are more vectors than the papers have."""
    store = index.exact[grain]
    for names in store.all_ids() if store.count() != known else ():
        papers = index.library.papers({paper_of_chunk(name) for name in names})
        found.add(f"{grain} vectors of no paper", [name for name in names if paper_of_chunk(name) not in papers])


def _compare_store(index: StoredIndex, found: Differences) -> None:
    """Compare the number of vectors of the vector store with that of the exact store."""
    with index.store_released():
        if not is_whole(index.settings, index.library, index.exact):
            found.add("vector stores that lack vectors, until the next ingest", [store_name(index.settings)])


def _compare_words(index: StoredIndex, grain: Grain, found: Differences) -> None:
    words = load_words(index.settings, is_complete=index.is_complete)[grain]
    indexed, expected = set(words.ids), set()
    for paper in index.library.all_papers():
        if grain == "passage":
            expected.add(paper.paper_id)
        else:
            expected |= {chunk.chunk_id for chunk in chunks_of(paper) if chunk.grain == grain}
    found.add(f"papers missing in the {grain} words", {paper_of_chunk(name) for name in expected - indexed})
    found.add(f"papers extra in the {grain} words", {paper_of_chunk(name) for name in indexed - expected})
