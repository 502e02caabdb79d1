"""Ingests that are interrupted, and what an index holds afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path

import pytest

from assistant.errors import Stopped
from assistant.index.chunking import chunks_of
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.settings import Settings
from ingest.pipeline import ingest_files
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import make_paper, no_progress

SPARSE = "Sparse Training of Small Models"


class FailingEmbedding(WordCountEmbedding):
    """Stands for whatever ends an ingest in the middle: gives up at a text that holds ``fails_at``."""

    fails_at: str

    def _get_text_embedding(self, text: str) -> list[float]:
        if self.fails_at in text:
            raise KeyboardInterrupt
        return super()._get_text_embedding(text)


def fail(settings: Settings, path: Path, text: str) -> None:
    """An ingest that is interrupted when it comes to a text."""
    embedding = FailingEmbedding(fails_at=text)
    index = open_for_writing(settings, embedding)
    try:
        with pytest.raises(KeyboardInterrupt):
            ingest_files([path], index, embedding, no_progress)
    finally:
        index.close()


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def write_papers(path: Path, abstracts: Mapping[str, str]) -> Path:
    lines = [json.dumps({"title": title, "abstract": abstract}) + "\n" for title, abstract in abstracts.items()]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def stored_chunks(settings: Settings) -> set[str]:
    """The ids of all chunks, at both grains."""
    index = open_for_reading(settings, WordCountEmbedding())
    try:
        return {chunk_id for store in index.exact.values() for chunk_id in [*chain(*store.all_ids())]}
    finally:
        index.close()


def stored_abstracts(settings: Settings) -> dict[str, str]:
    index = open_for_reading(settings, WordCountEmbedding())
    try:
        return {paper.title: paper.abstract for paper in index.library.all_papers()}
    finally:
        index.close()


def fingerprint(settings: Settings) -> str:
    index = open_for_reading(settings, WordCountEmbedding())
    try:
        return index.fingerprint
    finally:
        index.close()


def expected_chunks(abstracts: Mapping[str, str]) -> set[str]:
    papers = [make_paper(title, abstract) for title, abstract in abstracts.items()]
    return {chunk.chunk_id for paper in papers for chunk in chunks_of(paper)}


def ids(*titles: str) -> list[str]:
    return [make_paper(title, "").paper_id for title in titles]


def many(count: int) -> dict[str, str]:
    return {f"Hens {number}": "They lay eggs." for number in range(count)}


def stop_at(done: int) -> Callable[[int, int], None]:
    """Progress that stops when this number of papers is done."""

    def progress(now: int, total: int) -> None:
        if total and now == done:
            raise Stopped("Stopped.")

    return progress
