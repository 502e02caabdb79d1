"""What Chroma does beyond the contract: collections of bounded size, and connections that fail or are closed."""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import closing
from pathlib import Path

import pytest

from assistant.errors import SettingsError, StoreError
from assistant.index.chroma import Chroma, ChromaStore
from tests.support.chroma_server import free_port, start_server, stop_server
from tests.support.vectors import direction, nearest_east, put, put_compass


def rows_per_collection(chroma: Chroma, collection: str) -> list[int]:
    return [chroma.collection(name).count() for name in chroma.names(collection)]


def files_held(folder: Path) -> list[str]:
    """The files in a folder that this process has open."""
    held = [entry.readlink() for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
    return [str(path) for path in held if path.is_relative_to(folder)]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    process, address = start_server(tmp_path_factory.mktemp("chroma-server"))
    yield address
    stop_server(process)


@pytest.fixture(params=["embedded", "embedded, for writing", pytest.param("server", marks=pytest.mark.models)])
def chroma(request, tmp_path):
    address = request.getfixturevalue("server") if request.param == "server" else ""
    with closing(Chroma(address, tmp_path / "chroma", is_for_writing="writing" in request.param)) as chroma:
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
    monkeypatch.setattr("assistant.index.chroma._COLLECTION_ROWS", 3)


def test_store_opened_again_holds_its_chunks(chroma, collection):
    put_compass(ChromaStore(chroma, collection))
    assert nearest_east(ChromaStore(chroma, collection), 1) == ["east"]


@pytest.mark.usefixtures("small_collections")
def test_dropped_store_is_deleted_with_all_its_collections_and_others_stay(chroma, collection):
    put_compass(ChromaStore(chroma, collection))
    put_compass(ChromaStore(chroma, f"{collection}-other"))
    for name in (collection, "never-made"):
        chroma.drop(name)
    assert ChromaStore(chroma, collection).count() == 0
    assert ChromaStore(chroma, f"{collection}-other").count() == 4


@pytest.mark.usefixtures("small_collections")
def test_vectors_are_spread_over_collections_and_found_in_all_of_them(store, chroma, collection):
    put(store, east=0, north=90)
    put(store, north_east=45, west=180)
    assert rows_per_collection(chroma, collection) == [3, 1]
    assert nearest_east(store, 10) == ["east", "north-east", "north", "west"]
    assert nearest_east(store, 2) == ["east", "north-east"]
    assert sorted(name for ids, _, _ in store.stored_rows() for name in ids) == ["east", "north", "north-east", "west"]


@pytest.mark.usefixtures("small_collections")
def test_store_opened_again_continues_in_its_last_collection(chroma, collection):
    put_compass(ChromaStore(chroma, collection))
    store = ChromaStore(chroma, collection)
    put(store, south=260)
    assert rows_per_collection(chroma, collection) == [3, 2]


@pytest.mark.usefixtures("small_collections")
def test_papers_are_deleted_from_every_collection(store):
    put_compass(store)
    store.delete_papers(["paper of east", "paper of west"])
    assert nearest_east(store, 10) == ["north-east", "north"]


@pytest.mark.usefixtures("small_collections")
def test_nearest_chunks_of_some_papers_are_found_in_every_collection(store):
    put_compass(store)
    assert nearest_east(store, 4, "west", "north-east") == ["north-east", "west"]


@pytest.mark.usefixtures("small_collections")
def test_many_collections_are_counted_searched_and_deleted_from_though_few_are_in_memory(store, chroma, collection):
    ids = [f"n{number}" for number in range(16)]
    store.put(ids, direction(*range(16)), ids)
    assert len(rows_per_collection(chroma, collection)) == 6
    store.delete_papers(["n0", "n7"])
    assert store.count() == 14
    assert nearest_east(store, 3) == ["n1", "n2", "n3"]
    assert {name for found, _, _ in store.stored_rows() for name in found} == {*ids} - {"n0", "n7"}


def test_embedded_vectors_outlive_the_program(tmp_path, collection):
    with closing(ChromaStore(Chroma("", tmp_path / "chroma"), collection)) as store:
        put_compass(store)
    with closing(ChromaStore(Chroma("", tmp_path / "chroma"), collection)) as store:
        assert nearest_east(store, 1) == ["east"]


@pytest.mark.usefixtures("small_collections")
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists the files that a process holds")
def test_a_closed_connection_holds_no_file_and_no_thread(tmp_path, collection):
    folder = tmp_path / "chroma"
    with closing(ChromaStore(Chroma("", folder), collection)) as store:
        put_compass(store)
        assert nearest_east(store, 1) == ["east"]
        assert files_held(folder)
    deadline = time.monotonic() + 20  # Chroma closes its files in a thread of its own
    while files_held(folder) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert files_held(folder) == []
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("chroma")] == []


def test_another_connection_to_the_same_folder_stays_open(tmp_path, collection):
    with closing(ChromaStore(Chroma("", tmp_path / "chroma"), collection)) as store:
        ChromaStore(Chroma("", tmp_path / "chroma"), collection).close()
        put_compass(store)
        assert nearest_east(store, 1) == ["east"]


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
        put_compass(store)
    finally:
        stop_server(process)
    calls = [
        lambda: store.count(),
        lambda: nearest_east(store, 1),
        lambda: put_compass(store),
        lambda: list(store.stored_rows()),
        lambda: store.delete_papers(["paper of east"]),
        lambda: store.clear(),
    ]
    for call in calls:
        with pytest.raises(StoreError, match="does not answer") as raised:
            call()
        assert "\n" not in str(raised.value)


@pytest.mark.models
def test_vectors_on_a_server_outlive_it(tmp_path):
    process, address = start_server(tmp_path / "data")
    try:
        put_compass(ChromaStore(Chroma(address, tmp_path), "test"))
    finally:
        stop_server(process)
    process, address = start_server(tmp_path / "data")
    try:
        assert nearest_east(ChromaStore(Chroma(address, tmp_path), "test"), 1) == ["east"]
    finally:
        stop_server(process)
