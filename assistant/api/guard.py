"""Decides which requests reach the API: of whom, from which web page, how large and how many.

An ASGI middleware, because a size has to be counted while a body is being received.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.keys import KeyStore
from assistant.api.problems import OPENAI_PREFIX, problem
from assistant.errors import StoreError

API_PREFIX = "/api/v1/"
PREFIXES = (API_PREFIX, OPENAI_PREFIX)
_OPEN = ("/api/v1/health", "/api/v1/ready")  # no key is needed: a supervisor of the program asks these
_WRONG_KEYS = RateLimitItemPerMinute(20)  # from one address, before all its requests are refused
_PAGE_UPLOAD = "/gradio_api/upload"  # of many files, each of which Gradio limits
_BODY_SECONDS = 30  # without any part of a body, a client has gone or is slow on purpose
_SLOWEST = 20_000  # bytes of a body in a second, after these seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """``batch_bytes``: of a request with many questions or to the page; ``upload_bytes``: of one that adds papers;
    ``body_bytes``: of any other. ``per_minute``: requests with a key.
    """

    body_bytes: int = 1_000_000
    batch_bytes: int = 10_000_000
    upload_bytes: int = 200_000_000
    per_minute: int = 600


@dataclass
class Guard:
    """Passes on the requests of the API that are allowed, and all others to the page.

    ``keys``: without them, anyone who can reach the address may use the API. ``page``: without it, the API answers all.
    """

    app: ASGIApp
    keys: KeyStore | None
    limits: Limits = field(default_factory=Limits)
    page: ASGIApp | None = None

    def __post_init__(self) -> None:
        self._rate = MovingWindowRateLimiter(MemoryStorage())
        self._per_minute = RateLimitItemPerMinute(self.limits.per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = _limited(receive, self._allowed(scope))
        if scope["type"] != "http" or not scope["path"].startswith(PREFIXES):
            await (self.page or self.app)(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = (
            _foreign_page(headers) or await self._refused_key(scope, headers) or self._refused_size(scope, headers)
        )
        if refusal:
            status, detail, more = refusal
            await problem(scope["path"], status, detail, more)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _refused_key(self, scope: Scope, headers: Headers) -> _Refusal | None:
        if self.keys is None or scope["path"] in _OPEN:
            return None
        address = (scope.get("client") or ("",))[0]
        secret = _secret_in(headers)
        try:
            key = await asyncio.to_thread(self.keys.holder_of, secret)
        except StoreError as error:
            return HTTPStatus.SERVICE_UNAVAILABLE, str(error), {}
        if not self._rate.test(_WRONG_KEYS, "wrong key", address) and not key:
            return HTTPStatus.TOO_MANY_REQUESTS, "Too many wrong keys: wait a minute.", {"Retry-After": "60"}
        if not key:
            self._rate.hit(_WRONG_KEYS, "wrong key", address)
            detail = "Send a key as `Authorization: Bearer fn_...`; `footnote key add NAME` makes one."
            return HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": "Bearer"}
        if not self._rate.hit(self._per_minute, "key", key.key_id):
            detail = f"More than {self.limits.per_minute} requests in a minute: wait."
            return HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": "60"}
        return None

    def _refused_size(self, scope: Scope, headers: Headers) -> _Refusal | None:
        if "content-length" in headers and "transfer-encoding" in headers:  # a proxy may believe the other one
            detail = "Send Content-Length or Transfer-Encoding, not both."
            return HTTPStatus.BAD_REQUEST, detail, {"Connection": "close"}
        length, allowed = headers.get("content-length", "0"), self._allowed(scope)
        if length.isdecimal() and int(length) > allowed:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _size_message(allowed), {"Connection": "close"}
        return None

    def _allowed(self, scope: Scope) -> int:
        path: str = scope["path"]
        if path == "/api/v1/ingest":
            return self.limits.upload_bytes
        if path.startswith(_PAGE_UPLOAD):
            return sys.maxsize
        is_small = path.startswith(PREFIXES) and path != "/api/v1/batches"
        return self.limits.body_bytes if is_small else self.limits.batch_bytes


_Refusal = tuple[HTTPStatus, str, dict[str, str]]


def _foreign_page(headers: Headers) -> _Refusal | None:
    """A browser says from which site a request comes; only our own page may use the API, and programs name no site."""
    is_own = all(_site(origin) == headers.get("host", "") for origin in headers.getlist("origin"))
    if is_own and headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return None
    return HTTPStatus.FORBIDDEN, "Web pages of other sites may not use this API.", {}


def _site(origin: str) -> str | None:
    """The host and port of an origin, or None for `null` and what cannot be parsed."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:  # as for `http://[::1`
        return None


def _secret_in(headers: Headers) -> str:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.casefold() == "bearer" else headers.get("x-api-key", "")


def _limited(receive: Receive, allowed: int) -> Receive:
    received = 0
    end = time.monotonic() + _BODY_SECONDS + allowed / _SLOWEST  # for a client that sends a byte now and then

    async def limited() -> Message:
        """A part of the body. Raises HTTPException, which FastAPI passes on to what answers problems."""
        nonlocal received
        if received < 0:  # the body is complete: wait for the client to go, however long that takes
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), min(_BODY_SECONDS, end - time.monotonic()))
        except TimeoutError as error:
            detail = "The body comes too slowly: send it again over a faster connection."
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, detail, {"Connection": "close"}) from error
        received += len(message.get("body", b""))
        if received > allowed:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _size_message(allowed), {"Connection": "close"})
        if not message.get("more_body", False):
            received = -1
        return message

    return limited


def _size_message(allowed: int) -> str:
    return f"The body is larger than {allowed // 1_000_000} MB."
