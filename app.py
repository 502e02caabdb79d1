"""The program ``footnote``: its command line. Heavy libraries load only in the command that needs them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import FootnoteError
from evals.commands import add_commands

if TYPE_CHECKING:
    from assistant.build import Assistant
    from assistant.settings import Settings
    from assistant.web.services import Services

EXIT_FAULT = 1  # something given was left out, or the command could not be done
EXIT_STOPPED = 130  # Ctrl-C, as shells number it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        return code
    except FootnoteError as error:
        _say(f"footnote: {error}")
        return EXIT_FAULT
    except KeyboardInterrupt:
        _say("footnote: stopped.")
        return EXIT_STOPPED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nothing is left to say to it
        return EXIT_FAULT


def chat(options: argparse.Namespace) -> int:
    from assistant.access import check_access
    from assistant.web.server import serve

    settings = _settings(options)
    check_access(settings)  # before anything is loaded or indexed
    _index_bundled_if_empty(settings)
    _say("Loading the models ...")
    with _open_assistant(settings) as assistant:
        _say(f"{assistant.retriever.index.label}; {assistant.writer.label}, {assistant.writer.offload}.")
        serve(assistant, _services(assistant), _examples(assistant), say=_say)
    return 0


def ask(options: argparse.Namespace) -> int:
    from assistant.presentation import as_json, as_text, footnotes
    from assistant.questions import checked_question

    question = checked_question(" ".join(options.question))
    settings = _settings(options)
    _index_bundled_if_empty(settings)
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
        _say(f"footnote: {fault}")
    _index_bundled_if_empty(settings)
    with _open_assistant(settings) as assistant, _progress("answering", "question") as progress:
        report = run_batch(assistant, questions, options.output, progress)
    for fault in report.faults:
        _say(f"footnote: {fault}")
    left_out = len(faults) + len(report.faults)
    _say(f"{report.answered} answered, {report.kept} already there, {left_out} left out; see {options.output}.")
    return EXIT_FAULT if left_out else 0


def ingest(options: argparse.Namespace) -> int:
    from ingest.bundled import CORPUS

    paths = [*options.paths, *([CORPUS] if options.bundled else [])]
    if not paths:
        raise _usage("give files or folders to ingest, or --bundled for the bundled papers")
    return _ingest(_settings(options), paths)


def rebuild(options: argparse.Namespace) -> int:
    from ingest.pipeline import rebuild as rebuild_index

    settings = _settings(options)
    with _open_index(settings, is_rebuild=True) as (index, embedding), _progress("rebuilding", "paper") as progress:
        count = rebuild_index(index, embedding, progress)
    _say(f"{count} papers indexed again.")
    return 0


def export_feedback(options: argparse.Namespace) -> int:
    from contextlib import closing

    from assistant.conversations import Conversations
    from evals.feedback import export

    with closing(Conversations(_settings(options).conversations_file)) as conversations:
        _say(export(conversations.judged(), options.output))
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
        prog="footnote", description="Answers questions over paper abstracts; every sentence carries a footnote."
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

    command = add("ingest", ingest, "add papers to the index")
    command.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders")
    command.add_argument("--bundled", action="store_true", help="the bundled 75 abstracts")

    command = add("index", lambda options: int(options.run_index(options)), "look after the index")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser("rebuild", help="embed every stored paper again", parents=[shared])
    action.set_defaults(run_index=rebuild)

    command = add("feedback", lambda options: int(options.run_feedback(options)), "what was thought of answers")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser(
        "export", help="answers with a thumb up or down as evaluation questions", parents=[shared]
    )
    action.add_argument("-o", "--output", type=Path, default=Path("feedback.jsonl"), help="file (feedback.jsonl)")
    action.set_defaults(run_feedback=export_feedback)

    command = add("eval", lambda options: int(options.run_eval(options)), "measure retrieval and answers")
    runs = command.add_subparsers(required=True, metavar="RUN")

    def add_eval(name: str, run: Callable[[argparse.Namespace, Settings], int], text: str) -> argparse.ArgumentParser:
        parser = runs.add_parser(name, help=text, description=text, parents=[shared])
        parser.set_defaults(run_eval=lambda options: run(options, _settings(options)))
        return parser

    add_commands(add_eval)

    add("doctor", doctor, "say what is installed, what really runs where, and how to mend what is wrong")
    return parser


def _shared_options() -> argparse.ArgumentParser:
    # SUPPRESS: an option given before a second-level command must not be reset by that command's default.
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--home", type=Path, help="folder of the index, models and settings")
    shared.add_argument("--model", help="language model: a GGUF file, hf:owner/repo/file.gguf, or http://host:port/v1")
    shared.add_argument("--gpu-layers", type=int, help="layers to offload to a GPU (all, when the build can)")
    shared.add_argument("--embedding", help="embedding model: a folder or hf:owner/repo")
    shared.add_argument("--verifier", help="model that checks sentences: a folder or hf:owner/repo")
    return shared


def _settings(options: argparse.Namespace) -> Settings:
    from assistant.settings import Settings

    names = ("home", "model", "gpu_layers", "embedding", "verifier", "host", "port", "auth")
    return Settings.load(**{name: getattr(options, name, None) for name in names})


def _open_assistant(settings: Settings) -> Assistant:
    from assistant.build import Assistant

    return Assistant.open(settings)


def _index_bundled_if_empty(settings: Settings) -> None:
    """The first run of any command that answers finds the bundled papers indexed."""
    from assistant.index import is_indexed
    from ingest.bundled import CORPUS

    if not is_indexed(settings):
        _say("Nothing is indexed yet: indexing the bundled papers first.")
        _ingest(settings, [CORPUS])


def _services(assistant: Assistant) -> Services:
    from assistant.models import models_in
    from assistant.web.services import Services
    from evals.report import listed
    from ingest.readers import READERS
    from ingest.services import adder, remover

    retriever, settings = assistant.retriever, assistant.settings
    return Services(
        add=adder(retriever.index, retriever.embedding),
        remove=remover(retriever.index),
        reports=lambda: listed(settings.reports_folder),
        models=lambda: [str(path) for path in models_in(settings.models_folder)],
        file_types=tuple(READERS),
    )


def _examples(assistant: Assistant) -> list[str]:
    """Questions to start with: hand-written ones for the bundled papers, else made of the titles there are."""
    from itertools import islice

    from ingest.bundled import CORPUS, EXAMPLE_QUESTIONS

    library = assistant.retriever.index.library
    if library.has_source(str(CORPUS)):
        return list(EXAMPLE_QUESTIONS)
    return [f"What does “{paper.title}” find?" for paper in islice(library.all_papers(), 3)]


def _ingest(settings: Settings, paths: Sequence[Path]) -> int:
    from ingest.pipeline import ingest_files

    with _open_index(settings) as (index, embedding), _progress("indexing", "paper") as progress:
        report = ingest_files(paths, index, embedding, progress)
    for skip in report.faults:
        _say(f"footnote: {skip.place}: {skip.reason}; skipped.")
    for rejected in report.rejected_files:
        _say(f"footnote: {rejected}")
    _say(report.summary())
    return EXIT_FAULT if report.faults or report.rejected_files else 0


@contextmanager
def _open_index(settings: Settings, *, is_rebuild: bool = False) -> Iterator[tuple[Any, Any]]:
    from assistant.embedding import SentenceTransformerEmbedding
    from assistant.index import open_for_writing

    embedding = SentenceTransformerEmbedding(settings.embedding)
    index = open_for_writing(settings, embedding, is_rebuild=is_rebuild)
    try:
        yield index, embedding
    finally:
        index.close()


@contextmanager
def _progress(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with rate and time left on a terminal, nothing elsewhere; called with how many are done, of how many."""
    from tqdm import tqdm

    with tqdm(desc=what, unit=unit, disable=None, leave=False, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def _usage(text: str) -> FootnoteError:
    from assistant.errors import InputError

    return InputError(f"{text}.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
