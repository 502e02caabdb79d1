"""Serves clients: one over standard input and output, or several over HTTP on this machine only."""

from __future__ import annotations

import signal
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

from assistant.api.access import is_this_machine
from assistant.errors import SettingsError

PATH = "/mcp"
_MOST_BODY_BYTES = 4 * 1024 * 1024  # the longest text of `add_papers`, when each of its characters takes four bytes
_MOST_SESSIONS = 100
_CLOSING_SECONDS = 2  # for clients that listen without end

Application = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application."""
Guard = Callable[[Application], Application]
"""Puts a check, such as one for keys, before an application."""


def serve_stdio(server: MCPServer[None]) -> None:
    """Serve the program at the other end of standard input and output, until it closes them.

    While it runs, whatever else this process writes to standard output, C libraries included, goes to standard error.
    """
    # Python cannot interrupt the thread that waits for the next line of input, so the system ends the process.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    server.run("stdio")


def serve_http(
    server: MCPServer[None], host: str, port: int, say: Callable[[str], None], guard: Guard | None = None
) -> None:
    """Serve clients of this machine until interrupted.

    Raises SettingsError for an address that other machines can reach, and for a port that cannot be used.
    """
    check_host(host)
    with _listening(host, port) as listening:
        application = http_application(server, host, port, guard)
        config = uvicorn.Config(
            application, log_level="warning", access_log=False, timeout_graceful_shutdown=_CLOSING_SECONDS
        )
        say(f"Footnote serves MCP at {_origin(host, port)}{PATH} (Ctrl-C ends it).")
        uvicorn.Server(config).run(sockets=[listening])


def check_host(host: str) -> None:
    """Raises SettingsError for an address that other machines can reach."""
    if not is_this_machine(host):
        raise SettingsError(f"MCP is served to this machine only, and {host!r} is not: leave out --host.")


def http_application(server: MCPServer[None], host: str, port: int, guard: Guard | None = None) -> Application:
    """The ASGI application. It answers requests to its own address only, and none that another site's page sends.

    So a web page cannot reach it, even if the name of its site resolves to this machine (DNS rebinding).
    """
    origins = list(dict.fromkeys(_origin(name, port) for name in ("127.0.0.1", "localhost", "::1", host)))
    own = TransportSecuritySettings(
        allowed_hosts=[origin.removeprefix("http://") for origin in origins], allowed_origins=origins
    )
    application: Application = server.streamable_http_app(
        streamable_http_path=PATH,
        transport_security=own,
        max_request_body_size=_MOST_BODY_BYTES,
        max_sessions=_MOST_SESSIONS,
    )
    return guard(application) if guard else application


def _origin(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SettingsError(
            f"Port {port} on {host} cannot be used ({error.strerror}): give another with --port."
        ) from error
