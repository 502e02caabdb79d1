"""The corpus as a picture: every paper a point near papers like it, in regions named by their own words.

Positions are a t-SNE (van der Maaten and Hinton, 2008) of the papers' vectors by openTSNE, regions are k-means
clusters of the positions, and labels are the terms of titles that mark a region off from the others. All of it is
computed once for an index and kept beside it in one file.
"""

from __future__ import annotations

import json
import re
import unicodedata
import uuid
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.index import Index
from assistant.records import Paper
from assistant.stemming import stem
from assistant.text import is_stop_word

Progress = Callable[[str, float], None]
"""Called with what is being done and the share of it all that is done, 0 to 1. What it raises ends the work."""

Term = tuple[str, ...]
"""The stems of a word, or of a phrase's words."""

# Change this name whenever the same papers would get another map: maps that were kept before then count as none.
_METHOD = "tsne-1"
_FILE = "map.npz"

_FEWEST_PAPERS = 8  # fewer have no neighbourhoods to show, and stand in a circle
_NEIGHBOURS = 30.0  # t-SNE's perplexity
_ITERATIONS = 750  # openTSNE's own number: 250 that gather neighbours and 500 that spread them out
_ITERATIONS_A_REPORT = 25

_TERMS_A_LABEL = 3
_WORDS_A_TERM = 4
_LEAST_SHARE = 0.02  # of a cluster's titles hold a term that may stand for it
_FRAGMENT = 0.7  # of a term's titles that hold one longer phrase: the phrase is meant
_ABSTRACTS_READ = 4_000  # for how words are usually written

# A word that starts with a letter; anything else, white space apart, ends a phrase.
_PIECE = re.compile(r"(?<!\w)[^\W\d_](?:\w|[.-](?=\w))*\+*|\S")
# In titles of any topic; and function words of other languages that papers are often titled in.
_EMPTY_WORDS = frozenset(
    """approach approaches based better comprehensive effective efficient enhancing exploring framework improved
    help helps improving investigating leveraging method methods mitigating new novel toward towards use using via
    au aux avec ce ces dans de del della der des die du el en es et la las le les los ou par pour que qui se sur un
    una une und von y zu zur""".split()
)


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
    labels = _labels(papers, cluster_of)
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

    In the order of ids. A paper without a passage has no vector and is left out, and so are vectors of no paper,
    which an interrupted ingest may have left.
    """
    rows = {paper_id: row for row, paper_id in enumerate(index.library.content_hashes())}
    sums = np.zeros((len(rows), int(index.library.fact("dimension"))), dtype=np.float32)
    for paper_ids, vectors in index.stores["passage"].all_vectors():
        places = np.array([rows.get(paper_id, -1) for paper_id in paper_ids])
        np.add.at(sums, places[places >= 0], vectors[places >= 0])
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


# Labels


def _labels(papers: Sequence[Paper], cluster_of: NDArray[np.int16]) -> list[str]:
    """For each cluster, the terms of its titles that mark it off most. A term is in one label at most."""
    if cluster_of.max(initial=-1) < 0:
        return []
    titles = [paper.title for paper in papers]
    holders = _holders(titles)
    forms = _usual_forms(papers)
    labels = []
    for cluster, terms in enumerate(_marking_terms(holders, cluster_of)):
        spellings = [_spelling(term, (titles[place] for place in holders[term])) for term in terms]
        written = [" ".join(forms.get(word, word) for word in spelling.split()) for spelling in spellings]
        labels.append(", ".join(written) or titles[int(np.argmax(cluster_of == cluster))])
    return labels


def _marking_terms(holders: dict[Term, list[int]], cluster_of: NDArray[np.int16]) -> list[list[Term]]:
    """For each cluster, those terms of greatest weight that weigh more there than in any other."""
    terms = list(holders)
    counts = _counts(holders, cluster_of)
    weights = _weights(terms, counts)
    weights *= np.arange(counts.shape[1]) == weights.argmax(axis=1)[:, np.newaxis]
    is_common = counts >= np.maximum(2, _LEAST_SHARE * np.bincount(cluster_of))
    return [_most_marking(terms, *columns) for columns in zip(weights.T, is_common.T, strict=True)]


def _holders(titles: Sequence[str]) -> dict[Term, list[int]]:
    """The terms of titles, and for each the places of the titles that hold it.

    A phrase is one once two titles hold it. Left out are fragments, which mostly stand within one longer phrase:
    ``answering`` in ``question answering``.
    """
    found: dict[Term, list[int]] = defaultdict(list)
    for place, title in enumerate(titles):
        for term in dict.fromkeys(stems for stems, _ in _phrases(title)):
            found[term].append(place)
    phrases = {term: len(places) for term, places in found.items() if len(term) > 1 and len(places) > 1}
    fragments = {
        part
        for phrase, count in phrases.items()
        for part in (phrase[1:], phrase[:-1])
        if count >= _FRAGMENT * len(found[part])
    }
    return {
        term: places for term, places in found.items() if (len(term) == 1 or term in phrases) and term not in fragments
    }


def _phrases(text: str) -> Iterator[tuple[Term, str]]:
    """Every run of words that is no longer than a term may be, as stems and as written."""
    run: list[tuple[str, str]] = []
    for piece in _PIECE.findall(unicodedata.normalize("NFKC", text)):
        if not _is_telling(piece):
            run = []
            continue
        run = [*run, (stem(piece.lower().replace("-", "")), piece)][-_WORDS_A_TERM:]
        for first in range(len(run)):
            stems, words = zip(*run[first:], strict=True)
            yield stems, " ".join(words)


def _is_telling(piece: str) -> bool:
    word = piece.lower()
    return len(word) > 1 and word[0].isalpha() and not is_stop_word(word) and word not in _EMPTY_WORDS


def _counts(holders: dict[Term, list[int]], cluster_of: NDArray[np.int16]) -> NDArray[np.int64]:
    """How many papers of each cluster hold each term: ``(terms, clusters)``."""
    clusters = int(cluster_of.max()) + 1
    rows = [np.bincount(cluster_of[places], minlength=clusters) for places in holders.values()]
    return np.array(rows, dtype=np.int64).reshape(-1, clusters)


def _weights(terms: Sequence[Term], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """How much a term marks a cluster off, ``(terms, clusters)``: class-based TF-IDF, tf * log(1 + A / f).

    Grootendorst (2022), "BERTopic: Neural topic modeling with a class-based TF-IDF procedure": tf is the term's share
    of the cluster's terms, f its count in all clusters and A the terms of an average one. As his program can, we take
    the square root of tf, so that what is frequent everywhere does not win; and tf counts a phrase's every word.
    """
    words = np.array([len(term) for term in terms]).reshape(-1, 1)
    shares = counts * words / np.maximum(1, counts.sum(axis=0))
    frequencies = counts.sum(axis=1, keepdims=True)
    weights: NDArray[np.float64] = np.sqrt(shares) * np.log1p(counts.sum() / counts.shape[1] / frequencies)
    return weights


def _most_marking(terms: Sequence[Term], weights: NDArray[np.float64], is_common: NDArray[np.bool]) -> list[Term]:
    """The terms of greatest weight above 0 that share no word. One that is not common serves only where none is."""
    common = np.flatnonzero(weights * is_common)
    candidates = common if len(common) else np.flatnonzero(weights)
    chosen: list[Term] = []
    for place in candidates[np.argsort(-weights[candidates], kind="stable")]:
        if len(chosen) < _TERMS_A_LABEL and not any(_is_near(terms[place], other) for other in chosen):
            chosen.append(terms[place])
    return chosen


def _is_near(term: Term, other: Term) -> bool:
    """Do terms share words or their families, ``summaries`` and ``summarization``, or is one the other's acronym?"""
    return (
        any(_is_family(word, other_word) for word in term for other_word in other)
        or "".join(word[0] for word in term) == "".join(other)
        or "".join(word[0] for word in other) == "".join(term)
    )


