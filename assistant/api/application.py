"""What the routes of the API share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field

from assistant.answering.retrieval import Retriever
from assistant.conversations.answer_queue import AnswerQueue
from assistant.conversations.saved import SavedQuestions
from assistant.errors import Stopped
from assistant.index.library import Library
from assistant.jobs import Jobs
from assistant.services import PaperServices
from assistant.settings import Settings

CollectionName = Annotated[str, Field(max_length=100)]
MOST_WAITING = 100  # questions, before others are refused


@dataclass
class Application:
    """A running Footnote, as its page and its API use it."""

    queue: AnswerQueue
    saved: SavedQuestions
    papers: PaperServices
    jobs: Jobs = field(default_factory=Jobs)

    def close(self) -> None:
        """Stop all jobs and wait for them."""
        self.jobs.close()

    @property
    def settings(self) -> Settings:
        return self.queue.assistant.settings

    @property
    def retriever(self) -> Retriever:
        return self.queue.assistant.retriever

    @property
    def library(self) -> Library:
        return self.retriever.index.library


class Busy(Stopped):
    """Too many questions are waiting."""


def check_not_busy(application: Application) -> None:
    """Raises Busy."""
    if len(application.queue) >= MOST_WAITING:
        raise Busy(f"{MOST_WAITING} questions are waiting: try again later.")


def _application(request: Request) -> Application:
    application: Application = request.app.state.application
    return application


Given = Annotated[Application, Depends(_application)]
"""The parameter of a route that gets the application."""
