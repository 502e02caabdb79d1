"""Programs save questions and ask them again over HTTP."""

from __future__ import annotations

import time

import pytest

from tests.support.views import QUESTION

NEW = b'{"title": "Cheaper Sparse Training", "abstract": "Sparse training reduces the cost by 9x on the Pile."}\n'


def run(client) -> dict:
    job = client.post("/api/v1/saved/run").json()
    while job["state"] == "running":
        time.sleep(0.02)
        job = client.get(f"/api/v1/jobs/{job['id']}").json()
    return job["result"]


def test_a_saved_question_is_answered_by_the_next_run(client):
    saved = client.post("/api/v1/saved", json={"question": QUESTION})
    assert saved.status_code == 201
    (asked,) = run(client)["asked"]
    assert asked["id"] == saved.json()["id"]
    assert run(client)["asked"] == []


def test_new_papers_change_the_answer_until_it_was_seen(client):
    saved_id = client.post("/api/v1/saved", json={"question": QUESTION}).json()["id"]
    run(client)
    job = client.post("/api/v1/ingest", files=[("files", ("new.jsonl", NEW))]).json()
    while client.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "running":
        time.sleep(0.02)
    run(client)
    (one,) = client.get("/api/v1/saved").json()
    assert one["diff"]
    assert not client.post(f"/api/v1/saved/{saved_id}/seen").json()["diff"]


def test_a_saved_question_is_removed(client):
    saved_id = client.post("/api/v1/saved", json={"question": QUESTION}).json()["id"]
    assert client.delete(f"/api/v1/saved/{saved_id}").status_code == 204
    assert client.get("/api/v1/saved").json() == []


@pytest.mark.parametrize("saved_id", ["0", "99", "-1", str(2**64)])
def test_an_unknown_question_is_not_found(client, saved_id):
    assert client.delete(f"/api/v1/saved/{saved_id}").status_code == 404
    assert client.post(f"/api/v1/saved/{saved_id}/seen").status_code == 404


def test_a_question_of_an_unknown_collection_is_not_saved(client):
    assert client.post("/api/v1/saved", json={"question": QUESTION, "collection": "x"}).status_code == 404
    assert client.get("/api/v1/saved").json() == []
