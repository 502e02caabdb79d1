from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answering.retrieval import Retriever
from assistant.conversations.store import Conversations
from assistant.index.opening import open_for_reading, open_for_writing
from assistant.pipeline import AnswerPipeline
from assistant.records import Paper, paper_id_of
from assistant.settings import Settings
from ingest.pipeline import ingest_files
from tests.support.fakes import OVERLAP_VERIFIER, OverlapReranker, ScriptedModel, WordCountEmbedding

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


def pytest_addoption(parser):
    parser.addoption("--write-golden", action="store_true", help="write the expected records of tests/samples again")


def make_paper(title: str, abstract: str) -> Paper:
    return Paper(paper_id_of(title), title, abstract)


@pytest.fixture
def papers() -> list[Paper]:
    """Three short papers."""
    return [make_paper(title, abstract) for title, abstract in ABSTRACTS.items()]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({}, home=tmp_path / "home")


@pytest.fixture
def papers_file(tmp_path: Path) -> Path:
    """The three papers as JSON lines."""
    path = tmp_path / "papers.jsonl"
    import json

    path.write_text(
        "".join(json.dumps({"title": title, "abstract": abstract}) + "\n" for title, abstract in ABSTRACTS.items()),
        encoding="utf-8",
    )
    return path


def ingest(paths: list[Path], settings: Settings):
    """Ingest with the word-count embedding; gives the report."""
    embedding = WordCountEmbedding()
    index = open_for_writing(settings, embedding)
    try:
        return ingest_files(paths, index, embedding, lambda *_: None)
    finally:
        index.close()


@pytest.fixture
def indexed(settings: Settings, papers_file: Path) -> Settings:
    """Settings whose index holds the three papers."""
    ingest([papers_file], settings)
    return settings


@pytest.fixture
def make_assistant(indexed: Settings):
    """Builds assistants over the three papers, with a scripted model; closes them afterwards."""
    opened = []

    def make(script=(), style="small", **changes) -> AnswerPipeline:
        from dataclasses import replace

        embedding = WordCountEmbedding()
        index = open_for_reading(indexed, embedding)
        opened.append(index)
        language_model = ScriptedModel(script, style)
        return AnswerPipeline(
            replace(indexed, **changes),
            Retriever(index, embedding),
            OverlapReranker(),
            OVERLAP_VERIFIER,
            language_model,
        )

    yield make
    for index in opened:
        index.close()


@pytest.fixture
def conversations(tmp_path):
    kept = Conversations(tmp_path / "conversations.sqlite")
    yield kept
    kept.close()
