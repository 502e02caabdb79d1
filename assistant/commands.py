"""``footnote ask``, ``batch`` and ``doctor``. Heavy libraries load in the command that needs them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.command_line import EXIT_FAULT, Commands, add_collection_option, say

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.settings import Settings

Prepare = Callable[["Settings"], None]
"""Indexes the bundled papers in an empty default home; raises IndexMissing for another home without an index."""


def add_commands(commands: Commands, prepare: Prepare) -> None:
    command = commands.add("ask", partial(ask, prepare=prepare), "answer one question")
    command.add_argument("question", nargs="+")
    command.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    add_collection_option(command)
    command = commands.add(
        "batch",
        partial(batch, prepare=prepare),
        "answer the questions of a JSONL or CSV file; run it again to continue an interrupted run",
    )
    command.add_argument("questions", type=Path, help="lines of {id, question, history}, or CSV with a question column")
    command.add_argument(
        "-o", "--output", type=Path, required=True, help="file for the answers, one JSON object per line"
    )
    commands.add("doctor", doctor, "check the installation and suggest fixes")


def ask(options: argparse.Namespace, settings: Settings, *, prepare: Prepare) -> int:
    from assistant.answering.question import checked_question
    from assistant.presentation import as_json, as_text, footnotes

    question = checked_question(" ".join(options.question))
    prepare(settings)
    with open_assistant(settings) as assistant:
        answer = assistant.ask(question, collection=options.collection)
    if options.json:
        print(json.dumps(as_json(answer), ensure_ascii=False))
    else:
        print("\n\n".join(part for part in (as_text(answer), footnotes(answer)) if part))
    return EXIT_FAULT if answer.failure else 0


def batch(options: argparse.Namespace, settings: Settings, *, prepare: Prepare) -> int:
    from assistant.batch import check_output, read_questions, run_batch
    from assistant.system.progress import ProgressBars

    check_output(options.output, options.questions)
    questions, faults = read_questions(options.questions)
    for fault in faults:
        say(f"footnote: {fault}")
    prepare(settings)
    with open_assistant(settings) as assistant, ProgressBars(" questions") as bars:
        result = run_batch(assistant, questions, options.output, bars.of("answering"))
    for fault in result.faults:
        say(f"footnote: {fault}")
    left_out = len(faults) + len(result.faults)
    say(f"{result.answered} answered, {result.kept} already there, {left_out} left out; see {options.output}.")
    return EXIT_FAULT if left_out else 0


def doctor(_: argparse.Namespace, settings: Settings) -> int:
    from assistant.doctor import examine

    is_well = True
    for finding in examine(settings):
        print(finding.line(), flush=True)
        is_well = is_well and finding.is_well
    return 0 if is_well else EXIT_FAULT


def open_assistant(settings: Settings) -> Assistant:
    """The assistant for the settings, after a line for anything unusual about its index."""
    from assistant.system.memory import garbage_collection_paused

    with garbage_collection_paused():
        from assistant.answering.calibration import NOT_CALIBRATED
        from assistant.assistant import Assistant

        assistant = Assistant.open(settings)
    index = assistant.retriever.index
    if index.is_unfinished:
        say("footnote: the last ingest did not finish; answering from what is stored. Run it again to finish it.")
    elif index.vectors.is_exact and not index.is_being_written and len(index.library):
        say(
            "footnote: the vector store that the settings name lacks the vectors; answering from the exact store. Run "
            "`footnote ingest` with any of your files to fill it."
        )
    if notice := index.library.outdated_notice():
        say(f"footnote: {notice}")
    if not assistant.calibration.is_fitted:
        say(f"footnote: {NOT_CALIBRATED}.")
    if index.is_being_written:
        say("footnote: another program is adding or removing papers; answering from what is stored so far.")
    return assistant
