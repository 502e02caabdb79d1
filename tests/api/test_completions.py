"""Clients of OpenAI's chat API get answers with footnotes."""

from __future__ import annotations

import json

import pytest

from assistant.index.opening import open_library
from tests.support.models import WRITTEN, BrokenReranker
from tests.support.views import QUESTION

SPARSE = "Sparse Training of Small Models"


def complete(client, *messages: tuple[str, object], **more):
    asked = [{"role": role, "content": content} for role, content in messages]
    return client.post("/v1/chat/completions", json={"model": "footnote", "messages": asked, **more})


def chunks(response) -> list[dict]:
    lines = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_the_last_message_is_answered_with_sources(client):
    body = complete(client, ("user", QUESTION)).json()
    (choice,) = body["choices"]
    assert body["object"] == "chat.completion"
    assert choice["finish_reason"] == "stop"
    assert choice["message"]["content"].startswith(f"{WRITTEN} [1]")
    assert SPARSE in choice["message"]["content"]


def test_annotations_say_which_words_rest_on_which_paper(client):
    message = complete(client, ("user", QUESTION)).json()["choices"][0]["message"]
    first = message["annotations"][0]
    place = first["url_citation"]
    assert first["type"] == "url_citation"
    assert message["content"][place["start_index"] : place["end_index"]] == f"{WRITTEN} [1]"
    assert place["title"] == SPARSE
    assert place["url"].startswith("http://127.0.0.1:7860/api/v1/papers/")
    assert client.get(place["url"]).json()["title"] == SPARSE


def test_the_whole_answer_is_there_for_those_who_know_it(client):
    message = complete(client, ("user", QUESTION)).json()["choices"][0]["message"]
    assert message["footnote"]["claims"][0]["text"] == WRITTEN


def test_a_stream_gives_the_same_text_and_annotations(client):
    whole = complete(client, ("user", QUESTION)).json()["choices"][0]["message"]
    found = chunks(complete(client, ("user", QUESTION), stream=True))
    deltas = [chunk["choices"][0]["delta"] for chunk in found]
    assert "".join(delta.get("content", "") for delta in deltas) == whole["content"]
    assert deltas[-1]["annotations"] == whole["annotations"]
    assert found[-1]["choices"][0]["finish_reason"] == "stop"
    assert {chunk["id"] for chunk in found} == {found[0]["id"]}


def test_a_stream_ends_with_the_usage_if_it_was_asked_for(client):
    last = chunks(complete(client, ("user", QUESTION), stream=True, stream_options={"include_usage": True}))[-1]
    assert (last["choices"], last["usage"]["total_tokens"]) == ([], 0)


def test_an_error_in_a_stream_is_sent_in_openais_form(client, queue):
    queue.assistant.reranker = BrokenReranker()
    last = chunks(complete(client, ("user", QUESTION), stream=True))[-1]
    assert "reranker failed" in last["error"]["message"]


def test_earlier_messages_are_the_history(client):
    alone = complete(client, ("user", "Does it hurt its accuracy?")).json()
    after = complete(
        client,
        ("system", "Be kind."),
        ("user", QUESTION),
        ("assistant", WRITTEN),
        ("user", "Does it hurt its accuracy?"),
    ).json()
    retrieved = [body["choices"][0]["message"]["footnote"]["retrieved"] for body in (alone, after)]
    assert retrieved[0] != retrieved[1]


def test_a_message_in_parts_is_read(client):
    message = complete(client, ("user", [{"type": "text", "text": QUESTION}])).json()["choices"][0]["message"]
    assert message["content"].startswith(WRITTEN)


def test_what_steers_a_language_model_is_accepted(client):
    assert complete(client, ("user", QUESTION), temperature=0.2, max_tokens=5, tools=[], user="x").status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"messages": []}, 422, "messages"),
        ({"messages": [{"role": "assistant", "content": "Hi"}]}, 400, "not a user's"),
        ({"messages": [{"role": "user", "content": "?!"}]}, 400, "no words"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400, "text only"),
        ({"messages": [{"role": "user", "content": "Why?"}], "model": "gpt-5"}, 404, "no model 'gpt-5'"),
        ({"messages": [{"role": "user", "content": "Why?"}], "model": "footnote/x"}, 404, "no collection 'x'"),
        ({"messages": [{"role": "user", "content": "Why?"}], "n": 2}, 422, "n:"),
        ({"messages": [{"role": "robot", "content": "Why?"}]}, 422, "role"),
    ],
)
def test_a_bad_request_is_refused_in_openais_form(client, body, status, words):
    response = client.post("/v1/chat/completions", json=body)
    assert response.status_code == status
    assert words in response.json()["error"]["message"]
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_every_collection_is_a_model(client, settings):
    with open_library(settings, is_writable=True) as library:
        library.source_table.put_into("My papers", library.sources())
    names = [one["id"] for one in client.get("/v1/models").json()["data"]]
    assert names == ["footnote", "footnote/My papers"]
    assert client.get("/v1/models/footnote/My papers").json()["id"] == "footnote/My papers"
    assert client.get("/v1/models/footnote/Yours").status_code == 404
    answer = complete(client, ("user", QUESTION), model="footnote/My papers").json()
    assert "From the collection My papers:" in answer["choices"][0]["message"]["content"]


def test_titles_and_quotations_cannot_format_the_text(client):
    paper = b'{"title": "Hens [x](http://evil) <img src=x>", "abstract": "Hens lay **golden** eggs on the farm."}'
    job = client.post("/api/v1/ingest", files=[("files", ("a.json", paper))]).json()
    while client.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "running":
        pass
    message = complete(client, ("user", "Which hens lay golden eggs on the farm?")).json()["choices"][0]["message"]
    assert "](http://evil)" not in message["content"]
    assert "<img" not in message["content"]
    assert "**golden**" not in message["content"]
