from __future__ import annotations

import pytest

from assistant.conversations.saved import SavedQuestions
from assistant.conversations.store import Conversations
from tests.support.conversations import MADE_WITH, answered


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a b#?%20" / "conversations.sqlite"


@pytest.fixture
def conversations(path):
    opened = Conversations(path)
    yield opened
    opened.close()


@pytest.fixture
def saved(path):
    with SavedQuestions(path) as opened:
        yield opened


@pytest.fixture
def ask(conversations):
    """Stores a question and its answer; gives the stored exchange."""

    def ask(question: str = "What do hens do?", conversation_id: str | None = None, said: str = "Hens lay eggs."):
        begun = conversations.add_question(question, conversation_id)
        conversations.add_answer(begun.exchange_id, answered(question, said), MADE_WITH)
        return conversations.exchange(begun.exchange_id)

    return ask
