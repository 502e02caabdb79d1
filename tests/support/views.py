"""What tests of the page's views share: its services, its questions and the papers behind them."""

from __future__ import annotations

import io
import json
import threading
from functools import partial
from typing import Any, NoReturn

from assistant.answering.retrieval import Retriever
from assistant.conversations.answer_queue import AnswerQueue, Task
from assistant.index.index import Index
from assistant.services import PaperServices
from assistant.web.views import Data
from assistant.web.views.papers import PaperViews
from ingest.pipeline import ingest_sources
from ingest.services import remove_from
from ingest.sources import Source
from tests.support.fakes import WordCountEmbedding
from tests.support.html import ParsedHtml

QUESTION = "How much does sparse training reduce the cost on the Pile?"
OTHER = "How many methods does the survey of continual learning review?"
SPARSE = "Sparse Training of Small Models"
CITED = "Sparse training reduces the cost by 2.5x on the Pile."  # the abstract's own words


def services(**given: Any) -> PaperServices:
    """Services of which only the given ones may be asked for."""

    def unasked(*_: object) -> NoReturn:
        raise AssertionError("this service was not to be asked")

    return PaperServices(**{**dict.fromkeys(("add", "remove"), unasked), "file_types": (), **given})


def finished(queue: AnswerQueue, task: Task) -> Task:
    *_, last = queue.follow(task)
    return last


def put(index: Index, *papers: dict[str, object], source: str = "more.jsonl") -> None:
    """Papers into an open index that goes on answering."""
    lines = "\n".join(map(json.dumps, papers)).encode()
    with index.writing() as writer:
        ingest_sources([Source(source, lambda: io.BytesIO(lines))], writer, WordCountEmbedding(), lambda *_: None)


def papers_of(retriever: Retriever) -> PaperViews:
    return PaperViews(lambda: retriever, partial(remove_from, retriever.index))


def conversation_of(task: Task) -> str:
    return task.exchange.conversation_id


def turns_of(shown: Data) -> list[ParsedHtml]:
    return [ParsedHtml(turn["html"]) for turn in shown["turns"]]


def joined(name: str) -> None:
    """Wait until the threads of a name have ended."""
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(5)
            assert not thread.is_alive()
