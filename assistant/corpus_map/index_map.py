"""The map of an index: loaded from its file, or computed and stored there."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from assistant.corpus_map.layout import CorpusMap, StageProgress, compute_map, ignore_progress
from assistant.corpus_map.storage import load_or_none, save
from assistant.index.index import Index


def load_or_compute_map(index: Index, progress: StageProgress = ignore_progress) -> CorpusMap:
    """The stored map of the current index, or else a new one, which is stored unless the index changed meanwhile."""
    folder, fingerprint = index.settings.index_folder, index.fingerprint
    stored = load_or_none(folder, fingerprint)
    if stored:
        return stored
    progress("reading the vectors", 0.0)
    paper_ids, vectors = paper_vectors(index)
    papers = index.library.papers(paper_ids)
    is_indexed = [paper_id in papers for paper_id in paper_ids]  # a paper may have been removed meanwhile
    known = [papers[paper_id] for paper_id in paper_ids if paper_id in papers]
    corpus_map = compute_map(known, vectors[is_indexed], progress)
    if index.is_complete and index.fingerprint == fingerprint:
        with suppress(OSError):  # without the file, the next start computes the map again
            save(corpus_map, folder, fingerprint)
    return corpus_map


def paper_vectors(index: Index) -> tuple[list[str], NDArray[np.float32]]:
    """The ids of papers in order, and a unit vector for each, ``(papers, dimension)``.

    The vector of a paper has the direction of the mean of its passages' vectors. Papers without a passage are left
    out, and so are those added meanwhile.
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
