"""``footnote chat``. Gradio and all other heavy libraries load when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from assistant.command_line import Commands, add_setting_options, say
from assistant.commands import Prepare, open_assistant

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.services import EvalReport, PaperServices
    from assistant.settings import Settings


def add_commands(
    commands: Commands,
    prepare: Prepare,
    paper_services: Callable[[Assistant], PaperServices],
    reports: Callable[[Settings], Sequence[EvalReport]],
) -> None:
    """``paper_services`` and ``reports`` come from ``ingest`` and ``evals``, which this package may not import."""
    run = partial(chat, prepare=prepare, paper_services=paper_services, reports=reports)
    command = commands.add("chat", run, "open the page in a browser")
    add_setting_options(command, "host", "port", "auth")


def chat(
    _: argparse.Namespace,
    settings: Settings,
    *,
    prepare: Prepare,
    paper_services: Callable[[Assistant], PaperServices],
    reports: Callable[[Settings], Sequence[EvalReport]],
) -> int:
    from assistant.api.access import check_access
    from assistant.system.memory import garbage_collection_paused

    with garbage_collection_paused():
        from assistant.web.server import serve

    check_access(settings)  # before anything is loaded or indexed
    prepare(settings)
    say("Loading the models ...")
    with open_assistant(settings) as assistant:
        say(f"{assistant.retriever.index.label}; {assistant.language_model.label}, {assistant.language_model.offload}.")
        serve(assistant, paper_services(assistant), partial(reports, settings), say=say)
    return 0
