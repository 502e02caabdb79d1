"""Programs read Zotero, watch folders, refresh and move the library over HTTP."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from evals.benchmarks.zotero_server import zotero_server


def finished(client, job: dict) -> dict:
    while job["state"] == "running":
        time.sleep(0.02)
        job = client.get(f"/api/v1/jobs/{job['id']}").json()
    return job


def test_items_of_zotero_are_added(client, application):
    with zotero_server() as zotero:
        zotero.put("AAAAAAA0", title="Hens", abstractNote="Hens lay eggs.")
        index = application.queue.assistant.retriever.index
        index.settings = replace(index.settings, zotero=zotero.address)
        job = finished(client, client.post("/api/v1/zotero", json={}).json())
    assert (job["state"], job["result"]["new"]) == ("done", ["Hens"])


def test_changed_files_are_read_again(client, papers_file):
    papers_file.write_text('{"title": "Hens", "abstract": "Hens lay eggs."}\n')
    job = finished(client, client.post("/api/v1/refresh").json())
    assert job["result"]["new"] == ["Hens"]
    assert client.get("/api/v1/papers").json()["total"] == 1


def test_folders_are_watched_and_forgotten(client, tmp_path):
    folder = tmp_path / "watched"
    folder.mkdir()
    made = client.post("/api/v1/watched", json={"folder": str(folder), "collection": "Birds"})
    assert made.status_code == 201
    assert client.get("/api/v1/watched").json()["folders"] == [{"folder": str(folder), "collection": "Birds"}]
    assert client.delete("/api/v1/watched", params={"folder": str(folder)}).status_code == 204
    assert client.get("/api/v1/watched").json()["folders"] == []


@pytest.mark.parametrize("folder", ["/nowhere/at all", "", "\x00", "a" * 5_000])
def test_a_folder_that_is_not_there_is_refused(client, folder):
    response = client.post("/api/v1/watched", json={"folder": folder})
    assert response.status_code in (400, 404, 422)
    assert client.get("/api/v1/watched").json()["folders"] == []


def test_the_library_is_exported_and_imported(client):
    job = finished(client, client.post("/api/v1/library/export").json())
    assert job["state"] == "done"
    archive = client.get(f"/api/v1/library/export/{job['id']}").content
    for paper in client.get("/api/v1/papers").json()["papers"]:
        client.delete(f"/api/v1/papers/{paper['paper_id']}")
    response = client.post("/api/v1/library/import", files={"file": ("../x.zip", archive)})
    assert finished(client, response.json())["state"] == "done"
    assert client.get("/api/v1/papers").json()["total"] == 3


def test_a_file_that_is_no_library_is_a_failed_job(client):
    response = client.post("/api/v1/library/import", files={"file": ("x.zip", b"PK\x03\x04 nonsense")})
    job = finished(client, response.json())
    assert job["state"] == "failed"
    assert "\n" not in job["problem"]


def test_only_an_export_that_is_done_has_a_file(client):
    job = finished(client, client.post("/api/v1/refresh").json())
    assert client.get(f"/api/v1/library/export/{job['id']}").status_code == 404
    assert client.get("/api/v1/library/export/../../api_keys.sqlite").status_code == 404


def test_collections_are_filled_renamed_and_emptied(client):
    (source,) = client.get("/api/v1/sources").json()
    assert client.post("/api/v1/collections/Mine/sources", json={"sources": [source]}).json() == {"Mine": 3}
    assert client.patch("/api/v1/collections/Mine", json={"name": "Ours"}).json() == {"Ours": 3}
    assert client.get("/api/v1/papers", params={"collection": "Ours"}).json()["total"] == 3
    assert client.post("/api/v1/collections/Ours/sources/remove", json={"sources": [source]}).json() == {}


@pytest.mark.parametrize("name", ["%00", "x" * 61, "%0A"])
def test_a_collection_needs_a_name_that_can_be_shown(client, name):
    (source,) = client.get("/api/v1/sources").json()
    assert client.post(f"/api/v1/collections/{name}/sources", json={"sources": [source]}).status_code == 400
    assert client.get("/api/v1/collections").json() == {}


def test_unknown_files_and_collections_are_not_found(client):
    assert client.post("/api/v1/collections/Mine/sources", json={"sources": ["../x"]}).status_code == 404
    assert client.post("/api/v1/collections/Mine/sources/remove", json={"sources": ["x"]}).status_code == 404
    assert client.patch("/api/v1/collections/Mine", json={"name": "Ours"}).status_code == 404
