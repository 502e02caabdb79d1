from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from assistant.corpus_map import storage
from assistant.corpus_map.layout import Cluster, CorpusMap, compute_map
from assistant.corpus_map.storage import load_or_none, save
from tests.support.topics import papers_of, unit_vectors


def test_stored_map_is_loaded_unchanged(corpus_map, tmp_path):
    save(corpus_map, tmp_path, "f1")
    found = load_or_none(tmp_path, "f1")
    assert found.paper_ids == corpus_map.paper_ids
    assert found.clusters == corpus_map.clusters
    for name in ("positions", "cluster_of"):
        one, other = getattr(found, name), getattr(corpus_map, name)
        assert one.dtype == other.dtype
        assert (one == other).all()


def test_an_empty_map_and_any_label_text_are_loaded_unchanged(tmp_path):
    save(compute_map([], unit_vectors(0)), tmp_path, "f")
    assert load_or_none(tmp_path, "f").paper_ids == ()
    odd = Cluster("<b>\0é\udc80", 0.5, 0.5, 1)
    save(CorpusMap(("a",), np.zeros((1, 2), np.float32), np.zeros(1, np.int16), (odd,)), tmp_path, "f")
    assert load_or_none(tmp_path, "f").clusters == (odd,)


def test_map_of_another_index_is_not_loaded(corpus_map, tmp_path):
    assert load_or_none(tmp_path, "f1") is None
    assert load_or_none(tmp_path / "nowhere", "f1") is None
    save(corpus_map, tmp_path, "f1")
    assert load_or_none(tmp_path, "f2") is None


def test_a_new_map_replaces_the_old_one_and_leaves_no_other_file(corpus_map, tmp_path):
    save(corpus_map, tmp_path, "f1")
    save(corpus_map, tmp_path, "f2")
    assert load_or_none(tmp_path, "f2") is not None
    assert len(list(tmp_path.iterdir())) == 1


def test_a_failed_write_leaves_the_old_map(corpus_map, tmp_path, monkeypatch):
    save(corpus_map, tmp_path, "f1")

    def fill_the_disk(file: io.BufferedWriter, **_) -> None:
        file.write(b"PK")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez_compressed", fill_the_disk)
    with pytest.raises(OSError, match="disk full"):
        save(corpus_map, tmp_path, "f1")
    assert load_or_none(tmp_path, "f1") is not None
    assert len(list(tmp_path.iterdir())) == 1


def stored_file(corpus_map: CorpusMap, folder: Path) -> Path:
    save(corpus_map, folder, "f")
    (path,) = folder.iterdir()
    return path


def test_a_truncated_map_is_not_loaded(corpus_map, tmp_path):
    path = stored_file(corpus_map, tmp_path)
    whole = path.read_bytes()
    for length in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:length])
        assert load_or_none(tmp_path, "f") is None


def test_a_map_with_a_wrong_byte_is_correct_or_not_loaded(tmp_path):
    small = compute_map(papers_of()[:3], unit_vectors(3))
    path = stored_file(small, tmp_path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        found = load_or_none(tmp_path, "f")
        assert found is None or (found.paper_ids == small.paper_ids and (found.positions == small.positions).all())


def array_file(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def single_array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


TEXT = '{"made_for": "tsne-1 f", "paper_ids": ["a"], "clusters": [{"label": "x", "x": 0, "y": 0, "size": 1}]}'
GOOD = {"text": np.array(TEXT), "positions": np.zeros((1, 2), np.float32), "cluster_of": np.zeros(1, np.int16)}


@pytest.mark.parametrize(
    "content",
    [
        b"not a map",
        single_array(),
        array_file(other=np.zeros(3)),
        array_file(**{**GOOD, "positions": np.array([{}], dtype=object)}),
        array_file(**{**GOOD, "positions": np.zeros((2, 2), np.float32)}),
        array_file(**{**GOOD, "cluster_of": np.ones(1, np.int16)}),
        array_file(**{**GOOD, "text": np.array("no JSON")}),
        array_file(**{**GOOD, "text": np.array("[]")}),
        array_file(**{**GOOD, "text": np.array(TEXT.replace("size", "weight"))}),
    ],
)
def test_a_foreign_file_is_not_loaded(content, tmp_path):
    path = tmp_path / storage._FILE
    path.write_bytes(array_file(**GOOD))
    assert load_or_none(tmp_path, "f") is not None
    path.write_bytes(content)
    assert load_or_none(tmp_path, "f") is None
