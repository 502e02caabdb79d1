from __future__ import annotations

import threading

import pytest

from assistant.conversations.answer_queue import Desk
from assistant.web.views.chat import ChatViews
from tests.support.models import WRITTEN
from tests.support.views import (
    papers_of,
)


@pytest.fixture
def desk(make_assistant, conversations):
    desk = Desk(make_assistant([WRITTEN] * 9), conversations)
    yield desk
    desk.close()


@pytest.fixture
def chat(desk) -> ChatViews:
    return ChatViews(desk, papers_of(desk.assistant.retriever))


@pytest.fixture
def faults(monkeypatch) -> list[type]:
    """What would be a traceback on the terminal: the errors that ended threads."""
    seen: list[type] = []
    monkeypatch.setattr(threading, "excepthook", lambda fault: seen.append(fault.exc_type))
    return seen
