from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import assistant.web.views.add_papers
import assistant.web.views.map
from assistant.errors import InputError
from assistant.records import Paper
from assistant.web.views.map import MapViews
from assistant.web.views.papers import PaperViews
from tests.support.html import ParsedHtml
from tests.support.views import (
    joined,
)

PLACES = np.array([[0.0, 1.0], [0.5, 0.123456], [0.99999, 1 / 3]], dtype=np.float32)


@dataclass
class FakeCluster:
    label: str
    x: float
    y: float
    size: int


@dataclass
class FakeMap:
    """What ``load_or_compute_map`` gives."""

    paper_ids: tuple[str, ...] = ("hens", "cows", "pigs")
    positions: np.ndarray = field(default_factory=lambda: PLACES)
    cluster_of: np.ndarray = field(default_factory=lambda: np.array([0, 0, -1], dtype=np.int16))
    clusters: tuple[FakeCluster, ...] = (FakeCluster("birds", 0.25, 0.5, 2),)


@dataclass
class FakeIndex:
    """An index of which only this much is asked; its pigs were removed."""

    fingerprint: str = "one"

    @property
    def library(self):
        return self

    @property
    def roles(self):
        return self

    @property
    def source_table(self):
        return self

    def collections_of(self, _) -> dict[str, tuple[str, ...]]:
        return {}

    def links_of(self, _) -> dict[str, tuple[str, ...]]:
        return {}

    def of_papers(self, paper_ids) -> dict[tuple[str, int, int], str]:
        return {(paper_id, 0, 9): "result" for paper_id in paper_ids}

    def papers(self, paper_ids) -> dict[str, Paper]:
        known = {"hens": Paper("hens", "Hens", "Hens lay."), "cows": Paper("cows", "Cows", "Cows give milk.")}
        return {one: known[one] for one in paper_ids if one in known}

    def titles(self, paper_ids) -> dict[str, str]:
        return {paper_id: paper.title for paper_id, paper in self.papers(paper_ids).items()}

    def retracted_ids(self) -> set[str]:
        return {"cows", "whales"}


@dataclass
class FakeRetriever:
    index: FakeIndex

    def nearest(self, paper, count) -> list[Paper]:
        return []


@dataclass
class Computation:
    """Replaces ``load_or_compute_map``: reports progress, waits for ``go`` and gives its map."""

    go: threading.Event = field(default_factory=threading.Event)
    reported: threading.Event = field(default_factory=threading.Event)
    times: int = 0
    error: Exception | None = None

    def __call__(self, index, progress) -> FakeMap:
        self.times += 1
        progress("laying out", 0.5)
        self.reported.set()
        assert self.go.wait(5)
        if self.error:
            raise self.error
        return FakeMap()


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex()


@pytest.fixture
def computation(monkeypatch):
    stand_in = Computation()
    monkeypatch.setattr(assistant.web.views.map, "load_or_compute_map", stand_in)
    yield stand_in
    stand_in.go.set()
    joined("map")


@pytest.fixture
def map_views(index) -> MapViews:
    return MapViews(lambda: index, PaperViews(lambda: FakeRetriever(index), len))  # type: ignore[arg-type,return-value]


def ready(views: MapViews, computation: Computation) -> dict[str, Any]:
    """The map as the page gets it."""
    views.map({"have": ""})
    computation.go.set()
    joined("map")
    return views.map({"have": ""})


def test_a_map_that_is_being_computed_reports_progress(map_views, computation):
    first = map_views.map({"have": ""})
    assert first["state"] == "computing"
    assert first["message"].startswith("Computing the map")
    assert computation.reported.wait(5)
    assert map_views.map({"have": ""}) == {"state": "computing", "message": "Computing the map: laying out, 50% …"}


def test_a_map_is_computed_only_once(map_views, computation):
    for _ in range(3):
        map_views.map({"have": ""})
    found = ready(map_views, computation)
    assert found["state"] == "ready"
    assert map_views.map({"have": "another"}) == found
    assert computation.times == 1


