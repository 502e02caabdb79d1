"""Computes the map of a corpus: a position for every paper, close to similar papers, and labelled clusters.

Positions are a t-SNE (van der Maaten and Hinton, 2008) of the papers' vectors by openTSNE, clusters are found by
k-means in the positions, and the label of a cluster holds terms of its titles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.corpus_map.labels import cluster_labels
from assistant.records import Paper

StageProgress = Callable[[str, float], None]
"""Called with the name of a stage and the share of all work that is done, 0 to 1. May raise to stop the work."""

_FEWEST_PAPERS = 8  # fewer have no neighbourhoods to show and are placed on a circle
_NEIGHBOURS = 30.0  # t-SNE's perplexity
_ITERATIONS = 750  # openTSNE's default: 250 of early exaggeration and 500 after it
_REPORT_EVERY = 25


@dataclass(frozen=True, slots=True)
class Cluster:
    """Papers that are close together, and the middle of their positions.

    ``label`` is untrusted text: terms of titles, separated by commas.
    """

    label: str
    x: float
    y: float
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class CorpusMap:
    """The position of each paper, ``(papers, 2)`` in 0..1, and its cluster, the largest first; -1 for no cluster."""

    paper_ids: tuple[str, ...]
    positions: NDArray[np.float32]
    cluster_of: NDArray[np.int16]
    clusters: tuple[Cluster, ...]


def ignore_progress(stage: str, share: float) -> None:
    pass


def compute_map(
    papers: Sequence[Paper], vectors: NDArray[np.float32], progress: StageProgress = ignore_progress
) -> CorpusMap:
    """The map of papers with these unit vectors, ``(papers, dimension)``. The same vectors give the same map."""
    positions = project(vectors, progress)
    progress("labelling the clusters", 0.95)
    cluster_of = _clusters_of(positions)
    labels = cluster_labels(papers, cluster_of)
    return CorpusMap(
        tuple(paper.paper_id for paper in papers),
        positions,
        cluster_of,
        tuple(_cluster(label, positions[cluster_of == number]) for number, label in enumerate(labels)),
    )


def _cluster(label: str, positions: NDArray[np.float32]) -> Cluster:
    x, y = positions.mean(axis=0).tolist()
    return Cluster(label, x, y, len(positions))


def project(vectors: NDArray[np.float32], progress: StageProgress = ignore_progress) -> NDArray[np.float32]:
    """Positions ``(papers, 2)`` in 0..1 for unit vectors ``(papers, dimension)``; similar vectors get close positions.

    For unit vectors, Euclidean distance and cosine order neighbours in the same way. Neighbours are searched exactly
    and in all dimensions, because after a PCA to 50 half of them differ. One thread, because on a busy machine a
    second one gained little for 32,000 papers and made 75 papers take many times as long.
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
        callbacks_every_iters=_REPORT_EVERY,
    ).fit(vectors)
    return _fitted(np.asarray(embedding))


def _reporter(progress: StageProgress) -> Callable[[int, float, NDArray[np.float64]], None]:
    """Reports the share of iterations done; openTSNE restarts its own count in the second of its two phases."""
    reports = iter(range(_REPORT_EVERY, _ITERATIONS + 1, _REPORT_EVERY))

    def report(_iteration: int, _error: float, _embedding: NDArray[np.float64]) -> None:
        progress("placing the papers", 0.2 + 0.75 * next(reports) / _ITERATIONS)

    return report


def _circle(count: int) -> NDArray[np.float32]:
    """Positions evenly on a circle; a single paper is in the middle."""
    angles = 2 * np.pi * np.arange(count) / max(1, count)
    radius = 0.4 if count > 1 else 0.0
    return np.stack([0.5 + radius * np.cos(angles), 0.5 + radius * np.sin(angles)], axis=1).astype(np.float32)


def _fitted(positions: NDArray[np.float64]) -> NDArray[np.float32]:
    """Positions moved and scaled into the unit square, by the same factor in both directions."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    scaled = (positions - (low + high) / 2) / (high - low).max() + 0.5
    fitted: NDArray[np.float32] = np.clip(scaled, 0, 1).astype(np.float32)
    return fitted


def _clusters_of(positions: NDArray[np.float32]) -> NDArray[np.int16]:
    """The cluster of each position, numbered from the largest; -1 for papers on a circle.

    About 7 clusters for 75 papers, and 38 for 32,000.
    """
    if len(positions) < _FEWEST_PAPERS:
        return np.full(len(positions), -1, dtype=np.int16)
    from sklearn.cluster import KMeans

    count = round(2.1 * len(positions) ** 0.28)
    found = KMeans(count, n_init=10, random_state=0).fit_predict(positions)
    by_size = np.argsort(-np.bincount(found, minlength=count), kind="stable")
    numbered: NDArray[np.int16] = np.argsort(by_size)[found].astype(np.int16)
    return numbered
