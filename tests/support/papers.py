"""Three short papers, and how tests put papers into an index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.index.opening import open_for_writing
from assistant.index.writer import IndexWriter
from assistant.records import Paper, paper_id_of
from assistant.settings import Settings
from ingest.pipeline import ingest_files, ingest_papers
from ingest.report import Report
from tests.support.fakes import WordCountEmbedding

ABSTRACTS = {
    "Sparse Training of Small Models": (
        "Training language models costs much energy. We train sparse models with 75% of the weights set to zero. "
        "Sparse training reduces the cost by 2.5x on the Pile. Accuracy on GLUE does not fall."
    ),
    "Reading Tables with Unified Models": (
        "Tables are hard to read for language models. We pre-train a unified model on tables and text. "
        "It answers questions about tables better than T5 on eleven data sets."
    ),
    "A Survey of Continual Learning": (
        "Continual learning adapts a model to new data over time. This survey reviews 120 methods. "
        "Forgetting remains the central problem of continual learning."
    ),
}


def make_paper(title: str, abstract: str) -> Paper:
    return Paper(paper_id_of(title), title, abstract)


def no_progress(done: int, total: int) -> None:
    """Shows nothing."""


HENS = make_paper("Hens", "Hens lay eggs. They sit on them.")


def ingest(paths: list[Path], settings: Settings) -> Report:
    """Ingest files with the word-count embedding."""
    embedding = WordCountEmbedding()
    index = open_for_writing(settings, embedding)
    try:
        return ingest_files(paths, index, embedding, no_progress)
    finally:
        index.close()


def add(writer: IndexWriter, *papers: Paper, progress: Callable[..., None] = no_progress) -> Report:
    """Ingest papers into an open index, as from a source named ``page``."""
    return ingest_papers([(paper, "page") for paper in papers], writer, WordCountEmbedding(), progress)
