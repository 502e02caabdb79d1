"""The HTTP application: the routes of the API, and what guards them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from assistant.api import answers, completions, papers, saved, sources
from assistant.api.access import allowed_hosts, needs_key
from assistant.api.application import Application, Given
from assistant.api.guard import API_PREFIX, Guard, Limits
from assistant.api.keys import KeyStore
from assistant.api.problems import OPENAI_PREFIX, add_problems
from assistant.settings import Settings
from assistant.versions import package_version

_ABOUT = (
    "Questions over a library of paper abstracts, answered on this machine. Every sentence of an answer cites the "
    "words that it rests on: for each quotation, text equals abstract[start:end]. Errors are problems as in RFC 9457."
)
_health = APIRouter(tags=["health"])


def build_app(application: Application, mount: Callable[[FastAPI], object] | None = None) -> FastAPI:
    """The application, not yet served. ``mount`` may add the page to another one, which gets what is not of the API."""
    settings = application.settings
    app = FastAPI(
        title="Footnote",
        description=_ABOUT,
        version=package_version() or "0",
        openapi_url=f"{API_PREFIX}openapi.json",
        docs_url=None,  # FastAPI's pages would load scripts from other machines
        redoc_url=None,
    )
    app.state.application = application
    for router in (_health, answers.router, papers.router, sources.router, saved.router):
        app.include_router(router, prefix=API_PREFIX.rstrip("/"))
    app.include_router(completions.router, prefix=OPENAI_PREFIX.rstrip("/"))
    add_problems(app)
    keys = KeyStore(settings.keys_file) if needs_key(settings) else None
    page = FastAPI(openapi_url=None) if mount else None
    if mount and page:
        mount(page)
    app.add_middleware(Guard, keys=keys, limits=_limits(settings), page=page)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(settings))
    return app


@_health.get("/health", summary="Is the program running?")
async def health() -> dict[str, str]:  # async, so that it answers when all threads are busy
    return {"status": "ok"}


@_health.get("/ready", summary="Can it answer questions?", response_class=JSONResponse)
def ready(given: Given) -> JSONResponse:
    """503 while there is nothing to answer from."""
    index = given.retriever.index
    count = len(index.library)
    status = HTTPStatus.OK if count else HTTPStatus.SERVICE_UNAVAILABLE
    content = {
        "status": "ready" if count else "no papers",
        "papers": count,
        "model": given.queue.assistant.language_model.label,
        "waiting": len(given.queue),
        "is_being_written": index.is_being_written,
        "is_unfinished": index.is_unfinished,
    }
    return JSONResponse(content, status)


def _limits(settings: Settings) -> Limits:
    return Limits(upload_bytes=settings.upload_megabytes * 1_000_000, per_minute=settings.api_requests)
