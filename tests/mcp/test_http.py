"""MCP over HTTP, on a real port of this machine: only for its own address, and with limits."""

from __future__ import annotations

import json
import socket
import threading
import time
from http.client import HTTPConnection

import pytest
import uvicorn

import app
from assistant.errors import SettingsError
from assistant.mcp.transports import PATH, http_application, serve_http
from tests.support.mcp_clients import called, text_of

HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
GREETING = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


@pytest.fixture
def serve_at(serve):
    """Serves the three papers; gives the port."""
    running = []

    def start(guard=None):
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        application = http_application(serve(), "127.0.0.1", port, guard)
        config = uvicorn.Config(application, log_level="error", timeout_graceful_shutdown=1, ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        running.append((server, thread, listening))
        while not server.started:
            time.sleep(0.01)
        return port

    yield start
    for server, thread, listening in running:
        server.should_exit = True
        thread.join(30)
        listening.close()


def status(port, body, **headers):
    """The status of the answer to one request; a header of None is not sent."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", PATH, body, {**HEADERS, **headers})
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_client_gets_an_answer_over_http(serve_at):
    result = called(f"http://127.0.0.1:{serve_at()}{PATH}", "search", query="tables")
    assert "Reading Tables" in text_of(result)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 200),
        ({"Origin": "http://127.0.0.1:{port}"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Host": "evil.example:{port}"}, 421),
        ({"Host": "127.0.0.1.evil.example:{port}"}, 421),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
def test_only_requests_to_its_own_address_are_answered(serve_at, headers, expected):
    port = serve_at()
    own = {name: value.format(port=port) for name, value in headers.items()}
    assert status(port, json.dumps(GREETING), **own) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"x" * 10_000_000, 413),
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (b'{"jsonrpc": "2.0"}', 400),
    ],
)
def test_a_body_that_cannot_be_used_is_refused(serve_at, body, expected):
    port = serve_at()
    try:
        assert status(port, body) == expected
    except (BrokenPipeError, ConnectionResetError):  # it stops reading a body that is too large
        assert len(body) > 4_000_000
    assert status(port, json.dumps(GREETING)) == 200


def test_a_guard_decides_before_the_server(serve_at):
    def guard(application):
        async def refuse(scope, receive, send):
            if scope["type"] != "http":
                return await application(scope, receive, send)
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return None

        return refuse

    assert status(serve_at(guard), json.dumps(GREETING)) == 401


def test_a_port_that_is_taken_is_one_line(serve):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"Port {port} on 127.0.0.1 cannot be used"):
            serve_http(serve(), "127.0.0.1", port, print)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", ""])  # noqa: S104
def test_an_address_that_others_can_reach_is_refused_in_one_line(host, tmp_path, capsys):
    assert app.main(["mcp", "--http", "--host", host, "--home", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("footnote: MCP is served to this machine only")
