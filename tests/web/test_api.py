"""Programs ask the running page with gradio_client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError, AuthenticationError

from assistant.api.app import build_app
from assistant.api.application import Application
from assistant.api.server import free_port, serving
from assistant.conversations.answer_queue import AnswerQueue
from assistant.web.page import build_page, mount
from tests.support.models import WRITTEN, BrokenReranker
from tests.support.views import QUESTION, services

# Gradio calls pandas in ways that pandas will remove.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")
PASSWORD = "correct horse"  # noqa: S105


@pytest.fixture
def queue(make_assistant, conversations) -> Iterator[AnswerQueue]:
    queue = AnswerQueue(make_assistant([WRITTEN] * 9), conversations)
    yield queue
    queue.close()


@pytest.fixture
def serve(queue, saved):
    """Serves the page over the queue; gives its address."""
    with ExitStack() as served:

        def start(**changes: str) -> str:
            settings = replace(queue.assistant.settings, **changes)
            page = build_page(queue, saved, services(), list, lambda _: None)
            app = build_app(Application(queue, saved, services()), partial(mount, page=page, settings=settings))
            return served.enter_context(serving(app, "127.0.0.1", free_port("127.0.0.1", 28_860)))

        yield start


@pytest.fixture
def client(serve) -> Client:
    return Client(serve(), verbose=False)


def test_a_program_gets_the_answer_as_json(client, conversations):
    answer = client.predict(QUESTION, api_name="/ask")
    assert answer["question"] == QUESTION
    assert [claim["text"] for claim in answer["claims"]] == [WRITTEN]
    assert answer["citations"][0]["quotes"][0]["text"] == WRITTEN
    assert conversations.find("") == []


def test_the_history_of_a_program_is_used(client):
    history = [[QUESTION, WRITTEN]]
    alone = client.predict("Does it hurt its accuracy?", api_name="/ask")
    with_history = client.predict("Does it hurt its accuracy?", history, api_name="/ask")
    assert alone["retrieved"] != with_history["retrieved"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("?!",), "contains no words"),
        (("word " * 10_000,), "10,000 words"),
        ((QUESTION, [["only one"]]), "history is not a list of"),
        ((QUESTION, "earlier"), "history is not a list of"),
        ((QUESTION, 5), "history is not a list of"),
        ((QUESTION, [[QUESTION, 5]]), "history is not a list of"),
        ((QUESTION, [[None, WRITTEN]]), "history is not a list of"),
        ((None,), "The question is not text: "),
        ((5,), "The question is not text: "),
        ((["a"],), "The question is not text: "),
        (({"a": 1},), "The question is not text: "),
    ],
)
def test_a_bad_question_gets_one_line(client, arguments, message, capfd):
    with pytest.raises(AppError, match=message) as raised:
        client.predict(*arguments, api_name="/ask")
    assert "\n" not in str(raised.value)
    assert "Traceback" not in capfd.readouterr().err


def test_a_failing_model_is_named_to_the_program(client, queue):
    queue.assistant.reranker = BrokenReranker()
    with pytest.raises(AppError, match="The reranker failed"):
        client.predict(QUESTION, api_name="/ask")


def test_ask_is_the_only_endpoint(client):
    described = client.view_api(return_format="dict")
    assert list(described["named_endpoints"]) == ["/ask"]
    assert described["unnamed_endpoints"] == {}


def test_a_password_guards_the_endpoint(serve, tmp_path):
    file = tmp_path / "password"
    file.touch(mode=0o600)
    file.write_text(PASSWORD)
    address = serve(auth=f"ada:{file}")
    with pytest.raises(AuthenticationError):
        Client(address, verbose=False)
    client = Client(address, auth=("ada", PASSWORD), verbose=False)
    assert client.predict(QUESTION, api_name="/ask")["claims"]
