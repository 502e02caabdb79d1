"""Reads retrieval benchmarks in BEIR format: papers, queries, and which papers are relevant to which query.

The format (Thakur et al., 2021): ``corpus.jsonl`` with ``_id``, ``title``, ``text``; ``queries.jsonl`` with ``_id``,
``text``; ``qrels/*.tsv`` with a header and ``query-id``, ``corpus-id``, ``score``. Each may be gzipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.answering.question import clean
from assistant.errors import InputError
from assistant.records import Paper
from evals.files import numbered_lines


@dataclass(frozen=True, slots=True)
class Benchmark:
    """``judgements``: query id to paper id to relevance, above 0 when relevant. Only judged queries are kept."""

    name: str
    papers: tuple[Paper, ...]
    queries: Mapping[str, str]
    judgements: Mapping[str, Mapping[str, int]]
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Query id to its kind of question, if the benchmark has kinds."""
    repeated_judgements: int = 0
    """Number of rows that repeat an earlier judgement with the same value; each judgement counts once."""


def read_benchmark(folder: Path, split: str = "") -> Benchmark:
    """The benchmark with the judgements of one split. Without a name: of the only split, or of ``test``.

    Raises InputError that names the file and line of the first error: part of a benchmark is never scored.
    """
    papers = {
        document_id: Paper(document_id, clean(str(record.get("title") or "")), _text(record, place))
        for document_id, record, place in _records(_file(folder, "corpus.jsonl"))
    }
    queries = {query_id: _text(record, place) for query_id, record, place in _records(_file(folder, "queries.jsonl"))}
    judgements, repeated = _judgements(_judged(folder, split), papers, queries)
    judged = {query_id: queries[query_id] for query_id in judgements}
    name = folder.resolve().name
    return Benchmark(name, tuple(papers.values()), judged, judgements, repeated_judgements=repeated)


def _file(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise InputError(
        f"{folder} has no {name}: give a folder in BEIR format (corpus.jsonl, queries.jsonl, qrels/*.tsv)."
    )


def _records(path: Path) -> Iterator[tuple[str, dict[str, Any], str]]:
    seen: set[str] = set()
    for line, place in numbered_lines(path):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{place}: not valid JSON ({error}).") from error
        if not isinstance(record, dict) or record.get("_id") in (None, ""):
            raise InputError(f"{place}: no _id.")
        name = str(record["_id"])
        if name in seen:
            raise InputError(f"{place}: _id {name!r} occurs twice.")
        seen.add(name)
        yield name, record, place


def _text(record: Mapping[str, Any], place: str) -> str:
    text = record.get("text")
    if not isinstance(text, str):
        raise InputError(f"{place}: no text.")
    return clean(text)


def _judged(folder: Path, split: str) -> Path:
    """The file of judgements; the uncompressed one if both exist."""
    names = {path.name.removesuffix(".gz") for path in folder.glob("qrels/*.tsv*")}
    splits = sorted(name.removesuffix(".tsv") for name in names if name.endswith(".tsv"))
    if not splits:
        raise InputError(f"{folder} has no qrels/*.tsv: add a file that says which papers are relevant to which query.")
    wanted = split or (splits[0] if len(splits) == 1 else "test")
    if wanted not in splits:
        raise InputError(f"{folder} has no qrels/{wanted}.tsv: name one of its splits, {', '.join(splits)}.")
    return _file(folder / "qrels", f"{wanted}.tsv")


def _judgements(
    path: Path, papers: Mapping[str, Paper], queries: Mapping[str, str]
) -> tuple[dict[str, dict[str, int]], int]:
    """The judgements, and how many rows repeat one. Raises InputError if two rows give different values."""
    judgements: dict[str, dict[str, int]] = {}
    repeated = 0
    header, *rows = numbered_lines(path)
    if header[0].split("\t")[:3] != ["query-id", "corpus-id", "score"]:
        raise InputError(f"{header[1]}: the header must be query-id, corpus-id, score, separated by tabs.")
    for row, place in rows:
        query_id, document_id, relevance = _judgement(row, place)
        if query_id not in queries or document_id not in papers:
            kind, name = ("query", query_id) if query_id not in queries else ("document", document_id)
            raise InputError(f"{place}: there is no {kind} {name!r}.")
        known = judgements.setdefault(query_id, {})
        repeated += document_id in known
        earlier = known.setdefault(document_id, relevance)
        if earlier != relevance:
            values = f"{earlier} and {relevance}"
            raise InputError(
                f"{place}: {document_id!r} is judged {values} for query {query_id!r}: keep one of the rows."
            )
    if not judgements:
        raise InputError(f"{path} contains no judgement: add which papers are relevant to which query.")
    return judgements, repeated


def _judgement(row: str, place: str) -> tuple[str, str, int]:
    fields = row.split("\t")
    try:
        query_id, document_id, relevance = fields
        return query_id, document_id, int(relevance)
    except ValueError as error:
        raise InputError(f"{place}: not query id, document id and a whole number, separated by tabs.") from error
