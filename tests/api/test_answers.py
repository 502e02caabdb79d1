"""Programs ask, search and send batches over HTTP."""

from __future__ import annotations

import json
import time

import pytest

from assistant.api import application as application_module
from assistant.index.opening import open_library
from assistant.presentation import as_json
from tests.support.models import WRITTEN, BrokenReranker
from tests.support.views import OTHER, QUESTION

TIMES = {"seconds"}


def events(text: str) -> list[tuple[str, dict]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def finished(client, job: dict) -> dict:
    while job["state"] == "running":
        time.sleep(0.02)
        job = client.get(f"/api/v1/jobs/{job['id']}").json()
    return job


def without_times(answer: dict) -> dict:
    return {name: value for name, value in answer.items() if name not in TIMES}


def test_an_answer_is_what_python_and_the_command_give(client, queue):
    over_http = client.post("/api/v1/ask", json={"question": QUESTION})
    assert over_http.status_code == 200
    assert without_times(over_http.json()) == without_times(as_json(queue.assistant.ask(QUESTION)))


def test_a_question_over_http_is_in_no_conversation(client, conversations):
    client.post("/api/v1/ask", json={"question": QUESTION})
    assert conversations.find("") == []


def test_an_answer_grows_in_events_and_ends_with_the_whole(client):
    with client.stream("POST", "/api/v1/ask/events", json={"question": QUESTION}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        found = events("".join(response.iter_text()))
    assert {name for name, _ in found[:-1]} <= {"progress"}
    assert found[-1][0] == "answer"
    assert [claim["text"] for claim in found[-1][1]["claims"]] == [WRITTEN]


def test_a_failure_while_an_answer_grows_is_the_last_event(client, queue):
    queue.assistant.reranker = BrokenReranker()
    with client.stream("POST", "/api/v1/ask/events", json={"question": QUESTION}) as response:
        found = events("".join(response.iter_text()))
    assert found[-1] == ("problem", {"status": 503, "detail": found[-1][1]["detail"]})
    assert "reranker failed" in found[-1][1]["detail"]


def test_the_history_is_used(client):
    follow_up = {"question": "Does it hurt its accuracy?"}
    alone = client.post("/api/v1/ask", json=follow_up).json()
    with_history = client.post("/api/v1/ask", json={**follow_up, "history": [[QUESTION, WRITTEN]]}).json()
    assert alone["retrieved"] != with_history["retrieved"]


def test_a_question_may_be_limited_to_papers(client, queue):
    one = next(queue.assistant.retriever.index.library.all_papers())
    answer = client.post("/api/v1/ask", json={"question": QUESTION, "paper_ids": [one.paper_id]}).json()
    assert {paper["paper_id"] for paper in answer["retrieved"]} == {one.paper_id}


def test_an_unknown_collection_is_not_found(client):
    response = client.post("/api/v1/ask", json={"question": QUESTION, "collection": "x"})
    assert response.status_code == 404
    assert "no collection 'x'" in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"question": "?!"}, 400, "contains no words"),
        ({"question": "word " * 3_000}, 400, "words"),
        ({"question": "x" * 30_000}, 422, "question"),
        ({"question": QUESTION, "history": [["only one"]]}, 400, "history is not a list of"),
        ({"question": QUESTION, "history": "earlier"}, 422, "history"),
        ({"question": 5}, 422, "question"),
        ({}, 422, "question"),
        ({"question": QUESTION, "temperature": 1}, 422, "temperature"),
        ([], 422, "body"),
    ],
)
def test_a_bad_question_is_a_problem_of_one_line(client, body, status, words):
    response = client.post("/api/v1/ask", json=body)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert words in response.json()["detail"]
    assert "\n" not in response.json()["detail"]


def test_what_is_no_json_is_a_problem(client):
    response = client.post("/api/v1/ask", content=b"{", headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert response.json()["title"]


def test_a_bug_is_a_problem_without_a_traceback(client, queue, monkeypatch):
    monkeypatch.setattr(queue, "begin", lambda *_: 1 / 0)
    response = client.post("/api/v1/ask", json={"question": QUESTION})
    assert response.status_code == 500
    assert "ZeroDivision" not in response.text


def test_too_many_waiting_questions_are_refused(client, monkeypatch):
    monkeypatch.setattr(application_module, "MOST_WAITING", 0)
    response = client.post("/api/v1/ask", json={"question": QUESTION})
    assert response.status_code == 503
    assert response.headers["retry-after"]


def test_a_search_gives_papers_with_their_best_sentences(client):
    found = client.post("/api/v1/search", json={"query": "tables", "count": 1}).json()["papers"]
    assert [paper["title"] for paper in found] == ["Reading Tables with Unified Models"]
    assert all(found[0]["abstract"][one["start"] : one["end"]] == one["text"] for one in found[0]["sentences"])


@pytest.mark.parametrize("count", [0, 11, -1, "many"])
def test_a_search_for_another_number_of_papers_is_refused(client, count):
    assert client.post("/api/v1/search", json={"query": "tables", "count": count}).status_code == 422


def test_a_batch_is_answered_in_the_background(client):
    questions = [{"id": "a", "question": QUESTION}, {"id": "b", "question": OTHER}]
    response = client.post("/api/v1/batches", json={"questions": questions})
    assert response.status_code == 202
    job = finished(client, response.json())
    assert (job["state"], job["result"]) == ("done", {"answered": 2, "kept": 0, "faults": []})
    lines = client.get(f"/api/v1/batches/{job['id']}/answers").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "b"]


def test_the_same_batch_again_keeps_its_answers(client):
    batch = {"questions": [{"question": QUESTION}]}
    first = finished(client, client.post("/api/v1/batches", json=batch).json())
    again = finished(client, client.post("/api/v1/batches", json=batch).json())
    assert first["id"] == again["id"]
    assert again["result"]["kept"] == 1


def test_a_batch_with_a_bad_question_starts_nothing(client):
    response = client.post("/api/v1/batches", json={"questions": [{"question": "?!"}]})
    assert response.status_code == 400
    assert client.get("/api/v1/jobs").json() == []


@pytest.mark.parametrize("batch_id", ["..%2Fpapers", "../../api_keys.sqlite", "x", "a" * 32])
def test_an_unknown_batch_is_not_found_whatever_its_name(client, batch_id):
    assert client.get(f"/api/v1/batches/{batch_id}/answers").status_code == 404


def test_the_collection_is_named_over_http_as_elsewhere(client, settings):
    with open_library(settings, is_writable=True) as library:
        library.source_table.put_into("Mine", library.sources())
    answer = client.post("/api/v1/ask", json={"question": QUESTION, "collection": "Mine"}).json()
    assert answer["collection"] == "Mine"
    assert client.get("/api/v1/collections").json() == {"Mine": 3}
