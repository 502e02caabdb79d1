"""Routes that clients of OpenAI's chat API understand: Footnote as a model, whose answers have footnotes.

https://platform.openai.com/docs/api-reference/chat describes the fields. Those that steer a language model, such as
``temperature``, are accepted and have no effect: an answer is made as the settings say.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.answers import LOOK_SECONDS, answer_of, begin, result_of, until_done
from assistant.api.application import Given
from assistant.api.cited_markdown import CitedMarkdown, cited_markdown
from assistant.api.problems import openai_error, status_of
from assistant.conversations.answer_queue import Task
from assistant.errors import FootnoteError, InputError, NotFound
from assistant.presentation import as_json
from assistant.records import Answer

router = APIRouter(tags=["OpenAI-compatible"])
MODEL = "footnote"
_KEEP_ALIVE_SECONDS = 5.0
_CHARACTERS = 200_000  # of a message: an answer that is sent back as history may be long
_NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}  # tokens are neither sold nor counted


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Part(_Lenient):
    type: str
    text: Annotated[str, Field(max_length=_CHARACTERS)] = ""


class Message(_Lenient):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, Field(max_length=_CHARACTERS)] | list[Part] | None = None

    @property
    def text(self) -> str:
        """Raises InputError for a picture or a sound."""
        if not isinstance(self.content, list):
            return self.content or ""
        if other := next((part.type for part in self.content if part.type != "text"), ""):
            raise InputError(f"Footnote reads text only, not {other!r}: send messages of text.")
        return "\n".join(part.text for part in self.content)


class StreamOptions(_Lenient):
    include_usage: bool = False


class Completion(_Lenient):
    model: Annotated[str, Field(max_length=200)] = MODEL
    messages: Annotated[list[Message], Field(min_length=1, max_length=1_000)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = 1


@dataclass(frozen=True, slots=True)
class _Head:
    """The fields that all parts of one response share."""

    completion_id: str
    created: int
    model: str

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**self.fields("chat.completion.chunk"), "choices": [choice]}

    def fields(self, kind: str) -> dict[str, Any]:
        return {"id": self.completion_id, "object": kind, "created": self.created, "model": self.model}


@router.get("/models", summary="The models: all papers, and each collection")
def models(given: Given) -> dict[str, Any]:
    names = [MODEL, *(f"{MODEL}/{name}" for name in given.library.source_table.collections())]
    return {"object": "list", "data": [_model(name) for name in names]}


@router.get("/models/{name:path}", summary="One model")
def model(name: str, given: Given) -> dict[str, Any]:
    if collection := _collection(name):
        given.library.source_table.papers_in(collection)
    return _model(name)


@router.post("/chat/completions", summary="Answer the last message")
async def complete(asked: Completion, request: Request, given: Given) -> Any:
    """The answer in Markdown with numbered sources; ``annotations`` say which words rest on which paper.

    The last message is the question and the earlier ones are its history; system messages are ignored.
    """
    task = begin(given, *_question_and_history(asked), _collection(asked.model))
    head = _Head(f"chatcmpl-{uuid.uuid4().hex}", int(time.time()), asked.model)
    base = str(request.base_url)
    if asked.stream:
        with_usage = bool(asked.stream_options and asked.stream_options.include_usage)
        return StreamingResponse(_chunks(task, head, base, with_usage=with_usage), media_type="text/event-stream")
    answer = await answer_of(task, request)
    written = cited_markdown(answer, base)
    message = {"role": "assistant", "content": written.text, "refusal": None, **_more(answer, written)}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return JSONResponse({**head.fields("chat.completion"), "choices": [choice], "usage": _NO_USAGE})


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "footnote"}


def _collection(name: str) -> str:
    """The collection that a model's name stands for; empty for all papers. Raises NotFound for another model."""
    model, _, collection = name.partition("/")
    if model != MODEL:
        raise NotFound(f"There is no model {name!r}: use {MODEL!r}, or {MODEL}/COLLECTION.")
    return collection


def _question_and_history(asked: Completion) -> tuple[str, list[list[str]]]:
    """The last message, and the earlier ones in pairs, oldest first. Raises InputError if a user did not say it."""
    spoken = [message for message in asked.messages if message.role in ("user", "assistant")]
    if not spoken or spoken[-1].role != "user":
        raise InputError("The last message is not a user's: send the question as the last message.")
    history: list[list[str]] = []
    for message, following in pairwise(spoken):
        if message.role == "user" and following.role == "assistant":
            history.append([message.text, following.text])
    return spoken[-1].text, history


def _more(answer: Answer, written: CitedMarkdown) -> dict[str, Any]:
    """The sources of the text, and under ``footnote`` the whole answer, of which other clients know nothing."""
    return {"annotations": [one.as_json() for one in written.annotations], "footnote": as_json(answer)}


async def _chunks(task: Task, head: _Head, base: str, *, with_usage: bool) -> AsyncIterator[str]:
    """Server-sent events. Nothing is sent before it was checked, so the text comes at the end, claim by claim."""
    try:
        yield _data(head.chunk({"role": "assistant", "content": ""}))
        waited = 0.0
        async for _ in until_done(task.future):
            waited += LOOK_SECONDS
            if waited >= _KEEP_ALIVE_SECONDS:
                waited = 0.0
                yield ": still answering\n\n"
        answer = result_of(task)
        written = cited_markdown(answer, base)
        for piece in written.pieces:
            yield _data(head.chunk({"content": piece}))
        yield _data(head.chunk(_more(answer, written), "stop"))
        if with_usage:
            yield _data({**head.fields("chat.completion.chunk"), "choices": [], "usage": _NO_USAGE})
    except FootnoteError as error:
        yield _data({"error": openai_error(status_of(error), str(error))})
    finally:
        task.stop.set()
    yield "data: [DONE]\n\n"


def _data(values: dict[str, Any]) -> str:
    return f"data: {json.dumps(values, ensure_ascii=False)}\n\n"
