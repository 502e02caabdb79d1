"""Serves the page and the HTTP API."""

from __future__ import annotations

import os
import sys
import warnings
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from assistant.api.access import check_access
from assistant.api.app import build_app
from assistant.api.application import Application
from assistant.api.server import free_port, serving, wait_until_interrupted
from assistant.assistant import Assistant
from assistant.conversations.answer_queue import AnswerQueue
from assistant.conversations.saved import SavedQuestions
from assistant.conversations.saved_run import current_version
from assistant.conversations.store import Conversations
from assistant.services import EvalReport, PaperServices
from assistant.settings import Settings
from assistant.system.memory import garbage_collection_paused
from prompts import version as prompts_version

if TYPE_CHECKING:
    from fastapi import FastAPI


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
    check_access(settings)
    port = free_port(settings.host, settings.port)
    if port != settings.port:
        say(f"Port {settings.port} is in use; using {port}.")
    with (
        closing(Conversations(settings.conversations_file)) as conversations,
        closing(AnswerQueue(assistant, conversations, lambda: _made_with(assistant))) as queue,
        closing(SavedQuestions(settings.conversations_file)) as saved,
        closing(Application(queue, saved, services)) as application,
        serving(page_app(application, reports, assistant.change), settings.host, port) as address,
        services.watching(),
    ):
        say(f"Footnote is at {address} (Ctrl-C ends it).")
        if sys.stdout.isatty():
            webbrowser.open(address)
        wait_until_interrupted()


def page_app(
    application: Application, reports: Callable[[], Sequence[EvalReport]], change: Callable[[Settings], None]
) -> FastAPI:
    """The API and the page. ``change`` applies other settings to the assistant."""
    settings = application.settings
    _prepare_gradio(settings)
    with garbage_collection_paused():
        from assistant.web.page import build_page, mount

    page = build_page(application.queue, application.saved, application.papers, reports, change)
    return build_app(application, partial(mount, page=page, settings=settings))


def _prepare_gradio(settings: Settings) -> None:
    """Set what Gradio reads from the environment when it is imported."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = str(settings.cache_folder / "uploads")  # a folder that only this user can read
    # Gradio warns about its own internals on some Python versions; the user can do nothing about it.
    warnings.filterwarnings("ignore", category=DeprecationWarning)


def _made_with(assistant: Assistant) -> dict[str, str]:
    return {
        "model": assistant.language_model.label,
        "index": assistant.retriever.index.label,
        "prompts": prompts_version(),
        "version": current_version(assistant),
    }
