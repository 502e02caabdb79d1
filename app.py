"""The program ``footnote``: its command line. Heavy libraries load only in the command that needs them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import FootnoteError
from assistant.system.memory import loading
from assistant.system.progress import Bars
from evals.commands import add_commands as add_eval_commands
from ingest.commands import EXIT_FAULT, Add, Run, ensure_indexed, say
from ingest.commands import add_commands as add_corpus_commands

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.services import Services
    from assistant.settings import Settings

EXIT_STOPPED = 130  # Ctrl-C, as shells number it
EXIT_CODES = (
    "Exit codes: 0, done; 1, something failed, was left out or is below a limit that was set, and a line on standard "
    "error says what; 2, the command line was wrong; 130, stopped with Ctrl-C."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()  # here, where it is known what to do when nobody reads it
        return code
    except FootnoteError as error:
        say(f"footnote: {error}")
        return EXIT_FAULT
    except KeyboardInterrupt:
        say("footnote: stopped.")
        return EXIT_STOPPED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nothing is left to say to it
        return EXIT_FAULT


def run() -> None:
    """The console script: run one command and be gone.

    Taking torch and llama.cpp down piece by piece takes over a second. By now all files are closed, and memory the
    system takes back by itself.
    """
    code = main()
    with suppress(BrokenPipeError, ValueError):  # gone, or closed
        sys.stderr.flush()
    os._exit(code)


def chat(options: argparse.Namespace) -> int:
    from assistant.web.access import check_access

    with loading():
        from assistant.web.server import serve

    settings = _settings(options)
    check_access(settings)  # before anything is loaded or indexed
    ensure_indexed(settings, makes_home=True)
    say("Loading the models ...")
    with _open_assistant(settings) as assistant:
        say(f"{assistant.retriever.index.label}; {assistant.writer.label}, {assistant.writer.offload}.")
        serve(assistant, _services(assistant), _examples(assistant), say=say)
    return 0


def ask(options: argparse.Namespace) -> int:
    from assistant.answering.question import checked_question
    from assistant.presentation import as_json, as_text, footnotes

    question = checked_question(" ".join(options.question))
    settings = _settings(options)
    ensure_indexed(settings)
    with _open_assistant(settings) as assistant:
        answer = assistant.ask(question)
    if options.json:
        print(json.dumps(as_json(answer), ensure_ascii=False))
    else:
        print("\n\n".join(part for part in (as_text(answer), footnotes(answer)) if part))
    return 0


def batch(options: argparse.Namespace) -> int:
    from assistant.batch import read_questions, run_batch

    settings = _settings(options)
    questions, faults = read_questions(options.questions)
    for fault in faults:
        say(f"footnote: {fault}")
    ensure_indexed(settings)
    with _open_assistant(settings) as assistant, Bars(" questions") as bars:
        report = run_batch(assistant, questions, options.output, bars.of("answering"))
    for fault in report.faults:
        say(f"footnote: {fault}")
    left_out = len(faults) + len(report.faults)
    say(f"{report.answered} answered, {report.kept} already there, {left_out} left out; see {options.output}.")
    return EXIT_FAULT if left_out else 0


def export_feedback(options: argparse.Namespace, settings: Settings) -> int:
    from contextlib import closing

    from assistant.conversations.store import Conversations
    from evals.feedback import export

    if not settings.conversations_file.exists():  # opening it would make it, and a home whose name is mistyped
        say(export((), options.output))
        return 0
    with closing(Conversations(settings.conversations_file)) as conversations:
        say(export(conversations.judged(), options.output))
    return 0


def doctor(options: argparse.Namespace) -> int:
    from assistant.doctor import examine

    is_well = True
    for finding in examine(_settings(options)):
        print(finding.line(), flush=True)
        is_well = is_well and finding.is_well
    return 0 if is_well else EXIT_FAULT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="footnote",
        description="Answers questions over paper abstracts; every sentence carries a footnote.",
        epilog=EXIT_CODES,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    shared = _shared_options()

    def add(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, parents=[shared])
        command.set_defaults(run=run)
        return command

    command = add("chat", chat, "open the page in a browser")
    command.add_argument("--host", help="address to listen on (127.0.0.1)")
    command.add_argument("--auth", metavar="USER:FILE", help="name to log in with, and a file that holds the password")
    command.add_argument("--port", type=int, help="port to listen on (7860, or the next free one)")

    command = add("ask", ask, "answer one question")
    command.add_argument("question", nargs="+")
    command.add_argument("--json", action="store_true", help="print the answer as one JSON object")

    command = add("batch", batch, "answer the questions of a JSONL or CSV file; an interrupted run goes on")
    command.add_argument("questions", type=Path, help="lines of {id, question, history}, or CSV with a question column")
    command.add_argument(
        "-o", "--output", type=Path, required=True, help="file for the answers, one JSON object a line"
    )

    actions = add("index", _chosen, "look after the index").add_subparsers(required=True, metavar="ACTION")

    def add_with_settings(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        return add(name, lambda options: run(options, _settings(options)), text)

    add_corpus_commands(add_with_settings, _adder(actions, shared))

    actions = add("feedback", _chosen, "what was thought of answers").add_subparsers(required=True, metavar="ACTION")
    action = _adder(actions, shared)("export", export_feedback, "answers with a thumb up or down as questions")
    action.add_argument("-o", "--output", type=Path, default=Path("feedback.jsonl"), help="file (feedback.jsonl)")

    runs = add("eval", _chosen, "measure retrieval and answers").add_subparsers(required=True, metavar="RUN")
    add_eval_commands(_adder(runs, shared))

    add("doctor", doctor, "say what is installed, what really runs where, and how to mend what is wrong")
    return parser


def _chosen(options: argparse.Namespace) -> int:
    """Run the second-level command that was given."""
    code: int = options.run_chosen(options, _settings(options))
    return code


def _adder(commands: Any, shared: argparse.ArgumentParser) -> Add:
    """Adds second-level commands."""

    def add(name: str, run: Run, text: str) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text, parents=[shared])
        command.set_defaults(run_chosen=run)
        return command

    return add


def _shared_options() -> argparse.ArgumentParser:
    # SUPPRESS: an option given before a second-level command must not be reset by that command's default.
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--home", type=Path, help="folder of the index, models and settings")
    shared.add_argument(
        "--model", help="language model: a GGUF file, hf:owner/repo/file.gguf, or http://host:port/v1#name"
    )
    shared.add_argument("--gpu-layers", type=int, help="layers to offload to a GPU (all, when the build can)")
    shared.add_argument("--embedding", help="embedding model: a folder or hf:owner/repo")
    shared.add_argument("--verifier", help="model that checks sentences: a folder or hf:owner/repo")
    return shared


def _settings(options: argparse.Namespace) -> Settings:
    from assistant.settings import Settings

    names = ("home", "model", "gpu_layers", "embedding", "verifier", "host", "port", "auth")
    return Settings.load(**{name: getattr(options, name, None) for name in names})


def _open_assistant(settings: Settings) -> Assistant:
    with loading():
        from assistant.assistant import Assistant

        assistant = Assistant.open(settings)
    index = assistant.retriever.index
    if index.is_unfinished:
        say("footnote: the last ingest did not finish; answering from what is stored. Run it again to go on.")
    if notice := index.library.outdated_notice():
        say(f"footnote: {notice}")
    if index.is_beside_writer:
        say("footnote: another program is adding or removing papers; answering from what is stored by now.")
    return assistant


def _services(assistant: Assistant) -> Services:
    from assistant.models.locate import models_in
    from assistant.services import Services
    from evals.reports.report import listed
    from ingest.readers import known_suffixes
    from ingest.services import adder, remover, samples, samples_remover

    retriever, settings = assistant.retriever, assistant.settings
    return Services(
        add=adder(retriever.index, retriever.embedding),
        remove=remover(retriever.index),
        reports=lambda: listed(settings.reports_folder),
        models=lambda: [str(path) for path in models_in(settings.models_folder)],
        file_types=known_suffixes(),
        samples=samples(retriever.index),
        remove_samples=samples_remover(retriever.index, retriever.embedding),
    )


def _examples(assistant: Assistant) -> list[str]:
    """Questions to start with: hand-written ones for the bundled papers, else made of the titles there are."""
    from itertools import islice

    from ingest.bundled_corpus import CORPUS, EXAMPLE_QUESTIONS

    library = assistant.retriever.index.library
    if library.has_source(str(CORPUS)):
        return list(EXAMPLE_QUESTIONS)
    return [f"What does “{paper.title}” find?" for paper in islice(library.all_papers(), 3)]


if __name__ == "__main__":
    run()
