"""Routes for what papers come from: Zotero, watched folders, a look at everything that changed, and other libraries."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from assistant.api.application import Application, CollectionName, Given
from assistant.api.uploads import stored, uploads_folder
from assistant.errors import NotFound
from assistant.index import collecting
from assistant.jobs import as_json as job_as_json
from assistant.system.progress import Progress

router = APIRouter(tags=["sources"])
_EXPORT = "export"


class Folder(BaseModel):
    """A folder of this machine, by its path, and the collection that its papers go into; empty for none."""

    folder: Annotated[str, Field(max_length=4_000)]
    collection: CollectionName = ""


class ZoteroQuery(BaseModel):
    """``Collection``, ``Parent/Child`` or ``#tag``; empty for the whole library."""

    query: Annotated[str, Field(max_length=1_000)] = ""


class Sources(BaseModel):
    """Files, as ``/sources`` lists them."""

    sources: Annotated[list[str], Field(min_length=1, max_length=1_000)]


class NewName(BaseModel):
    name: CollectionName


@router.get("/collections", summary="The collections and how many papers each has")
def collections(given: Given) -> dict[str, int]:
    return given.library.source_table.collections()


@router.post("/collections/{collection}/sources", summary="Put the papers of files into a collection")
def put(collection: str, files: Sources, given: Given) -> dict[str, int]:
    """All collections; one begins to exist with its first file."""
    return collecting.put_into(given.settings, collection, files.sources)


@router.post("/collections/{collection}/sources/remove", summary="Take files out of a collection")
def take_out(collection: str, files: Sources, given: Given) -> dict[str, int]:
    """All collections; the papers stay in the library."""
    return collecting.take_out(given.settings, collection, files.sources)


@router.patch("/collections/{collection}", summary="Give a collection another name")
def rename(collection: str, new: NewName, given: Given) -> dict[str, int]:
    """All collections. If the name is taken, both become one."""
    return collecting.rename(given.settings, collection, new.name)


@router.post("/zotero", status_code=HTTPStatus.ACCEPTED, summary="Add what a running Zotero holds")
def zotero(asked: ZoteroQuery, given: Given) -> dict[str, Any]:
    """A job; its result is the report."""

    def work(progress: Progress) -> dict[str, Any]:
        return asdict(given.papers.add_from_zotero(asked.query, progress))

    return job_as_json(given.jobs.start("zotero", work))


@router.post("/refresh", status_code=HTTPStatus.ACCEPTED, summary="Look again at everything that papers came from")
def refresh(given: Given) -> dict[str, Any]:
    """A job; its result is the report."""
    return job_as_json(given.jobs.start("refresh", lambda progress: asdict(given.papers.refresh(progress))))


@router.get("/watched", summary="The watched folders, and the last lines of their log")
def watched(given: Given) -> dict[str, Any]:
    folders, log = given.papers.watched_folders(), given.papers.watch_log()
    return {"folders": [asdict(one) for one in folders], "log": [asdict(line) for line in log]}


@router.post("/watched", status_code=HTTPStatus.CREATED, summary="Watch a folder of this machine")
def watch(folder: Folder, given: Given) -> dict[str, Any]:
    return asdict(given.papers.watch(folder.folder, folder.collection))


@router.delete("/watched", status_code=HTTPStatus.NO_CONTENT, summary="Watch a folder no longer; its papers stay")
def forget(folder: Annotated[str, Query(max_length=4_000)], given: Given) -> Response:
    given.papers.forget(folder)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/library/export", status_code=HTTPStatus.ACCEPTED, summary="Write the whole library to a file")
def export_library(given: Given) -> dict[str, Any]:
    """A job; when it is done, ``/library/export/ID`` gives the file, until the program ends."""
    job_id = uuid.uuid4().hex
    path = _export_file(given, job_id)

    def work(progress: Progress) -> dict[str, Any]:
        return {"summary": given.papers.export_library(path, progress)}

    return job_as_json(given.jobs.start(_EXPORT, work, job_id))


@router.get("/library/export/{job_id}", summary="The file of an export that is done")
def exported(job_id: str, given: Given) -> FileResponse:
    job = given.jobs.get(job_id)
    if job.kind != _EXPORT or job.state != "done":
        raise NotFound("There is no such file: look whether the job is done.")
    return FileResponse(_export_file(given, job.job_id), media_type="application/zip", filename="footnote-library.zip")


@router.post("/library/import", status_code=HTTPStatus.ACCEPTED, summary="Add an exported library")
def import_library(file: UploadFile, given: Given) -> dict[str, Any]:
    """A job; its result says what was added."""
    with stored([file], given.settings) as (folder, _):
        started = given.jobs.start("import", partial(_import, given, folder / "0", folder))
    return job_as_json(started)


def _export_file(given: Application, job_id: str) -> Path:
    return uploads_folder(given.settings) / f"export-{job_id}.zip"


def _import(given: Application, path: Path, folder: Path, progress: Progress) -> dict[str, Any]:
    try:
        return {"summary": given.papers.import_library(path, progress)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
