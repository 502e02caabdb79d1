from __future__ import annotations

import json
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answering.retrieval import Retriever
from assistant.conversations.saved import SavedQuestions
from assistant.conversations.store import Conversations
from assistant.index.opening import open_for_reading
from assistant.pipeline import AnswerPipeline
from assistant.records import Paper
from assistant.settings import Settings
from tests.support.fakes import OVERLAP_VERIFIER, OverlapReranker, ScriptedModel, WordCountEmbedding
from tests.support.papers import ABSTRACTS, ingest, make_paper


def pytest_configure():
    """Let Ctrl-C reach the programs that tests start: a shell lets jobs in the background ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--write-golden", action="store_true", help="write the expected records of tests/samples again")


@pytest.fixture
def papers() -> list[Paper]:
    """Three short papers."""
    return [make_paper(title, abstract) for title, abstract in ABSTRACTS.items()]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Defaults, except that a scripted model, which stands in for the packaged one, writes."""
    return replace(Settings.load({}, home=tmp_path / "home"), writing="on")


@pytest.fixture
def papers_file(tmp_path: Path) -> Path:
    """The three papers as JSON lines."""
    path = tmp_path / "papers.jsonl"
    path.write_text(
        "".join(json.dumps({"title": title, "abstract": abstract}) + "\n" for title, abstract in ABSTRACTS.items()),
        encoding="utf-8",
    )
    return path


@pytest.fixture
def indexed(settings: Settings, papers_file: Path) -> Settings:
    """Settings whose index holds the three papers."""
    ingest([papers_file], settings)
    return settings


@pytest.fixture
def make_assistant(indexed: Settings):
    """Builds assistants over the three papers, with a scripted model; closes them afterwards."""
    opened = []

    def make(script=(), style="small", short_answers=None, **changes) -> AnswerPipeline:
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
            short_answers=short_answers,
        )

    yield make
    for index in opened:
        index.close()


@pytest.fixture
def conversations(tmp_path):
    kept = Conversations(tmp_path / "conversations.sqlite")
    yield kept
    kept.close()


@pytest.fixture
def saved(tmp_path):
    """In the same file as ``conversations``."""
    with SavedQuestions(tmp_path / "conversations.sqlite") as opened:
        yield opened
