"""A server with OpenAI's interface that streams word by word, and pauses or fails as a script says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.http_server import QuietHandler, serving
from tests.support.model_server import END, event


@dataclass(frozen=True)
class Pause:
    """The server sends nothing for these seconds."""

    seconds: float


@dataclass(frozen=True)
class Cut:
    """The server closes the connection. Without ``chunked``, the client cannot see that more should have come."""

    chunked: bool = True


@dataclass(frozen=True)
class Status:
    """The server answers with an HTTP error instead of a stream."""

    code: int


Step = str | bytes | Pause | Cut | Status
"""Text is sent word by word, bytes as they are."""


@dataclass
class ScriptedServer:
    """Answers every chat with ``script``; remembers the last message of each request."""

    script: Sequence[Step]
    prompts: list[str] = field(default_factory=list)
    address: str = ""
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def scripted_server(*script: Step) -> Iterator[ScriptedServer]:
    """A server that runs until the block ends."""
    server = ScriptedServer(script)

    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802 - http.server's names
            _send_json(self, 200, {"data": [{"id": "scripted", "object": "model"}]})

        def do_POST(self) -> None:  # noqa: N802 - http.server's names
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.prompts.append(asked["messages"][-1]["content"])
            _stream(self, server)

    with serving(Handler) as address:
        server.address = f"{address}/v1"
        try:
            yield server
        finally:
            server.ended.set()


def _send_json(request: BaseHTTPRequestHandler, status: int, values: Any) -> None:
    body = json.dumps(values).encode()
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def _stream(request: BaseHTTPRequestHandler, server: ScriptedServer) -> None:
    first = server.script[0] if server.script else ""
    if isinstance(first, Status):
        _send_json(request, first.code, {"error": {"message": "the model is overloaded"}})
        return
    chunked = Cut(chunked=False) not in server.script
    request.close_connection = True
    request.send_response(200)
    request.send_header("Content-Type", "text/event-stream")
    request.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")))
    request.end_headers()
    for step in (*server.script, END):
        if isinstance(step, Cut):
            return
        if isinstance(step, Pause):
            server.ended.wait(step.seconds)
        else:
            for data in [step] if isinstance(step, bytes) else _events_of(str(step)):
                request.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
    if chunked:
        request.wfile.write(b"0\r\n\r\n")


def _events_of(text: str) -> Iterator[bytes]:
    yield from (event(word) for word in text.replace(" ", " \0").split("\0"))
