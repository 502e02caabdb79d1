from __future__ import annotations

import numpy as np
import pytest

from assistant.corpus_map import index_map, layout
from assistant.corpus_map.index_map import load_or_compute_map, paper_vectors
from assistant.index.exact import Rows
from tests.support.topics import unit_vectors


def test_vector_of_a_paper_is_the_direction_of_the_mean_of_its_passages(make_assistant, monkeypatch):
    index = make_assistant().retriever.index
    paper_id = min(index.library.content_hashes())
    pages = [([paper_id, "nobody"], [[3.0, 0.0], [9.0, 9.0]]), ([paper_id], [[0.0, 4.0]]), (["nobody"], [[1.0, 1.0]])]
    monkeypatch.setitem(index.exact, "passage", Pages(pages))
    index.library.fact = {"dimension": "2"}.get
    paper_ids, vectors = paper_vectors(index)
    assert paper_ids == [paper_id]
    assert vectors == pytest.approx(np.array([[0.6, 0.8]]))


class Pages:
    """An exact store with these papers and vectors."""

    def __init__(self, pages: list[tuple[list[str], list[list[float]]]]) -> None:
        self.pages = pages

    def all_rows(self):
        return (Rows(paper_ids, np.array(vectors, dtype=np.float32), paper_ids) for paper_ids, vectors in self.pages)


def test_vectors_are_of_length_one_and_in_the_order_of_ids(make_assistant):
    index = make_assistant().retriever.index
    paper_ids, vectors = paper_vectors(index)
    assert paper_ids == sorted(index.library.content_hashes())
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3))


def test_map_of_an_index_holds_its_papers(make_assistant):
    index = make_assistant().retriever.index
    assert list(load_or_compute_map(index).paper_ids) == sorted(index.library.content_hashes())


def test_map_of_an_index_is_computed_once(make_assistant, monkeypatch):
    index = make_assistant().retriever.index
    first = load_or_compute_map(index)
    monkeypatch.delattr(layout, "project")
    again = load_or_compute_map(index)
    assert again.paper_ids == first.paper_ids
    assert (again.positions == first.positions).all()


def test_map_is_returned_even_when_its_folder_is_not_writable(make_assistant, monkeypatch):
    def refuse(*_):
        raise PermissionError("read-only")

    monkeypatch.setattr(index_map, "save", refuse)
    assert len(load_or_compute_map(make_assistant().retriever.index).paper_ids) == 3


def test_map_is_not_stored_when_the_index_changed_meanwhile(make_assistant, monkeypatch):
    index = make_assistant().retriever.index
    whole = layout.compute_map

    def compute_slowly(*arguments):
        index.library.fact = {"fingerprint": "another", "state": "complete"}.get
        return whole(*arguments)

    monkeypatch.setattr(index_map, "compute_map", compute_slowly)
    assert len(load_or_compute_map(index).paper_ids) == 3
    assert not list(index.settings.index_folder.glob("map*"))


def test_paper_removed_during_the_computation_is_left_out(make_assistant, monkeypatch):
    index = make_assistant().retriever.index
    all_ids = sorted(index.library.content_hashes())
    monkeypatch.setattr(index_map, "paper_vectors", lambda _: (["gone", *all_ids], unit_vectors(4)))
    assert list(load_or_compute_map(index).paper_ids) == all_ids
