"""Measures retrieval: dense only, BM25 only and fused, on a benchmark or on known items of the user's own papers,
compared with BM25 as papers report it.

Each benchmark is ingested into a home of its own and searched by the retriever that answers use. The measures are those
of ir_measures (MacAvaney, Macdonald and Ounis, 2022).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace

import ir_measures
from ir_measures import RR, R, nDCG

from assistant.answering.retrieval import BM25_ONLY, DENSE_ONLY, FUSED, Retriever, Weights
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.interfaces import Embedder
from assistant.settings import Settings
from assistant.system.progress import NamedProgress, progress_of
from assistant.versions import code_version
from evals.benchmarks.beir import Benchmark
from evals.benchmarks.bm25_reference import ReferenceBM25
from evals.kept import Kept, key_of
from ingest.pipeline import ingest_papers

WEIGHTS: Mapping[str, Weights] = {"dense": DENSE_ONLY, "BM25": BM25_ONLY, "fused": FUSED}
REFERENCE = "reference BM25"
MEASURES = (nDCG @ 10, R @ 1, R @ 5, R @ 10, R @ 100, RR)
DEPTH = 100  # papers ranked per query

Ranking = Mapping[str, float]
"""Paper id to score, best first."""


@dataclass(frozen=True, slots=True)
class RetrievalRun:
    """``rankings``: system to query id to ranking."""

    benchmark: Benchmark
    fingerprint: str
    rankings: Mapping[str, Mapping[str, Ranking]]


def run(benchmark: Benchmark, settings: Settings, embedding: Embedder, progress: NamedProgress) -> RetrievalRun:
    """Rank the papers for every query with every system; stored rankings of an interrupted run are used."""
    home = settings.home / "evals" / f"{benchmark.name}-{_content_key(benchmark)}-{embedding.fingerprint[:12]}"
    own = replace(settings, home=home)
    with closing(open_for_writing(own, embedding)) as writer:
        items = [(paper, benchmark.name) for paper in benchmark.papers]
        ingest_papers(items, writer, embedding, progress_of(progress, "indexing"))
    index = open_for_reading(own, embedding)
    try:
        with Kept(home / "rankings.jsonl") as kept:
            rankings = {
                system: _rankings(system, Retriever(index, embedding, weights), benchmark, kept, progress)
                for system, weights in WEIGHTS.items()
            }
        reference = ReferenceBM25(benchmark.papers)
        rankings[REFERENCE] = {name: reference.rank(text, DEPTH) for name, text in benchmark.queries.items()}
        return RetrievalRun(benchmark, index.fingerprint, rankings)
    finally:
        index.close()


def scores(rankings: Mapping[str, Ranking], judgements: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, float]]:
    """Measure to query id to value. A query without results scores 0."""
    found: dict[str, dict[str, float]] = {str(measure): dict.fromkeys(judgements, 0.0) for measure in MEASURES}
    # Rank in place of score: the measures would otherwise order ties, and scores equal to six digits, in their own way.
    ranked = {
        query_id: {paper_id: float(-rank) for rank, paper_id in enumerate(ranking)}
        for query_id, ranking in rankings.items()
        if ranking
    }
    qrels = {query_id: dict(judged) for query_id, judged in judgements.items()}
    for metric in ir_measures.iter_calc(MEASURES, qrels, ranked):
        found[str(metric.measure)][metric.query_id] = float(metric.value)
    return found


def _rankings(
    system: str, retriever: Retriever, benchmark: Benchmark, kept: Kept, progress: NamedProgress
) -> dict[str, Ranking]:
    rankings: dict[str, Ranking] = {}
    weights = retriever.weights
    made_by = (weights.passage, weights.sentence, weights.word, DEPTH, code_version())
    for number, (query_id, text) in enumerate(benchmark.queries.items(), start=1):
        key = key_of(text, made_by, retriever.index.fingerprint)
        if key not in kept:
            kept[key] = retriever.rank(text, DEPTH)
        rankings[query_id] = kept[key]
        progress(system, number, len(benchmark.queries))
    return rankings


def _content_key(benchmark: Benchmark) -> str:
    return key_of(sorted((paper.paper_id, paper.content_hash) for paper in benchmark.papers))[:8]
