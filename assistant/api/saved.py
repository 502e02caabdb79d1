"""Routes for saved questions: list, save, ask again, note as seen, remove."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response

from assistant.api.answers import Question
from assistant.api.application import Application, Given
from assistant.batch import checked_history
from assistant.conversations.saved_run import run_saved, through_queue
from assistant.conversations.saved_text import result_json, saved_json
from assistant.jobs import as_json as job_as_json
from assistant.system.progress import Progress

router = APIRouter(prefix="/saved", tags=["saved questions"])
_JOB = "saved-questions"  # one run at a time


@router.get("", summary="The saved questions with their answers and what changed in them")
def all_saved(given: Given) -> list[dict[str, Any]]:
    return [saved_json(one) for one in given.saved.all()]


@router.post("", status_code=HTTPStatus.CREATED, summary="Save a question, to be answered by the next run")
def save(asked: Question, given: Given) -> dict[str, Any]:
    if asked.collection:
        given.library.source_table.papers_in(asked.collection)  # raises NotFound
    history = checked_history(asked.history)
    one = given.saved.add(asked.question, history=history, within=asked.paper_ids, collection=asked.collection)
    return saved_json(one)


@router.post("/run", status_code=HTTPStatus.ACCEPTED, summary="Ask again those whose answers may have changed")
def run(given: Given) -> dict[str, Any]:
    """A job; its result has the questions that were asked, each with what changed."""
    return job_as_json(given.jobs.start("saved questions", partial(_run, given), _JOB))


@router.post("/{saved_id}/seen", summary="Note that the user has seen what changed")
def seen(saved_id: int, given: Given) -> dict[str, Any]:
    given.saved.mark_seen(saved_id, given.saved.get(saved_id).answered)
    return saved_json(given.saved.get(saved_id))


@router.delete("/{saved_id}", status_code=HTTPStatus.NO_CONTENT, summary="Remove a saved question")
def remove(saved_id: int, given: Given) -> Response:
    given.saved.remove(saved_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _run(given: Application, progress: Progress) -> dict[str, Any]:
    return {"asked": [result_json(one) for one in run_saved(through_queue(given.queue), given.saved, progress)]}
