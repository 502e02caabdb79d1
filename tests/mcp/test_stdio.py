"""MCP over standard input and output, as a client starts it: a real process, and nothing but protocol on its output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.support.mcp_clients import called, connected, text_of
from tests.support.paths import ROOT

GREETING = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
GREETED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
# Opening prints as Python does, and as a C library does.
NOISY = """
import os
from assistant.errors import InputError
from assistant.mcp.assistant_thread import AssistantThread
from assistant.mcp.server import make_server
from assistant.mcp.transports import serve_stdio

def opened():
    print("a print")
    os.write(1, b"a write\\n")
    os.system("echo a child")
    raise InputError("Not today.")

thread = AssistantThread(opened)
serve_stdio(make_server(thread))
thread.close()
"""


def call(number, tool, **arguments):
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def exchanged(command, *lines):
    """Replies by id, and standard error, of a process that gets these lines; its input ends after the last reply."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    replies = dict[int | None, Any]()
    wanted = {line["id"] for line in lines if isinstance(line, dict) and "id" in line}
    for line in lines:
        process.stdin.write((line if isinstance(line, str) else json.dumps(line)) + "\n")
    process.stdin.flush()
    while wanted - replies.keys():
        reply = json.loads(process.stdout.readline())
        replies[reply.get("id")] = reply
    rest, errors = process.communicate(timeout=60)
    assert rest == ""
    assert process.returncode == 0, errors
    return replies, errors


def test_whatever_is_printed_goes_to_standard_error():
    replies, errors = exchanged([sys.executable, "-c", NOISY], GREETING, GREETED, call(2, "search", query="hens"))
    assert replies[1]["result"]["serverInfo"]["name"] == "footnote"
    assert replies[2]["result"]["isError"]
    assert replies[2]["result"]["content"][0]["text"] == "Not today."
    for words in ("a print", "a write", "a child"):
        assert words in errors


def test_without_an_index_a_client_is_greeted_and_a_call_says_what_to_do(tmp_path):
    command = [sys.executable, "-m", "app", "mcp", "--home", str(tmp_path)]
    broken = ["{", "[" * 1_000, '{"jsonrpc": "2.0", "id": {}}', "\ufffd"]
    replies, errors = exchanged(
        command,
        GREETING,
        GREETED,
        *broken,
        call(2, "ask", question="x" * 10_000_000),
        call(3, "ask", question="Do hens fly?"),
    )
    assert "at most 40000 characters" in replies[2]["result"]["content"][0]["text"]
    assert "footnote ingest" in replies[3]["result"]["content"][0]["text"]
    assert "Traceback" not in errors
    assert not any(tmp_path.iterdir())


@pytest.fixture(scope="module")
def transport(tmp_path_factory):
    """Starts the real program over the bundled papers, with the packaged models."""
    home = tmp_path_factory.mktemp("home")
    command = [sys.executable, "-m", "app", "ingest", "--bundled", "--home", str(home)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    arguments = ["-m", "app", "mcp", "--home", str(home)]
    parameters = StdioServerParameters(command=sys.executable, args=arguments, cwd=ROOT, env=dict(os.environ))
    return lambda: stdio_client(parameters)


@pytest.mark.models
def test_the_real_program_answers_over_stdio(transport):
    question = "How does MiniPLM refine the distribution of its training data?"
    result = called(transport(), "ask", question=question)
    assert "[1] MiniPLM" in text_of(result)
    assert result.structured_content["citations"][0]["quotes"]


@pytest.mark.models
def test_the_real_program_lists_its_tools_and_ends_while_the_models_load(transport):
    assert len(connected(transport(), lambda client: client.list_tools()).tools) == 5
