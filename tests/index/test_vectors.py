from __future__ import annotations

import math
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from llama_index.core.schema import TextNode
from llama_index.core.vector_stores.types import VectorStoreQuery

from assistant.errors import IndexDamaged, SettingsError, StoreError
from assistant.index.vectors import Chroma, ChromaStore

ANGLES = {"east": 0, "north-east": 45, "north": 90, "west": 180}


def files_held(folder: Path) -> list[str]:
    """The files in a folder that this process has open."""
    held = [entry.readlink() for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
    return [str(path) for path in held if path.is_relative_to(folder)]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start_server(folder: Path) -> tuple[subprocess.Popen, str]:
    program = Path(sys.executable).parent / "chroma"
    command = str(program) if program.exists() else "chroma"
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [command, "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{address}/api/v2/heartbeat", timeout=1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                stop_server(process)
                raise
            time.sleep(0.1)
        else:
            return process, address


def stop_server(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    process, address = start_server(tmp_path_factory.mktemp("chroma-server"))
    yield address
    stop_server(process)


@pytest.fixture(params=["embedded", "embedded, alone", pytest.param("server", marks=pytest.mark.models)])
def chroma(request, tmp_path):
    address = request.getfixturevalue("server") if request.param == "server" else ""
    with closing(Chroma(address, tmp_path / "chroma", is_alone="alone" in request.param)) as chroma:
        yield chroma


@pytest.fixture
def collection() -> str:
    return f"test-{uuid.uuid4().hex}"


@pytest.fixture
def store(chroma, collection):
    return ChromaStore(chroma, collection)


@pytest.fixture
def small_collections(monkeypatch):
    """Three rows fill a collection."""
    monkeypatch.setattr("assistant.index.vectors._COLLECTION_ROWS", 3)


def node(name: str, degrees: float, paper_id: str = "p") -> TextNode:
    angle = math.radians(degrees)
    return TextNode(
        id_=name,
        metadata={"paper_id": paper_id},
        embedding=[math.cos(angle), math.sin(angle)],
    )


def compass() -> list[TextNode]:
    return [node(name, degrees, f"paper of {name}") for name, degrees in ANGLES.items()]


def nearest(store: ChromaStore, count: int):
    return store.query(VectorStoreQuery(query_embedding=[1.0, 0.0], similarity_top_k=count))


def test_nearest_chunks_come_first_with_their_cosines(store):
    assert store.add(compass()) == list(ANGLES)
    found = nearest(store, 10)
    assert found.ids == ["east", "north-east", "north", "west"]
    assert found.similarities == pytest.approx([1, math.sqrt(0.5), 0, -1], abs=1e-5)


def test_all_neighbours_among_the_chunks_of_a_small_library_are_found(store):
    chance = np.random.default_rng(0)
    centres = chance.normal(size=(75, 384))  # a library of 75 papers, each with a dozen chunks about one thing
    vectors = np.repeat(centres, 12, axis=0) + 1.1 * chance.normal(size=(900, 384))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    ids = [str(number) for number in range(len(vectors))]
    store.put(ids, vectors, ids)
    asked = vectors[::30]
    exact = np.argsort(-(asked @ vectors.T), axis=1)[:, :120]
    found = [
        store.query(VectorStoreQuery(query_embedding=one.tolist(), similarity_top_k=120)).ids or () for one in asked
    ]
    shares = [len({*map(str, nearest)} & {*ids}) / 120 for nearest, ids in zip(exact, found, strict=True)]
    assert np.mean(shares) > 0.998  # 0.992 with Chroma's default


def test_no_more_chunks_are_found_than_asked_for(store):
    store.add(compass())
    assert nearest(store, 2).ids == ["east", "north-east"]


def test_same_id_again_replaces_the_chunk(store):
    store.add([node("a", 0, "old")])
    store.add([node("a", 90, "new")])
    assert len(store) == 1
    assert (store.ids_of(["old"]), store.ids_of(["new"])) == ([], ["a"])
    assert store.vectors_of(["a"])["a"] == pytest.approx([0, 1], abs=1e-6)


def test_more_chunks_than_chroma_takes_at_once_are_stored(store):
    nodes = [node(f"n{number}", 90 * number / 5_600, f"p{number}") for number in range(5_600)]
    assert len(store.add(nodes)) == 5_600
    assert len(store) == 5_600
    assert store.vectors_of(["n0", "n5599"]).keys() == {"n0", "n5599"}
    assert nearest(store, 1).similarities == pytest.approx([1], abs=1e-3)  # its neighbours are as near, to a float


def test_papers_are_deleted_with_all_their_chunks(store):
    store.add([node("a1", 0, "a"), node("a2", 10, "a"), node("b1", 20, "b"), node("c1", 30, "c")])
    store.delete_papers(["a", "c", "nobody"])
    assert nearest(store, 10).ids == ["b1"]
    store.delete("b")
    assert len(store) == 0


def test_deleting_no_papers_deletes_nothing(store):
    store.add([node("a", 0)])
    store.delete_papers([])
    assert len(store) == 1


def test_empty_store_finds_nothing(store):
    store.add([])
    assert (len(store), nearest(store, 5).ids) == (0, [])


def test_only_chunks_that_exist_are_given(store):
    store.add([node("a", 0)])
    assert list(store.vectors_of(["a", "nobody"])) == ["a"]
    assert store.vectors_of([]) == {}


def test_store_opened_again_holds_its_chunks(chroma, collection):
    ChromaStore(chroma, collection).add(compass())
    assert nearest(ChromaStore(chroma, collection), 1).ids == ["east"]


@pytest.mark.usefixtures("small_collections")
def test_store_that_is_dropped_is_gone_with_all_its_collections_and_others_stay(chroma, collection):
    ChromaStore(chroma, collection).add(compass())
    ChromaStore(chroma, f"{collection}-other").add(compass())
    for name in (collection, "never-made"):
        chroma.drop(name)
    assert len(ChromaStore(chroma, collection)) == 0
    assert len(ChromaStore(chroma, f"{collection}-other")) == 4


# More vectors than a collection takes.


@pytest.mark.usefixtures("small_collections")
def test_vectors_are_spread_over_collections_and_found_in_all_of_them(store):
    store.add(compass()[:2])
    store.add(compass()[2:])
    assert [one.count() for one in store.client] == [3, 1]
    assert nearest(store, 10).ids == ["east", "north-east", "north", "west"]
    assert nearest(store, 2).ids == ["east", "north-east"]
    assert store.vectors_of(["east", "west"]).keys() == {"east", "west"}
    assert [name for names in store.all_ids() for name in names] == ["east", "north-east", "north", "west"]
    assert store.ids_of(["paper of west", "paper of east"]) == ["east", "west"]


@pytest.mark.usefixtures("small_collections")
def test_store_opened_again_goes_on_in_its_last_collection(chroma, collection):
    ChromaStore(chroma, collection).add(compass())
    store = ChromaStore(chroma, collection)
    store.add([node("south", 260)])
    assert [one.count() for one in store.client] == [3, 2]


@pytest.mark.usefixtures("small_collections")
def test_same_id_again_replaces_the_chunk_in_a_full_collection(store):
    store.add(compass())
    store.add([node("east", 170)])
    assert len(store) == 4
    assert nearest(store, 1).ids == ["north-east"]


@pytest.mark.usefixtures("small_collections")
def test_papers_are_deleted_from_every_collection(store):
    store.add(compass())
    store.delete_papers(["paper of east", "paper of west"])
    assert nearest(store, 10).ids == ["north-east", "north"]


@pytest.mark.usefixtures("small_collections")
def test_nearest_chunks_of_some_papers_are_found_in_every_collection(store):
    store.add(compass())
    asked = VectorStoreQuery(
        query_embedding=[1.0, 0.0], similarity_top_k=4, doc_ids=["paper of west", "paper of north-east"]
    )
    assert store.query(asked).ids == ["north-east", "west"]


@pytest.mark.usefixtures("small_collections")
def test_many_collections_are_counted_searched_and_deleted_from_though_few_are_open(store):
    nodes = [node(f"n{number}", number, f"p{number}") for number in range(16)]
    store.add(nodes)
    assert len(list(store.client)) == 6
    store.delete_papers(["p0", "p7"])
    assert len(store) == 14
    assert nearest(store, 3).ids == ["n1", "n2", "n3"]
    assert sorted(paper_id for ids, _ in store.all_vectors() for paper_id in ids) == sorted(
        one.node_id for one in nodes if one.node_id not in ("n0", "n7")
    )


@pytest.mark.usefixtures("small_collections")
def test_memory_that_was_given_back_is_taken_again(store):
    store.add(compass())
    store.let_go()
    store.add([node("south", 260)])
    assert nearest(store, 10).ids == ["east", "north-east", "north", "south", "west"]


def test_vector_of_another_dimension_is_refused_in_one_line(store):
    store.add([node("a", 0)])
    with pytest.raises(IndexDamaged, match="footnote index rebuild") as raised:
        store.query(VectorStoreQuery(query_embedding=[1.0, 0.0, 0.0], similarity_top_k=1))
    assert "\n" not in str(raised.value)


def test_embedded_vectors_outlive_the_program(tmp_path, collection):
    with closing(ChromaStore(Chroma("", tmp_path / "chroma"), collection)) as store:
        store.add(compass())
    with closing(ChromaStore(Chroma("", tmp_path / "chroma"), collection)) as store:
        assert nearest(store, 1).ids == ["east"]


@pytest.mark.usefixtures("small_collections")
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists the files that a process holds")
def test_a_closed_connection_holds_no_file_and_no_thread(tmp_path, collection):
    folder = tmp_path / "chroma"
    with closing(ChromaStore(Chroma("", folder), collection)) as store:
        store.add(compass())
        assert nearest(store, 1).ids == ["east"]
        assert files_held(folder)
    deadline = time.monotonic() + 20  # Chroma closes its files in a thread of its own
    while files_held(folder) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert files_held(folder) == []
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("chroma")] == []


def test_another_connection_to_the_same_folder_stays_open(tmp_path, collection):
    with closing(ChromaStore(Chroma("", tmp_path / "chroma"), collection)) as store:
        ChromaStore(Chroma("", tmp_path / "chroma"), collection).close()
        store.add(compass())
        assert nearest(store, 1).ids == ["east"]


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://host", "http://", "http://host:port", "http://h:99999"])
def test_address_that_is_none_is_refused(address, tmp_path):
    with pytest.raises(SettingsError, match="use http://host:port"):
        Chroma(address, tmp_path)


def test_server_that_was_never_up_gives_one_line(tmp_path):
    address = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(StoreError, match="start it with `chroma run`, or unset FOOTNOTE_STORE") as raised:
        Chroma(address, tmp_path)
    assert address in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.models
def test_server_that_goes_down_gives_one_line_from_every_call(tmp_path):
    process, address = start_server(tmp_path / "data")
    try:
        store = ChromaStore(Chroma(address, tmp_path), "test")
        store.add(compass())
    finally:
        stop_server(process)
    calls = [
        lambda: len(store),
        lambda: nearest(store, 1),
        lambda: store.add(compass()),
        lambda: store.vectors_of(["east"]),
        lambda: store.ids_of(["p"]),
        lambda: list(store.all_ids()),
        lambda: store.delete("p"),
    ]
    for call in calls:
        with pytest.raises(StoreError, match="does not answer") as raised:
            call()
        assert "\n" not in str(raised.value)


@pytest.mark.models
def test_vectors_on_a_server_outlive_it(tmp_path):
    process, address = start_server(tmp_path / "data")
    try:
        ChromaStore(Chroma(address, tmp_path), "test").add(compass())
    finally:
        stop_server(process)
    process, address = start_server(tmp_path / "data")
    try:
        assert nearest(ChromaStore(Chroma(address, tmp_path), "test"), 1).ids == ["east"]
    finally:
        stop_server(process)


def test_all_vectors_come_in_pages_with_their_papers(store, monkeypatch):
    monkeypatch.setattr("assistant.index.vectors._BATCH_ROWS", 3)
    store.add(compass())
    pages = list(store.all_vectors())
    assert [(len(paper_ids), vectors.shape, vectors.dtype) for paper_ids, vectors in pages] == [
        (3, (3, 2), np.float32),
        (1, (1, 2), np.float32),
    ]
    found = {name: row.tolist() for paper_ids, vectors in pages for name, row in zip(paper_ids, vectors, strict=True)}
    assert found == {chunk.node_id: pytest.approx(chunk.embedding, abs=1e-6) for chunk in compass()}


def test_all_vectors_of_an_empty_store_are_none(store):
    assert list(store.all_vectors()) == []
