"""Routes for papers: list, show, cite, remove and add them; the collections; and the jobs that add papers."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query, Response, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse

from assistant.api.application import Application, Given
from assistant.api.uploads import stored
from assistant.errors import InputError
from assistant.index.library import Order
from assistant.jobs import as_json as job_as_json
from assistant.search import cite, find_paper, papers_as_json
from assistant.services import Given as GivenPapers
from assistant.system.progress import Progress

router = APIRouter(tags=["papers"])
_MOST_LISTED = 200
_MOST_FILES = 50


@router.get("/papers", summary="List papers", response_class=JSONResponse)
def papers(
    given: Given,
    query: Annotated[str, Query(max_length=1_000)] = "",
    order: Annotated[str, Query(pattern=f"^({'|'.join(get_args(Order))})$")] = "relevance",
    source: Annotated[str, Query(max_length=4_000)] = "",
    collection: Annotated[str, Query(max_length=100)] = "",
    first: Annotated[int, Query(ge=0, le=2**31)] = 0,
    count: Annotated[int, Query(ge=1, le=_MOST_LISTED)] = 50,
) -> JSONResponse:
    """Papers that contain every word of the query, or all; the words are matched, not their meaning."""
    if collection:
        given.library.source_table.check(collection)  # raises NotFound
    found = given.library.find(
        query,
        order=order,  # type: ignore[arg-type]
        source=source,
        collection=collection,
        first=first,
        count=count,
    )
    return JSONResponse({"total": found.total, "papers": papers_as_json(found.papers, given.library)})


@router.get("/papers/{name:path}/citation", summary="Cite a paper", response_class=PlainTextResponse)
def citation(name: str, given: Given, style: Annotated[str, Query(max_length=20)] = "bibtex") -> PlainTextResponse:
    """BibTeX, RIS or text."""
    return PlainTextResponse(cite(given.library, [name], style))


@router.get("/papers/{name:path}", summary="Show a paper", response_class=JSONResponse)
def paper(name: str, given: Given) -> JSONResponse:
    """The paper with this id, DOI, arXiv id or PMID."""
    (values,) = papers_as_json([find_paper(given.library, name)], given.library)
    return JSONResponse(values)


@router.delete("/papers/{name:path}", status_code=HTTPStatus.NO_CONTENT, summary="Remove a paper")
def remove(name: str, given: Given) -> Response:
    given.papers.remove([find_paper(given.library, name).paper_id])
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/sources", summary="The files that papers came from, and how many came from each")
def sources(given: Given) -> dict[str, int]:
    return given.library.sources()


@router.post("/ingest", status_code=HTTPStatus.ACCEPTED, summary="Add papers from files")
def ingest(
    files: list[UploadFile], given: Given, collection: Annotated[str, Query(max_length=100)] = ""
) -> dict[str, Any]:
    """A job, whose progress ``/jobs/ID`` tells; its result is the report. Files of any format that is read."""
    if len(files) > _MOST_FILES:
        raise InputError(f"At most {_MOST_FILES} files at once: pack them into a zip file, or send them in turn.")
    with stored(files, given.settings) as (folder, papers):
        started = given.jobs.start("ingest", partial(_add, given, papers, folder, collection))
    return job_as_json(started)


@router.get("/jobs", summary="The running jobs and the last hundred finished ones")
def jobs(given: Given) -> list[dict[str, Any]]:
    return [job_as_json(job) for job in given.jobs.all()]


@router.get("/jobs/{job_id}", summary="The progress of a job, or its result")
def job(job_id: str, given: Given) -> dict[str, Any]:
    return job_as_json(given.jobs.get(job_id))


@router.delete("/jobs/{job_id}", status_code=HTTPStatus.ACCEPTED, summary="Stop a job")
def stop_job(job_id: str, given: Given) -> dict[str, Any]:
    """What was stored so far stays; the same request again continues it."""
    stopped = given.jobs.get(job_id)
    stopped.stop()
    return job_as_json(stopped)


def _add(
    given: Application, files: Sequence[GivenPapers], folder: Path, collection: str, progress: Progress
) -> dict[str, Any]:
    try:
        return asdict(given.papers.add(files, progress, collection))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
