"""The map of an index in one file of its folder."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path

import numpy as np

from assistant.corpus_map.layout import Cluster, CorpusMap
from assistant.system.disk import replacing

# Change this name when the same papers would get another map, so that maps stored before are not used.
_METHOD = "tsne-1"
_FILE = "map.npz"

# What zipfile, its decompressors, numpy and json raise for a damaged or foreign file.
_DAMAGE = (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, zipfile.BadZipFile, zlib.error)


def save(corpus_map: CorpusMap, folder: Path, fingerprint: str) -> None:
    """Store the map of the index with this fingerprint, in place of any other. Raises OSError."""
    text = json.dumps(
        {
            "made_for": _made_for(fingerprint),
            "paper_ids": corpus_map.paper_ids,
            "clusters": [asdict(cluster) for cluster in corpus_map.clusters],
        }
    )
    with replacing(folder / _FILE) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, text=np.array(text), positions=corpus_map.positions, cluster_of=corpus_map.cluster_of)


def load_or_none(folder: Path, fingerprint: str) -> CorpusMap | None:
    """The stored map of the index with this fingerprint; None when there is none or its file is damaged."""
    try:
        # numpy does not close a damaged file that it opened itself.
        with (folder / _FILE).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            if arrays.zip.testzip():
                raise ValueError("a checksum is wrong")
            text = json.loads(str(arrays["text"]))
            if text["made_for"] != _made_for(fingerprint):
                return None
            clusters = tuple(Cluster(**fields) for fields in text["clusters"])
            corpus_map = CorpusMap(tuple(text["paper_ids"]), arrays["positions"], arrays["cluster_of"], clusters)
    except _DAMAGE:
        return None
    return corpus_map if _is_consistent(corpus_map) else None


def _made_for(fingerprint: str) -> str:
    return f"{_METHOD} {fingerprint}"


def _is_consistent(corpus_map: CorpusMap) -> bool:
    papers = len(corpus_map.paper_ids)
    return (
        corpus_map.positions.shape == (papers, 2)
        and corpus_map.cluster_of.shape == (papers,)
        and int(corpus_map.cluster_of.max(initial=-1)) < len(corpus_map.clusters)
    )
