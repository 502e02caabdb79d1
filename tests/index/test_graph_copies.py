"""Whatever cuts Chroma short while it writes a graph, the collection is afterwards as if nothing had."""

from __future__ import annotations

import errno
import multiprocessing
import resource
import shutil
import signal
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest
from llama_index.core.vector_stores.types import VectorStoreQuery

from assistant.errors import IndexDamaged
from assistant.index.graph_copies import GraphCopies
from assistant.index.vectors import Chroma, ChromaStore

DIMENSION = 384
OLD, NEW = 1_500, 250  # so few at once that a graph is larger than Chroma's log: a limit on files' sizes cuts it short
VECTORS = np.random.default_rng(0).normal(size=(OLD + NEW, DIMENSION)).astype(np.float32)
IDS = [f"hen {number}" for number in range(OLD + NEW)]


def put(folder: Path, first: int, last: int) -> None:
    with closing(Chroma("", folder, is_alone=True)) as chroma:
        store = ChromaStore(chroma, "hens")
        for some in range(first, last, NEW):
            rows = slice(some, min(some + NEW, last))
            store.put(IDS[rows], VECTORS[rows], IDS[rows])


def remove(folder: Path, first: int, last: int) -> None:
    with closing(Chroma("", folder, is_alone=True)) as chroma:
        ChromaStore(chroma, "hens").delete_papers(IDS[first:last])


def under_limit(largest_bytes: int, change, *arguments: object) -> None:
    """Change under a limit on files' sizes: who writes beyond it is killed in the midst of that."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_bytes, largest_bytes))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    change(*arguments)


def cut_short(largest_bytes: int, change, *arguments: object) -> None:
    assert exit_status(under_limit, largest_bytes, change, *arguments) == -signal.SIGXFSZ


def exit_status(work, *arguments: object) -> int:
    """Of a process of its own, which does the work; negative if that kills it."""
    process = multiprocessing.get_context("spawn").Process(target=without_dump, args=(work, *arguments))
    process.start()
    process.join()
    return process.exitcode or 0


def without_dump(work, *arguments: object) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    work(*arguments)


def graph_bytes(folder: Path) -> int:
    return max(path.stat().st_size for path in folder.glob("*-*/data_level0.bin"))


def check_holds(folder: Path, numbers: range) -> None:
    """These and no others are stored, as they were given, and each is nearest to itself."""
    with closing(Chroma("", folder, is_alone=True)) as chroma:
        store = ChromaStore(chroma, "hens")
        stored = store.vectors_of(IDS)
        assert {*stored} == {IDS[number] for number in numbers}
        assert len(store) == len(numbers)
        for number in numbers:
            np.testing.assert_allclose(stored[IDS[number]], VECTORS[number], rtol=1e-5)
        for number in numbers[::25]:
            found = store.query(VectorStoreQuery(query_embedding=VECTORS[number].tolist(), similarity_top_k=10))
            assert found.ids[0] == IDS[number]
            assert len(found.ids or []) == 10
    assert GraphCopies(folder).left() == []


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    folder = tmp_path_factory.mktemp("begun") / "chroma"
    put(folder, 0, OLD)
    return folder


@pytest.fixture
def folder(begun, tmp_path):
    return shutil.copytree(begun, tmp_path / "chroma")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_graph_that_grew_and_was_cut_short_is_put_back_and_what_it_lacks_comes_from_the_log(folder, share):
    grows_by = NEW * graph_bytes(folder) // OLD
    cut_short(graph_bytes(folder) + int(share * grows_by), put, folder, OLD, OLD + NEW)
    assert GraphCopies(folder).left() == ["hens"]
    check_holds(folder, range(OLD + NEW))


def test_without_its_copy_such_a_graph_is_refused_or_kills_who_reads_it(folder):
    """Once this fails, Chroma writes its graphs safely, and the copies can go."""
    cut_short(graph_bytes(folder) + 100_000, put, folder, OLD, OLD + NEW)
    shutil.rmtree(folder / "copies")
    assert exit_status(check_holds, folder, range(OLD + NEW)) != 0


def test_the_first_graph_of_a_collection_cut_short_is_written_from_the_log(tmp_path):
    folder = tmp_path / "chroma"
    with closing(Chroma("", folder)) as chroma, suppress(KeyboardInterrupt), chroma.changing("hens") as collection:
        collection.upsert(ids=IDS[:50], embeddings=VECTORS[:50])
        raise KeyboardInterrupt
    (next(folder.glob("*-*")) / "index_metadata.pickle").write_bytes(b"\x80\x03}(X")
    check_holds(folder, range(50))


def test_what_finishes_it_may_be_cut_short_as_well(folder):
    limit = graph_bytes(folder) + 100_000
    cut_short(limit, put, folder, OLD, OLD + NEW)
    cut_short(limit, check_holds, folder, range(OLD + NEW))
    check_holds(folder, range(OLD + NEW))


def test_a_change_that_ended_but_for_its_copy_is_not_undone(folder):
    put_whole_but_for_the_copy(folder)
    check_holds(folder, range(OLD + NEW))


def put_whole_but_for_the_copy(folder: Path) -> None:
    copies = GraphCopies(folder)
    with suppress(KeyboardInterrupt), copies.kept("hens"), closing(Chroma("", folder)) as chroma:
        chroma.collection("hens").upsert(ids=IDS[OLD:], embeddings=VECTORS[OLD:])
        raise KeyboardInterrupt
    assert copies.left() == ["hens"]


def test_a_change_that_never_began_leaves_all_as_it_was(folder):
    with suppress(KeyboardInterrupt), GraphCopies(folder).kept("hens"):
        raise KeyboardInterrupt
    check_holds(folder, range(OLD))


def test_who_changes_next_finishes_first_what_was_cut_short(folder):
    cut_short(graph_bytes(folder) + 100_000, put, folder, OLD, OLD + NEW)
    remove(folder, 0, 200)
    check_holds(folder, range(200, OLD + NEW))


def test_a_copy_that_was_itself_cut_short_is_never_put_back(folder):
    shutil.copytree(next(folder.glob("*-*")), folder / "copies" / "made" / "graph")
    (folder / "copies" / "gone").mkdir()
    assert GraphCopies(folder).left() == []
    remove(folder, 0, 200)
    check_holds(folder, range(200, OLD))


def test_no_room_for_a_copy_changes_nothing_and_leaves_none(folder, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(IndexDamaged, match="make room and do the same again"):
        put(folder, OLD, OLD + NEW)
    assert [*(folder / "copies").iterdir()] == []
    check_holds(folder, range(OLD))
