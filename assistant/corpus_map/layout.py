"""The corpus as a picture: every paper a point near papers like it, in regions named by their own words.

Positions are a t-SNE (van der Maaten and Hinton, 2008) of the papers' vectors by openTSNE, regions are k-means
clusters of the positions, and labels are the terms of titles that mark a region off from the others. All of it is
computed once for an index and kept beside it in one file.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.corpus_map.labels import region_labels
from assistant.index.index import Index
from assistant.records import Paper
from assistant.system.disk import replacing

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of it all that is done, 0 to 1. What it raises ends the work."""

# Change this name whenever the same papers would get another map: maps that were kept before then count as none.
_METHOD = "tsne-1"
_FILE = "map.npz"

_FEWEST_PAPERS = 8  # fewer have no neighbourhoods to show, and stand in a circle
_NEIGHBOURS = 30.0  # t-SNE's perplexity
_ITERATIONS = 750  # openTSNE's own number: 250 that gather neighbours and 500 that spread them out
_ITERATIONS_A_REPORT = 25


@dataclass(frozen=True, slots=True)
class Cluster:
    """A region of the map. ``label`` is untrusted text: terms of titles, commas between them."""

    label: str
    x: float
    y: float
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class CorpusMap:
    """Where each paper stands, ``(papers, 2)`` in 0..1, and its cluster, largest first; -1 where there is none."""

    paper_ids: tuple[str, ...]
    positions: NDArray[np.float32]
    cluster_of: NDArray[np.int16]
    clusters: tuple[Cluster, ...]


def _silent(stage: str, share: float) -> None:
    pass


def map_of(index: Index, progress: Progress = _silent) -> CorpusMap:
    """The map kept for the index as it is now, or else a new one; kept, unless papers came or went meanwhile."""
    folder, fingerprint = index.settings.index_folder, index.fingerprint
    kept = load_or_none(folder, fingerprint)
    if kept:
        return kept
    progress("reading the vectors", 0.0)
    paper_ids, vectors = paper_vectors(index)
    papers = index.library.papers(paper_ids)
    is_left = [paper_id in papers for paper_id in paper_ids]  # someone may have removed one since
    drawn = draw([papers[paper_id] for paper_id in paper_ids if paper_id in papers], vectors[is_left], progress)
    if index.is_complete and index.fingerprint == fingerprint:
        with suppress(OSError):  # a folder that cannot be written costs the time again, not the map
            save(drawn, folder, fingerprint)
    return drawn


def draw(papers: Sequence[Paper], vectors: NDArray[np.float32], progress: Progress = _silent) -> CorpusMap:
    """The map of papers with these unit vectors, ``(papers, dimension)``. The same vectors give the same map."""
    positions = project(vectors, progress)
    progress("naming the regions", 0.95)
    cluster_of = _regions(positions)
    labels = region_labels(papers, cluster_of)
    return CorpusMap(
        tuple(paper.paper_id for paper in papers),
        positions,
        cluster_of,
        tuple(_cluster(label, positions[cluster_of == number]) for number, label in enumerate(labels)),
    )


def _cluster(label: str, positions: NDArray[np.float32]) -> Cluster:
    x, y = positions.mean(axis=0).tolist()
    return Cluster(label, x, y, len(positions))


# Vectors


def paper_vectors(index: Index) -> tuple[list[str], NDArray[np.float32]]:
    """Ids, and for each a unit vector: the direction of the mean of its passages' vectors, ``(papers, dimension)``.

    In the order of ids. A paper without a passage has no vector and is left out, and so are vectors of a paper that
    was added meanwhile.
    """
    rows = {paper_id: row for row, paper_id in enumerate(index.library.content_hashes())}
    sums = np.zeros((len(rows), int(index.library.fact("dimension"))), dtype=np.float32)
    for some in index.exact["passage"].all_rows():
        places = np.array([rows.get(paper_id, -1) for paper_id in some.paper_ids])
        np.add.at(sums, places[places >= 0], some.vectors[places >= 0])
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    is_found = lengths[:, 0] > 0
    found = [paper_id for paper_id, row in rows.items() if is_found[row]]
    return found, sums[is_found] / lengths[is_found]


# Positions