def test_a_map_has_titles_and_clusters_as_json(map_views, computation):
    found = ready(map_views, computation)
    assert json.loads(json.dumps(found)) == found
    assert found["titles"] == ["Hens", "Cows (retracted)", ""]  # of a paper that was removed meanwhile there is none
    assert found["cluster_of"] == [0, 0, -1]
    assert found["clusters"] == [{"label": "birds", "x": 0.25, "y": 0.5, "size": 2}]
    assert found["message"] == "3 papers in 1 cluster"


def test_positions_are_sent_as_two_16_bit_integers_per_paper(map_views, computation):
    data = base64.b64decode(ready(map_views, computation)["positions"])
    places = np.frombuffer(data, dtype="<u2").reshape(-1, 2) / 65_535
    assert places.shape == PLACES.shape
    assert np.abs(places - PLACES).max() <= 1 / 65_535
    assert places[0].tolist() == [0.0, 1.0]


def test_a_page_that_has_the_map_does_not_get_it_again(map_views, computation):
    found = ready(map_views, computation)
    assert map_views.map({"have": found["fingerprint"]}) == {"state": "same"}


def test_an_index_that_changed_gets_another_map(map_views, computation, index):
    old = ready(map_views, computation)
    computation.go.clear()
    index.fingerprint = "two"
    assert map_views.map({"have": old["fingerprint"]})["state"] == "computing"
    computation.go.set()
    joined("map")
    new = map_views.map({"have": old["fingerprint"]})
    assert (new["state"], new["fingerprint"]) == ("ready", "two")
    assert computation.times == 2


def test_a_map_that_cannot_be_computed_says_why(map_views, computation):
    computation.error = InputError("There are too few papers for a map: add more.")
    assert ready(map_views, computation) == {
        "state": "failed",
        "message": "There are too few papers for a map: add more.",
    }


def test_a_bug_in_the_computation_shows_a_message_and_a_traceback_in_the_terminal(map_views, computation, faults):
    computation.error = KeyError("a bug")
    found = ready(map_views, computation)
    assert found == {
        "state": "failed",
        "message": "The map could not be computed. The error is printed in the terminal that Footnote runs in.",
    }
    assert faults == [KeyError]


def test_points_and_papers_are_translated_into_each_other(map_views, computation):
    fingerprint = ready(map_views, computation)["fingerprint"]
    assert map_views.papers_at({"points": [1, 0], "fingerprint": fingerprint}) == ["cows", "hens"]
    assert map_views.points({"ids": ["pigs", "hens", "whales"], "fingerprint": fingerprint}) == [0, 2]


def test_points_that_are_not_on_the_map_are_ignored(map_views, computation):
    fingerprint = ready(map_views, computation)["fingerprint"]
    assert map_views.papers_at({"points": [-1, 3, 2], "fingerprint": fingerprint}) == ["pigs"]


def test_points_of_an_outdated_map_give_nothing(map_views, computation, index):
    old = ready(map_views, computation)["fingerprint"]
    index.fingerprint = "two"
    ready(map_views, computation)
    assert map_views.papers_at({"points": [0], "fingerprint": old}) == []
    assert map_views.points({"ids": ["hens"], "fingerprint": old}) == []
    assert (
        ParsedHtml(map_views.paper_at({"point": 0, "fingerprint": old})).visible_text
        == "The map has changed: open it again."
    )
    assert map_views.points({"ids": ["hens"], "fingerprint": "two"}) == [0]


def test_without_a_map_there_are_no_points(map_views):
    assert map_views.points({"ids": ["hens"], "fingerprint": ""}) == []


def test_a_point_opens_its_paper(map_views, computation):
    fingerprint = ready(map_views, computation)["fingerprint"]
    assert ParsedHtml(map_views.paper_at({"point": 1, "fingerprint": fingerprint})).one("h3").text == "Cows"
    gone = ParsedHtml(map_views.paper_at({"point": 2, "fingerprint": fingerprint}))
    assert gone.visible_text == "This paper is no longer indexed."
