"""Programs list, show, cite, add and remove papers over HTTP."""

from __future__ import annotations

import json
import time

import pytest

SPARSE = "Sparse Training of Small Models"
HENS = b'{"title": "Hens", "abstract": "Hens lay eggs. They sit on them.", "DOI": "10.1234/hens"}\n'


def finished(client, job: dict) -> dict:
    while job["state"] == "running":
        time.sleep(0.02)
        job = client.get(f"/api/v1/jobs/{job['id']}").json()
    return job


def add(client, *files: tuple[str, bytes], **parameters: str) -> dict:
    response = client.post("/api/v1/ingest", files=[("files", file) for file in files], params=parameters)
    assert response.status_code == 202
    return finished(client, response.json())


def test_papers_are_listed_with_their_number(client):
    found = client.get("/api/v1/papers", params={"query": "tables", "count": 1}).json()
    assert found["total"] >= 1
    assert len(found["papers"]) == 1


@pytest.mark.parametrize(
    "parameters",
    [{"count": 0}, {"count": 201}, {"first": -1}, {"first": 2**63}, {"order": "x"}, {"query": "x" * 1_001}],
)
def test_a_list_that_cannot_be_is_refused(client, parameters):
    assert client.get("/api/v1/papers", params=parameters).status_code == 422


def test_a_paper_is_shown_by_id_and_by_doi(client):
    add(client, ("hens.jsonl", HENS))
    by_doi = client.get("/api/v1/papers/10.1234/hens")
    assert by_doi.json()["title"] == "Hens"
    assert client.get(f"/api/v1/papers/{by_doi.json()['paper_id']}").json() == by_doi.json()


def test_a_paper_is_cited(client):
    add(client, ("hens.jsonl", HENS))
    assert "title = {Hens}" in client.get("/api/v1/papers/10.1234/hens/citation").text
    assert client.get("/api/v1/papers/10.1234/hens/citation", params={"style": "x"}).status_code == 400


@pytest.mark.parametrize("name", ["none", "..%2F..%2Fetc%2Fpasswd", "%00", "'%20OR%201=1", "a" * 4_000])
def test_an_unknown_paper_is_not_found_whatever_its_name(client, name):
    response = client.get(f"/api/v1/papers/{name}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


def test_files_are_added_with_a_report(client):
    job = add(client, ("hens.jsonl", HENS), ("cows.jsonl", HENS.replace(b"Hens", b"Cows").replace(b"hens", b"cows")))
    assert (job["state"], sorted(job["result"]["new"])) == ("done", ["Cows", "Hens"])


def test_files_are_put_into_a_collection(client):
    add(client, ("hens.jsonl", HENS), collection="Birds")
    assert client.get("/api/v1/collections").json() == {"Birds": 1}


def test_a_file_that_cannot_be_read_is_a_failed_job_of_one_line(client):
    job = add(client, ("hens.pdf", b"%PDF-1.7 \x00\x01"))
    assert job["state"] == "failed"
    assert "hens.pdf" in job["problem"]
    assert "\n" not in job["problem"]


@pytest.mark.parametrize("name", ["../../../evil.jsonl", "/etc/passwd", "..\\evil.jsonl", "a\nb.jsonl", "x" * 500, "."])
def test_the_name_of_an_upload_is_only_a_name(client, name, tmp_path):
    sources = client.get("/api/v1/sources").json().keys()
    files = {path for path in tmp_path.rglob("*") if "index" not in path.parts}
    assert add(client, (name, HENS))["state"] == "done"
    (added,) = client.get("/api/v1/sources").json().keys() - sources
    assert not set("/\\\n") & set(added)
    left = {path for path in tmp_path.rglob("*") if path.is_file() and "index" not in path.parts}
    assert left <= files


def test_too_many_files_are_refused(client):
    response = client.post("/api/v1/ingest", files=[("files", (f"{number}.jsonl", HENS)) for number in range(51)])
    assert response.status_code == 400


def test_a_paper_is_removed(client):
    paper_id = client.get("/api/v1/papers", params={"query": "sparse"}).json()["papers"][0]["paper_id"]
    assert client.delete(f"/api/v1/papers/{paper_id}").status_code == 204
    assert client.get(f"/api/v1/papers/{paper_id}").status_code == 404


def test_an_unknown_job_is_not_found(client):
    assert client.get("/api/v1/jobs/none").status_code == 404
    assert client.delete("/api/v1/jobs/none").status_code == 404


def test_an_ingest_can_be_stopped_and_continued(client):
    lines = b"".join(
        json.dumps({"title": f"Hens {number}", "abstract": f"Hens lay {number} eggs."}).encode() + b"\n"
        for number in range(1_500)
    )
    response = client.post("/api/v1/ingest", files=[("files", ("many.jsonl", lines))])
    client.delete(f"/api/v1/jobs/{response.json()['id']}")
    assert finished(client, response.json())["state"] in ("stopped", "done")
    assert add(client, ("many.jsonl", lines))["state"] == "done"
    assert client.get("/api/v1/papers", params={"query": "hens"}).json()["total"] == 1_500


def test_the_program_says_that_it_is_ready(client):
    assert client.get("/api/v1/health").json() == {"status": "ok"}
    assert client.get("/api/v1/ready").json()["papers"] == 3


def test_an_empty_library_is_not_ready(client):
    for paper in client.get("/api/v1/papers").json()["papers"]:
        client.delete(f"/api/v1/papers/{paper['paper_id']}")
    assert client.get("/api/v1/ready").status_code == 503


def test_the_api_describes_itself_with_examples(client):
    described = client.get("/api/v1/openapi.json").json()
    assert {"/api/v1/ask", "/api/v1/search", "/api/v1/ingest", "/v1/chat/completions"} <= described["paths"].keys()
    body = described["paths"]["/api/v1/ask"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["examples"] or body["examples"]


def test_papers_are_listed_by_collection(client):
    add(client, ("hens.jsonl", HENS), collection="Birds")
    found = client.get("/api/v1/papers", params={"collection": "Birds"}).json()
    assert [(paper["title"], paper["collections"]) for paper in found["papers"]] == [("Hens", ["Birds"])]
    assert client.get("/api/v1/papers", params={"collection": "Birds", "query": "tables"}).json()["total"] == 0
    unknown = client.get("/api/v1/papers", params={"collection": "birds' --"})
    assert unknown.status_code == 404
    assert "there are: Birds" in unknown.json()["detail"]