def project(vectors: NDArray[np.float32], progress: Progress = _silent) -> NDArray[np.float32]:
    """Positions ``(papers, 2)`` in 0..1 for unit vectors ``(papers, dimension)``; those of like vectors are near.

    Between unit vectors, Euclidean distance orders neighbours as the cosine does. They are searched for exactly and
    in all dimensions: half of them are others after a PCA to 50. One thread, because on a busy machine a second
    gained little for 32,000 papers and made 75 take many times as long.
    """
    if len(vectors) < _FEWEST_PAPERS or not np.ptp(vectors, axis=0).any():
        return _circle(len(vectors))
    from openTSNE import TSNE

    progress("finding neighbours", 0.05)
    embedding = TSNE(
        perplexity=min(_NEIGHBOURS, max(2.0, len(vectors) / 8)),
        metric="euclidean",
        neighbors="exact",
        random_state=0,
        n_jobs=1,
        callbacks=_reporter(progress),
        callbacks_every_iters=_ITERATIONS_A_REPORT,
    ).fit(vectors)
    return _fitted(np.asarray(embedding))


def _reporter(progress: Progress) -> Callable[[int, float, NDArray[np.float64]], None]:
    """Tells of openTSNE's iterations, whose own number starts anew at the second of its two phases."""
    reports = iter(range(_ITERATIONS_A_REPORT, _ITERATIONS + 1, _ITERATIONS_A_REPORT))

    def report(_iteration: int, _error: float, _embedding: NDArray[np.float64]) -> None:
        progress("placing the papers", 0.2 + 0.75 * next(reports) / _ITERATIONS)

    return report


def _circle(count: int) -> NDArray[np.float32]:
    """Evenly around the middle; one alone stands in it."""
    angles = 2 * np.pi * np.arange(count) / max(1, count)
    radius = 0.4 if count > 1 else 0.0
    return np.stack([0.5 + radius * np.cos(angles), 0.5 + radius * np.sin(angles)], axis=1).astype(np.float32)


def _fitted(positions: NDArray[np.float64]) -> NDArray[np.float32]:
    """Moved into the unit square and scaled to fill it one way, so that distances keep their proportions."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    scaled = (positions - (low + high) / 2) / (high - low).max() + 0.5
    fitted: NDArray[np.float32] = np.clip(scaled, 0, 1).astype(np.float32)
    return fitted


def _regions(positions: NDArray[np.float32]) -> NDArray[np.int16]:
    """The cluster of each position, numbered from the largest; -1 for so few papers that they stand in a circle.

    About 7 clusters of 75 papers, and 38 of 32,000.
    """
    if len(positions) < _FEWEST_PAPERS:
        return np.full(len(positions), -1, dtype=np.int16)
    from sklearn.cluster import KMeans

    count = round(2.1 * len(positions) ** 0.28)
    found = KMeans(count, n_init=10, random_state=0).fit_predict(positions)
    by_size = np.argsort(-np.bincount(found, minlength=count), kind="stable")
    numbered: NDArray[np.int16] = np.argsort(by_size)[found].astype(np.int16)
    return numbered


# On disk

# What zipfile, its decompressors, numpy and json raise over a file that is damaged or not ours.
_DAMAGE = (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, zipfile.BadZipFile, zlib.error)


def save(drawn: CorpusMap, folder: Path, fingerprint: str) -> None:
    """Keep a map for the index of this fingerprint, in place of any other. Raises OSError."""
    text = json.dumps(
        {
            "made_for": _made_for(fingerprint),
            "paper_ids": drawn.paper_ids,
            "clusters": [asdict(cluster) for cluster in drawn.clusters],
        }
    )
    with replacing(folder / _FILE) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, text=np.array(text), positions=drawn.positions, cluster_of=drawn.cluster_of)


def load_or_none(folder: Path, fingerprint: str) -> CorpusMap | None:
    """The map kept for the index of this fingerprint; None when there is none, or its file is damaged."""
    try:
        # numpy leaves the file open if it is damaged
        with (folder / _FILE).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            if arrays.zip.testzip():
                raise ValueError("a checksum is wrong")
            text = json.loads(str(arrays["text"]))
            if text["made_for"] != _made_for(fingerprint):
                return None
            clusters = tuple(Cluster(**fields) for fields in text["clusters"])
            drawn = CorpusMap(tuple(text["paper_ids"]), arrays["positions"], arrays["cluster_of"], clusters)
    except _DAMAGE:
        return None
    return drawn if _is_whole(drawn) else None


def _made_for(fingerprint: str) -> str:
    return f"{_METHOD} {fingerprint}"


def _is_whole(drawn: CorpusMap) -> bool:
    papers = len(drawn.paper_ids)
    return (
        drawn.positions.shape == (papers, 2)
        and drawn.cluster_of.shape == (papers,)
        and int(drawn.cluster_of.max(initial=-1)) < len(drawn.clusters)
    )
