"""The exact store: killed while it writes, read while another process writes, and compacted, it loses nothing."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import IndexDamaged
from assistant.index.database import Database
from assistant.index.exact import ExactStore
from tests.support.paths import ROOT
from tests.support.vectors import ANGLES, direction, nearest_east, put, put_compass


def opened(folder: Path, *, is_writable: bool = True) -> ExactStore:
    return ExactStore(Database(folder / "papers.sqlite", is_writable=is_writable), folder, "passage", 2)


@pytest.fixture
def store(tmp_path) -> ExactStore:
    return opened(tmp_path)


def file_of(folder: Path) -> Path:
    (path,) = folder.glob("vectors-passage-*.f16")
    return path


def stored(store: ExactStore) -> dict[str, list[float]]:
    return {
        name: vector.tolist() for rows in store.all_rows() for name, vector in zip(rows.ids, rows.vectors, strict=True)
    }


def test_vectors_are_given_back_by_paper_and_all_together_with_their_papers(store):
    put_compass(store)
    assert store.vectors_of(["paper of north", "nobody"])["north"] == pytest.approx([0, 1], abs=1e-3)
    assert store.vectors_of([]) == {}
    assert store.ids_of(["paper of west", "paper of east"]) == ["east", "west"]
    assert [name for names in store.all_ids() for name in names] == [*ANGLES]
    (rows,) = store.all_rows()
    assert rows.paper_ids == [f"paper of {name}" for name in ANGLES]
    assert rows.vectors == pytest.approx(direction(*ANGLES.values()), abs=1e-3)


def test_stored_vectors_stay_the_same_when_they_are_stored_again(tmp_path):
    """Rounded to 16 bits, they are not exactly of length 1."""
    vectors = np.random.default_rng(0).normal(size=(500, 384)).astype(np.float32)
    ids = [f"n{number}" for number in range(500)]
    found = [vectors]
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        with closing(Database(tmp_path / name / "papers.sqlite", is_writable=True)) as database:
            store = ExactStore(database, tmp_path / name, "passage", 384)
            store.put(ids, found[-1], ids)
            by_id = store.vectors_of(ids)
            found.append(np.array([by_id[one] for one in ids]))
    np.testing.assert_allclose(np.linalg.norm(found[1], axis=1), 1, atol=1e-3)
    assert found[1].tobytes() == found[2].tobytes() == found[3].tobytes()


def test_more_papers_than_are_read_at_once_are_all_given_back(store):
    ids = [f"n{number}" for number in range(1_200)]
    store.put(ids, direction(*np.linspace(0, 90, 1_200)), ids)
    assert [name for rows in store.all_rows() for name in rows.ids] == ids
    assert [name for names in store.all_ids() for name in names] == ids


def test_a_transaction_that_fails_leaves_the_vectors_as_they_were(store):
    put_compass(store)
    before = stored(store)
    with pytest.raises(ValueError, match="zip"):
        replace_and_fail(store)
    assert stored(store) == before
    assert nearest_east(store, 10) == ["east", "north-east", "north", "west"]


def replace_and_fail(store: ExactStore) -> None:
    with store.table.changing():
        store.delete_papers(["paper of east"])
        put(store, south=270)
        store.put(["a", "b"], direction(0, 10), ["too few"])


def test_rows_that_a_kill_cut_short_are_never_found_and_others_are_stored_behind_them(store, tmp_path):
    put_compass(store)
    before = stored(store)
    with file_of(tmp_path).open("ab") as file:
        file.write(b"\x00\x3c\x00")  # less than one row
    put(store, south=270)
    assert stored(store) == {**before, "south": pytest.approx([0, -1], abs=1e-3)}
    assert nearest_east(store, 3) == ["east", "north-east", "north"]


def test_a_full_disk_leaves_the_file_as_it_was(store, tmp_path, monkeypatch):
    put_compass(store)
    before, size = stored(store), file_of(tmp_path).stat().st_size

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put(store, south=270)
    assert (stored(store), file_of(tmp_path).stat().st_size) == (before, size)


def test_a_file_that_was_cut_is_refused_in_one_line_and_never_read(store, tmp_path):
    put_compass(store)
    os.truncate(file_of(tmp_path), 9)
    for ask in (lambda one: one.check(), lambda one: nearest_east(one, 1), lambda one: stored(one)):
        with pytest.raises(IndexDamaged, match="holds 2 of 4 vectors: run `footnote index rebuild`"):
            ask(opened(tmp_path))


def test_a_missing_file_is_refused_in_one_line(store, tmp_path):
    put_compass(store)
    file_of(tmp_path).unlink()
    with pytest.raises(IndexDamaged, match=r"is missing: run `footnote index rebuild`"):
        opened(tmp_path).check()


def test_rows_of_deleted_papers_are_removed_from_the_file_once_they_are_the_most(store, tmp_path, monkeypatch):
    monkeypatch.setattr("assistant.index.exact._LEAST_DEAD_ROWS", 2)
    put_compass(store)
    store.delete_papers(["paper of north-east"])
    store.compact()
    assert file_of(tmp_path).stat().st_size == 4 * 4
    store.delete_papers(["paper of north", "paper of east"])
    before = stored(store)
    store.compact()
    assert file_of(tmp_path).stat().st_size == 1 * 4
    assert stored(store) == before
    put(store, east=0)
    assert nearest_east(store, 10) == ["east", "west"]


def test_a_process_that_reads_sees_each_commit_of_one_that_writes_and_compacts(store, tmp_path, monkeypatch):
    monkeypatch.setattr("assistant.index.exact._LEAST_DEAD_ROWS", 1)
    put_compass(store)
    reading = opened(tmp_path, is_writable=False)
    assert nearest_east(reading, 1) == ["east"]
    store.delete_papers(["paper of east", "paper of north-east", "paper of west"])
    assert nearest_east(reading, 9) == ["north"]
    store.compact()
    assert nearest_east(reading, 9) == ["north"]
    put(store, east=0)
    assert nearest_east(reading, 9) == ["east", "north"]
    assert stored(reading) == stored(store)


def test_files_that_a_killed_process_left_are_deleted_by_the_next_one_that_writes(store, tmp_path):
    put_compass(store)
    kept = file_of(tmp_path)
    for number in (2, 99):
        kept.with_name(f"vectors-passage-{number}.f16").write_bytes(b"garbage")
    store.delete_unused_files()
    assert file_of(tmp_path) == kept


def test_a_file_that_a_killed_process_left_is_replaced(store, tmp_path):
    put_compass(store)
    (tmp_path / "vectors-passage-2.f16").write_bytes(b"garbage")
    store.clear()
    put(store, south=270)
    assert file_of(tmp_path).stat().st_size == 4


def test_what_the_vector_store_lacks_and_what_it_holds_too_much_is_remembered(store):
    put(store, a=0, b=10)
    store.table.mark_all(is_in_store=True)
    put(store, c=20)
    store.delete_papers(["paper of a"])
    assert [rows.ids for rows in store.all_rows(only_new=True)] == [["c"]]
    assert store.table.deleted_papers() == ["paper of a"]
    store.table.mark_all(is_in_store=True)
    assert ([*store.all_rows(only_new=True)], store.table.deleted_papers()) == ([], [])
    store.table.mark_all(is_in_store=False)
    assert [rows.ids for rows in store.all_rows(only_new=True)] == [["b", "c"]]


WRITE = """
import sys
from pathlib import Path
from tests.index.test_exact import opened
from tests.support.vectors import direction
store = opened(Path(sys.argv[1]))
for number in range(200):
    store.put([f"a{number}", f"b{number}"], direction(number % 90, number % 90), [f"p{number}"] * 2)
    if number % 3 == 0:
        store.delete_papers([f"p{number}"])
    if number % 50 == 0:
        store.compact()
"""


def test_whole_papers_are_read_while_another_process_writes(store, tmp_path):
    put_compass(store)
    writing = subprocess.Popen([sys.executable, "-c", WRITE, str(tmp_path)], cwd=ROOT)
    asked = 0
    with closing(opened(tmp_path, is_writable=False)) as reading:
        while writing.poll() is None:
            found = reading.query([1.0, 0.0], 1_000)
            assert found["east"] == pytest.approx(1, abs=1e-3)
            assert {f"b{name[1:]}" for name in found if name[0] == "a"} == {name for name in found if name[0] == "b"}
            assert reading.count() >= 4
            asked += 1
    assert (writing.returncode, asked > 3) == (0, True)
    assert len(stored(store)) == 4 + 2 * 133
