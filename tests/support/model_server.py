"""A small server with OpenAI's interface for chats, which answers with given words."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.http_server import QuietHandler, serving


@dataclass
class ModelServer:
    """Lists models and answers every chat with ``words``; remembers the path and the key of each request."""

    models: list[str] = field(default_factory=lambda: ["first", "org/second:8b"])
    words: Sequence[str] = ("Hens ", "lay.")
    key: str = ""
    redirect: str = ""
    body: bytes = b""
    status: int = 200
    speaks: threading.Event | None = None
    """If given, a chat is answered only when it is set, or after 30 seconds."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    chats: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""

    @property
    def asked(self) -> list[str]:
        """The model that each chat named."""
        return [chat["model"] for chat in self.chats]


@contextmanager
def model_server(**options: Any) -> Iterator[ModelServer]:
    """A server that runs until the block ends; ``options`` are fields of ``ModelServer``."""
    server = ModelServer(**options)

    class Handler(QuietHandler):
        def do_GET(self) -> None:  # noqa: N802 - http.server's names
            _respond(self, server)

        do_POST = do_GET  # noqa: N815 - http.server's names

    with serving(Handler) as address:
        server.address = f"{address}/v1"
        yield server


def event(word: str = "", finish_reason: str | None = None) -> bytes:
    """The event of a stream that brings this text."""
    choice = {"index": 0, "delta": {"content": word}, "finish_reason": finish_reason}
    return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()


END = event(finish_reason="stop") + b"data: [DONE]\n\n"


def _respond(request: BaseHTTPRequestHandler, server: ModelServer) -> None:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    server.requests.append((request.path, given))
    content = json.loads(request.rfile.read(int(request.headers.get("Content-Length", 0))) or b"{}")
    status, kind = server.status, "application/json"
    if server.redirect:
        request.send_response(307)
        request.send_header("Location", server.redirect + request.path.removeprefix("/v1"))
        request.end_headers()
        return
    if server.key and given != server.key:
        status, body = 401, json.dumps({"error": {"message": f"Incorrect API key provided: {given}"}}).encode()
    elif server.body or server.status != 200:
        body = server.body
    elif request.path.endswith("/models"):
        body = json.dumps({"data": [{"id": name, "object": "model"} for name in server.models]}).encode()
    else:
        server.chats.append(content)
        if server.speaks:
            server.speaks.wait(30)
        kind = "text/event-stream"
        body = b"".join(map(event, server.words)) + END
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