def _is_family(word: str, other: str) -> bool:
    """Of two stems: is as good as all of the shorter one the start of the other?"""
    letters = max(4, min(len(word), len(other)) - 2)
    return word[:letters] == other[:letters]


def _spelling(term: Term, titles: Iterable[str]) -> str:
    """A term in lower case, as most of these titles spell it: ``models`` rather than ``model``."""
    spellings = Counter(written.lower() for title in titles for stems, written in _phrases(title) if stems == term)
    ((spelling, _),) = spellings.most_common(1)
    return spelling


def _usual_forms(papers: Sequence[Paper]) -> dict[str, str]:
    """Words in lower case to how they are usually written: ``BERT``, ``Arabic``, ``model``.

    Lower case is usual from a quarter of all times on: many words also start sentences and names. Some thousand
    abstracts tell. Titles may write every word large and count only where they do not.
    """
    read = papers[:: 1 + len(papers) // _ABSTRACTS_READ]
    counts = Counter(word for paper in read for word in _PIECE.findall(paper.abstract))
    counts.update(word for paper in papers for word in _PIECE.findall(paper.title) if not _is_large(word))
    variants: dict[str, list[str]] = defaultdict(list)
    for word in counts:
        variants[word.lower()].append(word)
    return {
        word: word if 4 * counts[word] >= sum(counts[form] for form in forms) else max(forms, key=counts.__getitem__)
        for word, forms in variants.items()
    }


def _is_large(word: str) -> bool:
    """Is it written as titles write any word: ``Multi-Hop`` and ``Multi-hop``, but neither ``BERT`` nor ``model``?"""
    return not word.islower() and all(part[1:] == part[1:].lower() for part in word.split("-"))


# On disk

# What zipfile, its decompressors, numpy and json raise over a file that is damaged or not ours.
_DAMAGE = (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, zipfile.BadZipFile, zlib.error)


def save(drawn: CorpusMap, folder: Path, fingerprint: str) -> None:
    """Keep a map for the index of this fingerprint, in place of any other. Raises OSError."""
    path = folder / _FILE
    fresh = folder / f"{_FILE}.{uuid.uuid4().hex[:8]}"
    text = json.dumps(
        {
            "made_for": _made_for(fingerprint),
            "paper_ids": drawn.paper_ids,
            "clusters": [asdict(cluster) for cluster in drawn.clusters],
        }
    )
    try:
        with fresh.open("wb") as file:
            np.savez_compressed(file, text=np.array(text), positions=drawn.positions, cluster_of=drawn.cluster_of)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def load_or_none(folder: Path, fingerprint: str) -> CorpusMap | None:
    """The map kept for the index of this fingerprint; None when there is none, or its file is damaged."""
    try:
        with np.load(folder / _FILE, allow_pickle=False) as arrays:
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
