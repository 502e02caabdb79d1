"""Measures how fast papers are indexed, compared with the plain way.

In one run: ``python -m evals.benchmarks.ingest_speed [PAPERS] [--count N]``.

The plain way is the obvious program: the same chunks, sentence-transformers' ``encode`` in 32 bits in one call, and
Chroma's ``upsert``. Ours reads the file, splits, embeds, and stores papers, vectors and BM25 indexes. Each runs in a
process of its own, in turn; loading the model is not counted. Then questions are searched for: by nearest chunks in
the plain way, by all that the assistant looks at in ours. ``--quality FOLDER``, a benchmark in BEIR format, says what
embedding as ours does costs in nDCG@10.

For one index of many papers: ``python -m evals.benchmarks.ingest_speed PAPERS --count 32188 --rounds 1 --ways ours``.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.answering.retrieval import Retriever
from assistant.errors import FootnoteError
from assistant.index.chunking import chunks_of, embedded_text
from assistant.index.layout import GRAINS
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.models.locate import embedding_folder
from assistant.models.sentence_transformer import SentenceTransformerEmbedding
from assistant.records import Paper
from assistant.settings import PACKAGED, Settings
from assistant.system.memory import limit_caches
from evals.benchmarks.beir import Benchmark, read_benchmark
from evals.benchmarks.peak import peak_gigabytes
from evals.files import read_abstracts
from evals.runs.retrieval import DEPTH, scores
from ingest.pipeline import ingest_files

_BATCH_ROWS = 5_000  # Chroma refuses more than 5,461 rows at once
_WAYS = ("plain", "ours")
_QUESTIONS = 60


def main() -> int:
    options = _options()
    if options.way:
        print(json.dumps(_run(options.way, options.papers)))
        return 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            papers = Path(folder) / "papers.jsonl"
            count = _write(options.papers, options.count, papers)
            _compare(papers, count, options.ways, options.rounds)
        if options.quality:
            _print_quality(read_benchmark(options.quality))
    except FootnoteError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "papers", nargs="?", type=Path, help="JSON lines of {id, title, abstract}; generated if none is given"
    )
    parser.add_argument("--count", type=int, default=500, help="papers to index (500)")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds; the medians are printed (3)")
    parser.add_argument("--ways", nargs="+", choices=_WAYS, default=_WAYS, help="which (both)")
    parser.add_argument("--quality", type=Path, metavar="FOLDER", help="a benchmark in BEIR format")
    parser.add_argument("--way", choices=_WAYS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _compare(papers: Path, count: int, ways: Sequence[str], rounds: int) -> None:
    found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            command = [sys.executable, "-m", "evals.benchmarks.ingest_speed", str(papers), "--way", way]
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
            found[way].append(json.loads(done.stdout.splitlines()[-1]))
    for way, runs in found.items():
        median = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        print(
            f"{way:6} {count} papers: {count / median['seconds']:7.1f} papers/s, peak {median['gigabytes']:.2f} GB, "
            f"disk {median['disk_bytes'] / count / 1e3:.1f} kB per paper, "
            f"a question searched for {median['milliseconds']:.0f} ms",
            flush=True,
        )


def _write(source: Path | None, count: int, path: Path) -> int:
    """Write some papers of the file, spread over it, or generated ones; returns how many."""
    papers = list(read_abstracts(source)) if source else list(made_up_papers(count))
    step = max(1, len(papers) // count)
    chosen = [paper for paper in papers[::step] if paper[1].strip() and paper[2].strip()][:count]
    with path.open("w", encoding="utf-8") as file:
        for _, title, abstract in chosen:
            file.write(json.dumps({"title": title, "abstract": abstract}) + "\n")
    return len(chosen)


def made_up_papers(count: int) -> Iterator[tuple[str, str, str]]:
    """Papers of random words, as long as abstracts: nine sentences of about twenty words."""
    chance = random.Random(0)  # noqa: S311 - the same every time is the point
    words = ["".join(chance.choices("abcdefghijklmnoprstuvw", k=chance.randint(3, 9))) for _ in range(8_000)]
    for number in range(count):
        sentences = [" ".join(chance.choices(words, k=chance.randint(12, 28))).capitalize() for _ in range(9)]
        yield str(number), " ".join(chance.choices(words, k=9)), ". ".join(sentences) + "."


def _run(way: str, path: Path) -> dict[str, float]:
    ways = {"ours": _ours, "plain": _plain}
    work, search = ways[way](path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = _seconds(lambda: work(folder))
        gigabytes = peak_gigabytes()
        return {
            "seconds": seconds,
            "gigabytes": gigabytes,
            "disk_bytes": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
            "milliseconds": search(folder),
        }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _ours(path: Path) -> tuple[Callable[[Path], None], Callable[[Path], float]]:
    """What indexes the papers in a folder, and what then gives the milliseconds that a question is searched for."""
    limit_caches()
    embedding = SentenceTransformerEmbedding(PACKAGED)
    embedding.vectors_of(["warm"])

    def work(home: Path) -> None:
        with closing(open_for_writing(Settings.load({}, home=home), embedding)) as index:
            ingest_files([path], index, embedding, lambda *_: None)

    def search(home: Path) -> float:
        with closing(open_for_reading(Settings.load({}, home=home), embedding)) as index:
            retriever = Retriever(index, embedding)
            return _median_milliseconds(retriever.retrieve, path)

    return work, search


def _median_milliseconds(search: Callable[[str], object], path: Path) -> float:
    """Over questions for papers spread over the file; the first, which loads the vectors, is not counted."""
    titles = [json.loads(line)["title"] for line in path.read_text(encoding="utf-8").splitlines()]
    questions = [f"What does “{title}” find?" for title in titles[:: max(1, len(titles) // _QUESTIONS)]]
    search(questions[0])
    return 1_000 * statistics.median(_seconds(partial(search, question)) for question in questions)


def _plain(path: Path) -> tuple[Callable[[Path], None], Callable[[Path], float]]:
    """As ``_ours``."""
    import chromadb

    encode = _plain_encode()
    encode(["warm"])

    def work(folder: Path) -> None:
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        papers = [Paper(str(number), one["title"], one["abstract"]) for number, one in enumerate(records)]
        chunks = [(paper, chunk) for paper in papers for chunk in chunks_of(paper)]
        vectors = encode([embedded_text(*pair) for pair in chunks])
        client = chromadb.PersistentClient(path=str(folder))
        for grain in GRAINS:
            rows = [row for row, (_, chunk) in enumerate(chunks) if chunk.grain == grain]
            collection = client.get_or_create_collection(grain, configuration={"hnsw": {"space": "cosine"}})
            for first in range(0, len(rows), _BATCH_ROWS):
                batch = rows[first : first + _BATCH_ROWS]
                collection.upsert(
                    ids=[chunks[row][1].chunk_id for row in batch],
                    embeddings=vectors[batch],
                    documents=[embedded_text(*chunks[row]) for row in batch],
                    metadatas=[{"paper_id": chunks[row][0].paper_id} for row in batch],
                )

    def search(folder: Path) -> float:
        client = chromadb.PersistentClient(path=str(folder))
        collections = [client.get_collection(grain) for grain in GRAINS]

        def ask(question: str) -> None:
            vector = encode([question])
            for collection in collections:
                collection.query(query_embeddings=vector, n_results=10)

        return _median_milliseconds(ask, path)

    return work, search


def _plain_encode() -> Callable[[list[str]], NDArray[np.float32]]:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(embedding_folder(PACKAGED))
    return lambda texts: np.asarray(model.encode(texts, normalize_embeddings=True), dtype=np.float32)


def _print_quality(benchmark: Benchmark) -> None:
    chunks = [(number, chunk) for number, paper in enumerate(benchmark.papers) for chunk in chunks_of(paper)]
    texts = [embedded_text(benchmark.papers[number], chunk) for number, chunk in chunks]
    owners = np.array([number for number, _ in chunks])
    encode = _plain_encode()
    queries = encode(list(benchmark.queries.values()))
    for name, embed in (("32 bits", encode), ("as ours", SentenceTransformerEmbedding(PACKAGED).vectors_of)):
        vectors = embed(texts)
        rankings = dict(zip(benchmark.queries, _rankings(queries, vectors, owners, benchmark.papers), strict=True))
        values = scores(rankings, benchmark.judgements)["nDCG@10"].values()
        print(f"{benchmark.name}, nearest chunk, embedded in {name}: nDCG@10 {statistics.mean(values):.4f}", flush=True)


def _rankings(
    queries: NDArray[np.float32], vectors: NDArray[np.float32], owners: NDArray[np.int64], papers: Sequence[Paper]
) -> Iterator[dict[str, float]]:
    """For each query, the best papers by the cosine of their nearest chunk."""
    for query in queries:
        best = np.full(len(papers), -1.0, dtype=np.float32)
        np.maximum.at(best, owners, vectors @ query)
        order = np.argsort(-best, kind="stable")[:DEPTH]
        yield {papers[number].paper_id: float(best[number]) for number in order}


if __name__ == "__main__":
    sys.exit(main())
