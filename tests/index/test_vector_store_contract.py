"""What every vector store has to do, with the exact store as the referee.

Another kind of store is added by an entry in ``STORES``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.errors import IndexDamaged, StoreError
from assistant.index.chroma import Chroma, ChromaStore
from assistant.index.database import Database
from assistant.index.exact import ExactStore
from assistant.index.llama_index_store import open_llama_index_stores
from assistant.interfaces import VectorStore
from assistant.settings import Settings
from tests.support.chroma_server import start_server, stop_server
from tests.support.qdrant import QDRANT, qdrant_options
from tests.support.vectors import direction, nearest_east, put, put_compass

Open = Callable[[int], VectorStore]


def open_exact(folder: Path, dimension: int) -> ExactStore:
    folder.mkdir(parents=True, exist_ok=True)
    return ExactStore(Database(folder / "papers.sqlite", is_writable=True), folder, "passage", dimension)


def open_chroma(folder: Path, address: str = "", **options: bool) -> VectorStore:
    return ChromaStore(Chroma(address, folder / "chroma", **options), f"test-{uuid.uuid4().hex}")


def open_qdrant(folder: Path, dimension: int, **options: object) -> VectorStore:
    """A collection of Qdrant by its class of llama-index, filled together with an exact store, as an index fills it."""
    exact = open_exact(folder / "exact", dimension)
    settings = Settings.load({}, home=folder, store=QDRANT, store_options=qdrant_options(**options))
    (store,) = open_llama_index_stores(settings, f"test-{uuid.uuid4().hex}", {"passage": exact}).values()
    store.clear()
    return WithExact(store, exact)


class WithExact:
    """A vector store and the exact store, which hold the same; only the first is asked."""

    def __init__(self, store: VectorStore, exact: ExactStore) -> None:
        self.exact, self.query, self.count, self.close = exact, store.query, store.count, store.close
        self._both: list[VectorStore] = [store, exact]

    def put(self, ids: Sequence[str], vectors: NDArray[np.float32], paper_ids: Sequence[str]) -> None:
        for one in self._both:
            one.put(ids, vectors, paper_ids)

    def delete_papers(self, paper_ids: Sequence[str]) -> None:
        for one in self._both:
            one.delete_papers(paper_ids)

    def clear(self) -> None:
        for one in self._both:
            one.clear()


STORES: dict[str, Callable[[Path, int, pytest.FixtureRequest], VectorStore]] = {
    "exact": lambda folder, dimension, _: open_exact(folder, dimension),
    "Chroma, embedded": lambda folder, _, __: open_chroma(folder),
    "Chroma, embedded, for writing": lambda folder, _, __: open_chroma(folder, is_for_writing=True),
    "Chroma, server": lambda folder, _, request: open_chroma(folder, request.getfixturevalue("server")),
    "Qdrant by llama-index": lambda folder, dimension, _: open_qdrant(folder, dimension, location=":memory:"),
}
"""By name, what opens an empty store, given a folder, the vectors' dimension and pytest's request."""
SLOW = {"Chroma, server"}


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[str]:
    process, address = start_server(tmp_path_factory.mktemp("chroma-server"))
    yield address
    stop_server(process)


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.models] * (name in SLOW)) for name in STORES])
def opened(request, tmp_path) -> Iterator[Open]:
    """Opens an empty store of vectors of a dimension, which is closed at the end."""
    with ExitStack() as stores:

        def open_store(dimension: int) -> VectorStore:
            store = STORES[request.param](tmp_path, dimension, request)
            stores.callback(store.close)
            return store

        yield open_store


@pytest.fixture
def store(opened) -> VectorStore:
    return opened(2)


def holds(store: VectorStore, count: int) -> bool:
    """Whether the store has this many vectors; asks the exact store if it cannot count."""
    return (store.exact if isinstance(store, WithExact) else store).count() == count and store.count() in (count, None)


def test_nearest_chunks_come_first_with_their_cosines(store):
    put_compass(store)
    found = store.query([1.0, 0.0], 10)
    assert [*found] == ["east", "north-east", "north", "west"]
    assert [*found.values()] == pytest.approx([1, np.sqrt(0.5), 0, -1], abs=1e-3)


def test_length_of_the_vector_that_is_searched_for_does_not_matter(store):
    put_compass(store)
    assert store.query([5.0, 0.0], 2) == pytest.approx(store.query([1.0, 0.0], 2), abs=1e-3)


def test_no_more_chunks_are_found_than_asked_for(store):
    put_compass(store)
    assert nearest_east(store, 2) == ["east", "north-east"]


def test_only_chunks_of_the_given_papers_are_found(store):
    put_compass(store)
    assert nearest_east(store, 4, "west", "north-east", "nowhere") == ["north-east", "west"]
    assert nearest_east(store, 1, "west", "north-east") == ["north-east"]


def test_empty_store_finds_nothing(store):
    store.put([], direction().reshape(0, 2), [])
    assert holds(store, 0)
    assert store.query([1.0, 0.0], 5) == {}


def test_papers_are_deleted_with_all_their_chunks(store):
    put(store, a=0, a_2=10, b=20, c=30)
    store.delete_papers(["paper of a", "paper of c", "paper of nobody"])
    assert holds(store, 1)
    assert nearest_east(store, 10) == ["b"]


def test_deleting_no_papers_deletes_nothing(store):
    put(store, a=0)
    store.delete_papers([])
    assert holds(store, 1)
    assert nearest_east(store, 10) == ["a"]


def test_paper_that_was_deleted_can_be_stored_with_other_vectors(store):
    put(store, a=0, b=45)
    store.delete_papers(["paper of a"])
    put(store, a=90)
    assert holds(store, 2)
    assert nearest_east(store, 10) == ["b", "a"]


def test_cleared_store_is_empty_and_can_be_filled_again(store):
    put_compass(store)
    store.clear()
    assert holds(store, 0)
    assert nearest_east(store, 10) == []
    put(store, a=0)
    assert holds(store, 1)
    assert nearest_east(store, 10) == ["a"]


def test_ids_with_any_characters_are_given_back(store):
    ids = ["späße-1a:sentence:0:9", "a'b\"c; --", "论文:passage:0:3", "x" * 200]
    store.put(ids, direction(0, 10, 20, 30), ids)
    assert nearest_east(store, 10) == ids
    store.delete_papers(ids[1:3])
    assert nearest_east(store, 10) == [ids[0], ids[3]]


def test_vector_of_another_dimension_is_refused_in_one_line(store):
    put(store, a=0)
    with pytest.raises((IndexDamaged, StoreError)) as raised:
        store.query([1.0, 0.0, 0.0], 1)
    assert "\n" not in str(raised.value)


def test_more_chunks_than_some_stores_take_at_once_are_stored(store):
    ids = [f"n{number}" for number in range(5_600)]
    store.put(ids, direction(*np.linspace(0, 90, 5_600)), ids)
    assert holds(store, 5_600)
    assert [*store.query([1.0, 0.0], 1).values()] == pytest.approx([1], abs=1e-3)


def test_store_finds_what_the_exact_store_finds(opened, tmp_path):
    """75 papers, each with a dozen chunks about one thing; some of them are deleted, and others replaced."""
    chance = np.random.default_rng(0)
    vectors = np.repeat(chance.normal(size=(75, 384)), 12, axis=0) + 1.1 * chance.normal(size=(900, 384))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    ids, paper_ids = [str(number) for number in range(900)], [f"p{number // 12}" for number in range(900)]
    (tmp_path / "referee").mkdir()
    stores = [opened(384), open_exact(tmp_path / "referee", 384)]
    for store in stores:
        store.put(ids, vectors, paper_ids)
        store.delete_papers(["p3", "p70", "p71"])
        store.put(ids[36:48], vectors[840:852], paper_ids[36:48])
    shares = []
    for vector in vectors[::30].tolist():
        found, exact = (store.query(vector, 120) for store in stores)
        shares.append(len(found.keys() & exact.keys()) / 120)
        both = found.keys() & exact.keys()
        assert [found[name] for name in both] == pytest.approx([exact[name] for name in both], abs=1e-3)
        assert [*found.values()] == sorted(found.values(), reverse=True)
        few = [f"p{number}" for number in range(0, 20, 3)]
        found, exact = (store.query(vector, 120, few) for store in stores)
        assert found.keys() == exact.keys()
    assert np.mean(shares) > 0.998  # 0.992 with Chroma's default


def test_closing_twice_is_as_good_as_once(store):
    put(store, a=0)
    store.close()
    store.close()
