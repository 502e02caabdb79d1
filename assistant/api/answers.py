"""Routes that answer questions: one at once, one as it grows, many in the background; and that search."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.answering.question import checked_question
from assistant.api.application import Application, CollectionName, Given, check_not_busy
from assistant.api.problems import status_of
from assistant.batch import BatchQuestion, answer_batch, checked_history
from assistant.conversations.answer_queue import CLOSED, Task, complete_answer
from assistant.conversations.store import REMEMBERED_TURNS
from assistant.errors import FootnoteError, InputError, ModelError, NotFound, Stopped
from assistant.jobs import as_json as job_as_json
from assistant.presentation import as_json
from assistant.records import Answer
from assistant.search import MOST_PAPERS, found_as_json, search
from assistant.system.progress import Progress
from assistant.versions import answer_version

router = APIRouter(tags=["answers"])
LOOK_SECONDS = 0.05  # between two looks at an answer that grows
_MOST_QUESTIONS = 10_000
_CHARACTERS = 20_000  # of a question; what can be asked is shorter, and says so itself
_Text = Annotated[str, Field(max_length=_CHARACTERS)]
_History = Annotated[list[list[str]], Field(max_length=100)]
_EXAMPLE = {"question": "How does MiniPLM refine the distribution of its training data?"}
_BATCH_EXAMPLE = {"questions": [{"id": "a", **_EXAMPLE}, {"id": "b", "question": "Which papers are about BERT?"}]}


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Question(_Fields):
    """A question, with earlier turns of its conversation as pairs of question and answer, oldest first."""

    question: _Text
    history: _History = []
    collection: CollectionName = ""
    paper_ids: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=1_000)] = []


class NamedQuestion(_Fields):
    """A question of a batch; ``id`` names it among the answers."""

    id: Annotated[str, Field(max_length=200)] = ""
    question: _Text
    history: _History = []
    collection: CollectionName = ""


class Batch(_Fields):
    questions: Annotated[list[NamedQuestion], Field(min_length=1, max_length=_MOST_QUESTIONS)]


class Query(_Fields):
    query: _Text
    count: Annotated[int, Field(ge=1, le=MOST_PAPERS)] = MOST_PAPERS
    collection: CollectionName = ""


@router.post("/ask", summary="Answer a question", response_class=JSONResponse)
async def ask(asked: Annotated[Question, Body(examples=[_EXAMPLE])], request: Request, given: Given) -> JSONResponse:
    """The object that ``footnote ask --json`` prints. Nothing is stored in the conversations."""
    task = begin(given, asked.question, asked.history, asked.collection, asked.paper_ids)
    return JSONResponse(as_json(await answer_of(task, request)))


@router.post("/ask/events", summary="Answer a question, as it grows", response_class=StreamingResponse)
async def ask_events(asked: Annotated[Question, Body(examples=[_EXAMPLE])], given: Given) -> StreamingResponse:
    """Server-sent events: ``progress`` (stage, questions ahead, unchecked draft), then ``answer`` or ``problem``."""
    task = begin(given, asked.question, asked.history, asked.collection, asked.paper_ids)
    return StreamingResponse(_events(task, given), media_type="text/event-stream")


@router.post("/search", summary="Find papers and their best sentences", response_class=JSONResponse)
async def find(query: Query, request: Request, given: Given) -> JSONResponse:
    check_not_busy(given)
    assistant = given.queue.assistant
    looking = given.queue.call(partial(search, assistant, query.query, query.count, query.collection))
    async for _ in until_done(looking):
        if await request.is_disconnected():
            looking.cancel()
    if looking.cancelled():
        raise Stopped(CLOSED)
    return JSONResponse({"papers": found_as_json(looking.result(), given.library)})


@router.post("/batches", status_code=HTTPStatus.ACCEPTED, summary="Answer many questions in the background")
def start_batch(batch: Annotated[Batch, Body(examples=[_BATCH_EXAMPLE])], given: Given) -> dict[str, Any]:
    """The job. The same questions have the same job: after an interruption, this continues it."""
    questions = [
        BatchQuestion(
            one.id or str(number), checked_question(one.question), checked_history(one.history), one.collection
        )
        for number, one in enumerate(batch.questions, start=1)
    ]
    batch_id = hashlib.sha256(batch.model_dump_json().encode("utf-8", "replace")).hexdigest()[:32]
    return job_as_json(given.jobs.start("batch", partial(_run_batch, given, questions, batch_id), batch_id))


@router.get("/batches/{batch_id}/answers", summary="The answers so far, one JSON object per line")
def batch_answers(batch_id: str, given: Given) -> StreamingResponse:
    """The lines that ``footnote batch`` writes."""
    path = _answers_file(given, batch_id)
    if not path.exists():
        raise NotFound("There are no answers of such a batch.")
    headers = {"Content-Disposition": f'attachment; filename="{path.name}"'}
    return StreamingResponse(_complete_lines(path), headers=headers, media_type="application/x-ndjson")


def begin(
    given: Application, question: str, history: list[list[str]], collection: str, paper_ids: Sequence[str] = ()
) -> Task:
    """Put a question into the queue. Raises Busy, QuestionError or InputError."""
    check_not_busy(given)
    turns = checked_history(history)[-REMEMBERED_TURNS:]
    if collection:
        given.library.source_table.papers_in(collection)  # raises NotFound now, not when its turn comes
    return given.queue.begin(question, turns, paper_ids, collection)


async def answer_of(task: Task, request: Request) -> Answer:
    """The finished answer; a client that goes stops it. Raises what the pipeline raises, and Stopped."""
    try:
        async for _ in until_done(task.future):
            if await request.is_disconnected():
                task.stop.set()
    except asyncio.CancelledError:
        task.stop.set()
        raise
    return result_of(task)


async def until_done(future: Future[Any]) -> AsyncIterator[None]:
    """Comes back every moment until the future is done or cancelled; the caller then takes its result or error."""
    wrapped = asyncio.wrap_future(future)
    wrapped.add_done_callback(lambda done: done.cancelled() or done.exception())  # else asyncio prints the error
    while not (await asyncio.wait({wrapped}, timeout=LOOK_SECONDS))[0]:
        yield


def result_of(task: Task) -> Answer:
    """The answer of a task that is done. Raises what the pipeline raised, and Stopped if it was not completed."""
    if task.future.cancelled():
        raise Stopped(CLOSED)
    task.future.result()
    return complete_answer(task)


async def _events(task: Task, given: Application) -> AsyncIterator[str]:
    seen = -1
    try:
        async for _ in until_done(task.future):
            if task.version != seen:
                seen = task.version
                yield _event("progress", _progress(task, given))
        yield _event("answer", as_json(result_of(task)))
    except FootnoteError as error:
        yield _event("problem", {"status": int(status_of(error)), "detail": str(error)})
    finally:
        task.stop.set()  # when the client has gone; of a finished answer it stops nothing


def _progress(task: Task, given: Application) -> dict[str, Any]:
    answer = task.answer
    if answer is None:
        return {"stage": "waiting", "ahead": given.queue.ahead_of(task), "draft": ""}
    return {"stage": answer.stage, "ahead": 0, "draft": answer.draft}


def _event(name: str, values: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(values, ensure_ascii=False)}\n\n"


def _run_batch(given: Application, questions: list[BatchQuestion], batch_id: str, progress: Progress) -> dict[str, Any]:
    def ask_one(question: BatchQuestion) -> Answer:
        answer = given.queue.answer(question.question, question.history, (), question.collection)
        if answer.failure:
            raise ModelError(answer.failure)
        return answer

    path = _answers_file(given, batch_id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path.parent} cannot be made ({error.strerror}): make its folder writable.") from error
    result = answer_batch(ask_one, answer_version(given.queue.assistant), questions, path, progress)
    return {"answered": result.answered, "kept": result.kept, "faults": result.faults}


def _complete_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file that may be growing: its last line may not be whole."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line


def _answers_file(given: Application, batch_id: str) -> Path:
    """The file of a batch. Raises NotFound for what cannot be the id of one, such as a path."""
    if len(batch_id) != 32 or not set(batch_id) <= set("0123456789abcdef"):
        raise NotFound("There is no such batch.")
    return given.settings.home / "batches" / f"{batch_id}.jsonl"
