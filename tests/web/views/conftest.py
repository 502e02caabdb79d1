from __future__ import annotations

import threading

import pytest

from assistant.conversations.answer_queue import AnswerQueue
from assistant.conversations.saved_run import current_version
from assistant.web.views.chat import ChatViews
from assistant.web.views.saved import SavedViews
from tests.support.models import WRITTEN
from tests.support.views import (
    papers_of,
)


@pytest.fixture
def queue(make_assistant, conversations):
    assistant = make_assistant([WRITTEN] * 9)
    queue = AnswerQueue(assistant, conversations, lambda: {"version": current_version(assistant)})
    yield queue
    queue.close()


@pytest.fixture
def chat(queue) -> ChatViews:
    return ChatViews(queue, papers_of(queue.assistant.retriever))


@pytest.fixture
def saved_views(queue, saved) -> SavedViews:
    return SavedViews(queue, saved, papers_of(queue.assistant.retriever))


@pytest.fixture
def faults(monkeypatch) -> list[type]:
    """What would be a traceback on the terminal: the errors that ended threads."""
    seen: list[type] = []
    monkeypatch.setattr(threading, "excepthook", lambda fault: seen.append(fault.exc_type))
    return seen
