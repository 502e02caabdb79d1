"""The tab with the map of the corpus. The map of an index is computed once, in a separate thread."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assistant.corpus_map.index_map import load_or_compute_map
from assistant.corpus_map.layout import CorpusMap
from assistant.errors import FootnoteError
from assistant.index.index import Index
from assistant.web.rendering import counted, problem_html
from assistant.web.views import Data
from assistant.web.views.papers import PaperViews

_BUG = "The map could not be computed. The error is printed in the terminal that Footnote runs in."
_STEPS = 65_535  # positions are sent as 16-bit integers


@dataclass
class _Computation:
    """A map that is being computed: a message about its progress, then the map or the reason why there is none."""

    fingerprint: str
    message: str = "Computing the map …"
    corpus_map: CorpusMap | None = None
    problem: str = ""


@dataclass
class MapViews:
    """The map of the current index. A point is the number of a paper in the map with a given fingerprint."""

    index: Callable[[], Index]
    papers: PaperViews
    _computation: _Computation = field(default_factory=lambda: _Computation(""))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def map(self, data: Data) -> Data:
        """The map, or the progress of its computation, or that the page already has it."""
        with self._lock:
            if self._computation.fingerprint != self.index().fingerprint:
                self._computation = _Computation(self.index().fingerprint)
                threading.Thread(target=self._compute, args=(self._computation,), name="map", daemon=True).start()
            computation = self._computation
        if computation.problem:
            return {"state": "failed", "message": computation.problem}
        if computation.corpus_map is None:
            return {"state": "computing", "message": computation.message}
        if data["have"] == computation.fingerprint:
            return {"state": "same"}
        return _packed(computation.corpus_map, computation.fingerprint, self.papers)

    def paper_at(self, data: Data) -> str:
        """The HTML of the paper at a point."""
        ids = self.papers_at({"points": [data["point"]], "fingerprint": data["fingerprint"]})
        return self.papers.page(ids[0]) if ids else problem_html("The map has changed: open it again.")

    def papers_at(self, data: Data) -> list[str]:
        """The ids of the papers at some points."""
        ids = self._ids(data)
        return [ids[point] for point in data["points"] if 0 <= point < len(ids)]

    def points(self, data: Data) -> list[int]:
        """The points of papers; papers that are not on the map are left out."""
        wanted = set(data["ids"])
        return [point for point, paper_id in enumerate(self._ids(data)) if paper_id in wanted]

    def _ids(self, data: Data) -> Sequence[str]:
        """The ids of papers by point; none when the page has the map of an earlier index."""
        computation = self._computation
        is_same = computation.fingerprint == data["fingerprint"]
        return computation.corpus_map.paper_ids if computation.corpus_map and is_same else ()

    def _compute(self, computation: _Computation) -> None:
        def say(stage: str, share: float) -> None:
            computation.message = f"Computing the map: {stage}, {share:.0%} …"

        try:
            computation.corpus_map = load_or_compute_map(self.index(), say)
        except FootnoteError as error:
            computation.problem = str(error)
        finally:
            if not computation.corpus_map and not computation.problem:  # a bug, whose traceback is printed
                computation.problem = _BUG


def _packed(corpus_map: CorpusMap, fingerprint: str, papers: PaperViews) -> Data:
    titles = papers.library.titles(corpus_map.paper_ids)
    titles |= {one: f"{titles[one]} (retracted)" for one in papers.library.retracted_ids() & titles.keys()}
    places = np.round(corpus_map.positions * _STEPS).astype("<u2")
    clusters: list[dict[str, Any]] = [
        {"label": one.label, "x": one.x, "y": one.y, "size": one.size} for one in corpus_map.clusters
    ]
    return {
        "state": "ready",
        "fingerprint": fingerprint,
        "positions": base64.b64encode(places.tobytes()).decode("ascii"),
        "cluster_of": corpus_map.cluster_of.tolist(),
        "clusters": clusters,
        "titles": [titles.get(one, "") for one in corpus_map.paper_ids],
        "message": f"{counted(len(corpus_map.paper_ids), 'paper')} in {counted(len(clusters), 'cluster')}",
    }
