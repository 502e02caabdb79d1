"""Serves the application, by default only to this machine, on the configured port or the next free one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.errors import SettingsError

_PORTS_TRIED = 20
_CONNECTIONS = 1_000  # at once; others are refused with 503
_SHUTDOWN_SECONDS = 1  # for responses that are being sent
_LOOK_SECONDS = 0.02
_HEAD_SECONDS = 30  # at least, for the first line and the headers of a request


class _Http(H11Protocol):
    """HTTP/1.1, where a client that sends no whole head of a request is given up: uvicorn would wait without end.

    Its other implementation of HTTP, httptools, keeps headers of any size in memory.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.loop.call_later(_HEAD_SECONDS, self._give_up, self.cycle)

    def _give_up(self, before: object) -> None:
        """Close the connection if it still waits for the request after ``before``; else look again later."""
        is_waiting = self.conn.their_state is h11.IDLE
        if is_waiting and self.cycle is before:
            self.transport.close()
        if not self.transport.is_closing():
            self.loop.call_later(_HEAD_SECONDS, self._give_up, self.cycle if is_waiting else self)


@contextlib.contextmanager
def serving(app: FastAPI, host: str, port: int) -> Iterator[str]:
    """Serve what ``build_app`` gave in a thread of its own; gives its address. Both end with the block."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        http=_Http,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        server_header=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="http", daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise SettingsError(f"The server cannot listen on {host}:{port}: give another port with FOOTNOTE_PORT.")
        time.sleep(_LOOK_SECONDS)
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}"
    finally:
        app.state.application.queue.close()  # first, so that those who wait for an answer are told that there is none
        server.should_exit = True
        thread.join()


def wait_until_interrupted() -> None:
    """Returns never; Ctrl-C raises KeyboardInterrupt."""
    threading.Event().wait()


def free_port(host: str, port: int) -> int:
    """The first free port from ``port`` on. Raises SettingsError when the next twenty are in use."""
    for candidate in range(port, min(port + _PORTS_TRIED, 65_536)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, candidate))
                return candidate
            except socket.gaierror as error:
                raise SettingsError(f"The host {host} is unknown: use 127.0.0.1.") from error
            except OSError:
                continue
    raise SettingsError(f"No free port on {host} from {port} on: give another with FOOTNOTE_PORT.")
