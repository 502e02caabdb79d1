"""Serves the page, by default only to this machine, on the configured port or the next free one."""

from __future__ import annotations

import os
import socket
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assistant.assistant import Assistant
from assistant.conversations.answer_queue import AnswerQueue
from assistant.conversations.store import Conversations
from assistant.errors import SettingsError
from assistant.services import EvalReport, PaperServices
from assistant.settings import Settings
from assistant.system.memory import garbage_collection_paused
from assistant.web.access import allowed_hosts, check_access
from assistant.web.components import FOLDER
from prompts import version as prompts_version

if TYPE_CHECKING:
    from gradio import Blocks

_PORTS_TRIED = 20


def serve(
    assistant: Assistant,
    services: PaperServices,
    reports: Callable[[], Sequence[EvalReport]],
    say: Callable[[str], None],
) -> None:
    """Serve the page until interrupted.

    Raises SettingsError when no port can be had or the page would be open to others without a password, and
    StoreError when the conversations cannot be kept.
    """
    settings = assistant.settings
    login = check_access(settings)
    port = free_port(settings.host, settings.port)
    if port != settings.port:
        say(f"Port {settings.port} is in use; using {port}.")
    _prepare_gradio(settings)
    with garbage_collection_paused():
        from assistant.web.page import build_page
    conversations = Conversations(settings.conversations_file)
    queue = AnswerQueue(assistant, conversations, lambda: _made_with(assistant))
    try:
        page = build_page(queue, services, reports, assistant.change)
        address = launch(page, settings, login, port)
        say(f"Footnote is at {address} (Ctrl-C ends it).")
        try:
            with services.watching():
                page.block_thread()
        finally:
            page.close(verbose=False)
    finally:
        queue.close()
        conversations.close()


def _prepare_gradio(settings: Settings) -> None:
    """Set what Gradio reads from the environment when it is imported."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = str(settings.cache_folder / "uploads")  # a folder that only this user can read
    # Gradio warns about its own internals on some Python versions; the user can do nothing about it.
    warnings.filterwarnings("ignore", category=DeprecationWarning)


def launch(page: Blocks, settings: Settings, login: tuple[str, str] | None, port: int) -> str:
    """Serve the page in threads of its own; gives its address."""
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from assistant.web.page import head, theme

    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    page.queue(api_open=False)
    page.launch(
        server_name=host,
        server_port=port,
        share=False,
        quiet=True,
        inbrowser=sys.stdout.isatty(),
        prevent_thread_lock=True,
        footer_links=[],
        auth=login,
        max_file_size=f"{settings.upload_megabytes}mb",
        ssr_mode=False,
        enable_monitoring=False,
        css_paths=FOLDER / "page.css",
        head=head(),
        theme=theme(),
        app_kwargs={"middleware": [Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(settings))]},
    )
    return f"http://{host}:{port}"


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


def _made_with(assistant: Assistant) -> dict[str, str]:
    return {
        "model": assistant.language_model.label,
        "index": assistant.retriever.index.label,
        "prompts": prompts_version(),
    }
