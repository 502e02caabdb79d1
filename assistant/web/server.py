"""Serving the page: on this machine by default, on the next free port when the one asked for is taken."""

from __future__ import annotations

import os
import socket
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.errors import SettingsError
from assistant.pipeline import AnswerPipeline
from assistant.settings import Settings

_PORTS_TRIED = 20
_CSS = Path(__file__).parent / "page.css"


def serve(assistant: AnswerPipeline, settings: Settings, examples: Sequence[str], say: Callable[[str], None]) -> None:
    """Serve the page until interrupted. Raises SettingsError when no port can be had."""
    port = free_port(settings.host, settings.port)
    if port != settings.port:
        say(f"Port {settings.port} is in use; using {port}.")
    if settings.host not in ("127.0.0.1", "localhost", "::1"):
        say(f"Anyone who can reach {settings.host} can read the indexed papers: there is no password.")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # Gradio warns of its own internals on some Python versions; a person at the page can do nothing about it.
    warnings.filterwarnings("ignore", category=DeprecationWarning)

    from assistant.web.page import build_page

    page = build_page(assistant, examples)
    page.queue(default_concurrency_limit=1, api_open=False)
    page.launch(
        server_name=settings.host,
        server_port=port,
        share=False,
        quiet=True,
        inbrowser=sys.stdout.isatty(),
        prevent_thread_lock=True,
        footer_links=[],
        max_file_size="1kb",
        ssr_mode=False,
        enable_monitoring=False,
        css_paths=_CSS,
    )
    say(f"Footnote is at http://{settings.host}:{port} (Ctrl-C ends it).")
    try:
        page.block_thread()
    finally:
        page.close(verbose=False)


def free_port(host: str, port: int) -> int:
    """The first port from ``port`` on that nothing listens on. Raises SettingsError when there is none near."""
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
