"""``footnote mcp``. The SDK and all other heavy libraries load when it runs."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from assistant.command_line import Commands, say
from assistant.commands import Prepare, open_assistant

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.services import PaperServices
    from assistant.settings import Settings

_PORT = 7861  # the page has the one before


def add_commands(commands: Commands, prepare: Prepare, paper_services: Callable[[Assistant], PaperServices]) -> None:
    """``paper_services`` comes from ``ingest``, which this package may not import."""
    run = partial(mcp, prepare=prepare, paper_services=paper_services)
    command = commands.add("mcp", run, "serve language models as tools (Model Context Protocol)")
    command.add_argument("--can-add", action="store_true", help="also offer a tool that adds papers to the index")
    command.add_argument("--http", action="store_true", help="serve HTTP instead of standard input and output")
    command.add_argument("--host", default="127.0.0.1", help="with --http: an address of this machine only")
    command.add_argument("--port", type=_port, default=_PORT, help=f"with --http; default: {_PORT}")


def mcp(
    options: argparse.Namespace,
    settings: Settings,
    *,
    prepare: Prepare,
    paper_services: Callable[[Assistant], PaperServices],
) -> int:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="footnote: %(message)s")  # before the SDK does

    from assistant.mcp.assistant_thread import AssistantThread
    from assistant.mcp.server import make_server
    from assistant.mcp.transports import check_host, serve_http, serve_stdio

    def opened() -> Assistant:
        prepare(settings)
        return open_assistant(settings)

    check_host(options.host)  # before the models load
    thread = AssistantThread(opened)
    server = make_server(thread, paper_services if options.can_add else None)
    try:
        if options.http:
            serve_http(server, options.host, options.port, say)
        else:
            if sys.stdin.isatty():
                say("An MCP client starts this command and speaks to it on standard input; see docs/mcp.md.")
            serve_stdio(server)
    finally:
        thread.close()
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError("give a number from 1 to 65535")
    return int(text)
