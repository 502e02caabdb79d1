"""The tab with the corpus as a picture. The map is computed once an index, in a thread of its own."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assistant.corpus_map.layout import CorpusMap, map_of
from assistant.errors import FootnoteError
from assistant.index.index import Index
from assistant.web.rendering import counted, problem_html
from assistant.web.views import Data
from assistant.web.views.papers import PaperViews

_STEPS = 65_535  # positions travel as 16-bit whole numbers


@dataclass
class _Drawing:
    """A map under way: what to say of it, then the map or why there is none."""

    fingerprint: str
    said: str = "Drawing the map …"
    drawn: CorpusMap | None = None
    problem: str = ""


@dataclass
class MapViews:
    """The map of the index as it is now. Points are numbers of papers in a map, named by its fingerprint."""

    index: Callable[[], Index]
    papers: PaperViews
    _drawing: _Drawing = field(default_factory=lambda: _Drawing(""))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def map(self, data: Data) -> Data:
        """The map; or how far it is; or that the page has it already."""
        with self._lock:
            if self._drawing.fingerprint != self.index().fingerprint:
                self._drawing = _Drawing(self.index().fingerprint)
                threading.Thread(target=self._draw, args=(self._drawing,), name="map", daemon=True).start()
            drawing = self._drawing
        if drawing.problem:
            return {"state": "failed", "said": drawing.problem}
        if drawing.drawn is None:
            return {"state": "computing", "said": drawing.said}
        if data["have"] == drawing.fingerprint:
            return {"state": "same"}
        return _packed(drawing.drawn, drawing.fingerprint, self.papers)

    def paper_at(self, data: Data) -> str:
        """The page of the paper at a point."""
        ids = self.papers_at({"points": [data["point"]], "fingerprint": data["fingerprint"]})
        return self.papers.page(ids[0]) if ids else problem_html("The map has changed: open it again.")

    def papers_at(self, data: Data) -> list[str]:
        """The ids of the papers at some points."""
        ids = self._ids(data)
        return [ids[point] for point in data["points"] if 0 <= point < len(ids)]

    def points(self, data: Data) -> list[int]:
        """Where papers are on the map; those that are not on it are left out."""
        wanted = set(data["ids"])
        return [point for point, paper_id in enumerate(self._ids(data)) if paper_id in wanted]

    def _ids(self, data: Data) -> Sequence[str]:
        """The ids of the map that the page has, by point; none when another one took its place."""
        drawing = self._drawing
        return drawing.drawn.paper_ids if drawing.drawn and drawing.fingerprint == data["fingerprint"] else ()

    def _draw(self, drawing: _Drawing) -> None:
        def say(stage: str, share: float) -> None:
            drawing.said = f"Drawing the map: {stage}, {share:.0%} …"

        try:
            drawing.drawn = map_of(self.index(), say)
        except FootnoteError as error:
            drawing.problem = str(error)
        finally:
            if not drawing.drawn and not drawing.problem:  # a fault of ours: its traceback is on the terminal
                drawing.problem = "The map could not be drawn; the terminal Footnote runs in says why."


def _packed(drawn: CorpusMap, fingerprint: str, papers: PaperViews) -> Data:
    titles = papers.library.titles(drawn.paper_ids)
    titles |= {one: f"{titles[one]} (retracted)" for one in papers.library.retracted_ids() & titles.keys()}
    places = np.round(drawn.positions * _STEPS).astype("<u2")
    clusters: list[dict[str, Any]] = [
        {"label": one.label, "x": one.x, "y": one.y, "size": one.size} for one in drawn.clusters
    ]
    return {
        "state": "ready",
        "fingerprint": fingerprint,
        "positions": base64.b64encode(places.tobytes()).decode("ascii"),
        "cluster": drawn.cluster_of.tolist(),
        "clusters": clusters,
        "titles": [titles.get(one, "") for one in drawn.paper_ids],
        "said": f"{counted(len(drawn.paper_ids), 'paper')} in {counted(len(clusters), 'group')}",
    }
