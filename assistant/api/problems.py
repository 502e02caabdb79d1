"""Errors as answers of the API, in the form of RFC 9457 (``application/problem+json``)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assistant.errors import (
    FAULT,
    FootnoteError,
    IndexInUse,
    IndexProblem,
    InputError,
    ModelError,
    NotFound,
    Stopped,
    StoreError,
)

OPENAI_PREFIX = "/v1/"
MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[FootnoteError], HTTPStatus], ...] = (  # the first that fits
    (NotFound, HTTPStatus.NOT_FOUND),
    (InputError, HTTPStatus.BAD_REQUEST),
    (IndexInUse, HTTPStatus.CONFLICT),
    (IndexProblem, HTTPStatus.SERVICE_UNAVAILABLE),
    (ModelError, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
    (Stopped, HTTPStatus.SERVICE_UNAVAILABLE),
)
_MOST_FAULTS = 20  # of one body, that a problem names
_TRY_AGAIN = {"Retry-After": "5"}  # seconds
_log = logging.getLogger(__name__)


def problem(path: str, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:
    """An error as the response to a request for ``path``; ``more`` are further members of the object.

    The clients of OpenAI's API expect another form: https://platform.openai.com/docs/guides/error-codes.
    """
    if path.startswith(OPENAI_PREFIX):
        return JSONResponse({"error": openai_error(status, detail)}, status, dict(headers or {}))
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(content, status, dict(headers or {}), media_type=MEDIA_TYPE)


def openai_error(status: int, detail: str) -> dict[str, Any]:
    kind = "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    return {"message": detail, "type": kind, "param": None, "code": None}


def status_of(error: FootnoteError) -> HTTPStatus:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


def add_problems(app: FastAPI) -> None:
    """Answer every error of the app as a problem, none with a traceback."""

    def of_footnote(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, FootnoteError)  # noqa: S101 - it is registered for this class
        status = status_of(error)
        headers = _TRY_AGAIN if status in (HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE) else {}
        return problem(request.url.path, status, str(error), headers)

    def of_fields(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        errors = error.errors()[:_MOST_FAULTS]
        faults = [{"place": ".".join(map(str, one["loc"])), "message": one["msg"]} for one in errors]
        first = faults[0]
        detail = f"{first['place']}: {first['message']}."
        return problem(request.url.path, HTTPStatus.UNPROCESSABLE_ENTITY, detail, faults=faults)

    def of_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        cause = error.__cause__
        if error.status_code == HTTPStatus.BAD_REQUEST and isinstance(
            cause, OSError
        ):  # of a large body's temporary file
            detail = f"The body cannot be kept ({cause.strerror}): free space on the disk of temporary files."
            return problem(request.url.path, HTTPStatus.INSUFFICIENT_STORAGE, detail)
        return problem(request.url.path, error.status_code, str(error.detail), error.headers)

    def of_bug(request: Request, error: Exception) -> JSONResponse:
        _log.error("%s %s failed.", request.method, request.url.path, exc_info=error)
        return problem(request.url.path, HTTPStatus.INTERNAL_SERVER_ERROR, FAULT)

    app.add_exception_handler(FootnoteError, of_footnote)
    app.add_exception_handler(RequestValidationError, of_fields)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(Exception, of_bug)
