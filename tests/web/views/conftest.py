from __future__ import annotations

import threading

import pytest

from assistant.conversations.answer_queue import AnswerQueue
from assistant.web.views.chat import ChatViews
from tests.support.models import WRITTEN
from tests.support.views import (
    papers_of,
)


@pytest.fixture
def queue(make_assistant, conversations):
    queue = AnswerQueue(make_assistant([WRITTEN] * 9), conversations)
    yield queue
    queue.close()


@pytest.fixture
def chat(queue) -> ChatViews:
    return ChatViews(queue, papers_of(queue.assistant.retriever))


@pytest.fixture
def faults(monkeypatch) -> list[type]:
    """What would be a traceback on the terminal: the errors that ended threads."""
    seen: list[type] = []
    monkeypatch.setattr(threading, "excepthook", lambda fault: seen.append(fault.exc_type))
    return seen
