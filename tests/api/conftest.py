"""An API over three short papers, with fakes for the models."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from assistant.api.app import build_app
from assistant.api.application import Application
from assistant.conversations.answer_queue import AnswerQueue
from ingest.services import paper_services
from tests.support.fakes import WordCountEmbedding
from tests.support.models import WRITTEN


@pytest.fixture
def queue(make_assistant, conversations):
    queue = AnswerQueue(make_assistant([WRITTEN] * 99), conversations)
    yield queue
    queue.close()


@pytest.fixture
def application(queue, saved):
    services = paper_services(queue.assistant.retriever.index, WordCountEmbedding())
    application = Application(queue, saved, services)
    yield application
    application.close()


@pytest.fixture
def make_client(application):
    """Clients of an API with other settings, as a program on this machine has them."""
    with ExitStack() as opened:

        def make(**changes) -> TestClient:
            assistant = application.queue.assistant
            assistant.settings = replace(assistant.settings, **changes)
            app = build_app(application)
            client = TestClient(app, base_url="http://127.0.0.1:7860", raise_server_exceptions=False)
            return opened.enter_context(client)

        yield make


@pytest.fixture
def client(make_client) -> TestClient:
    return make_client()
