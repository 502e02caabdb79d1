"""The program ``footnote``: parses the command line and runs a command that a package registered."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from assistant.api.commands import add_commands as add_api_commands
from assistant.command_line import EXIT_FAULT, Commands, add_setting_options, printable, say, settings_of
from assistant.commands import add_commands as add_assistant_commands
from assistant.conversations.commands import add_commands as add_saved_commands
from assistant.errors import FootnoteError
from assistant.mcp.commands import add_commands as add_mcp_commands
from assistant.model_commands import add_commands as add_model_commands
from assistant.paper_commands import add_commands as add_paper_commands
from assistant.web.commands import add_commands as add_web_commands
from evals.commands import add_commands as add_eval_commands
from evals.commands import reports
from ingest.archiving.commands import add_commands as add_library_commands
from ingest.commands import add_commands as add_ingest_commands
from ingest.commands import ensure_indexed, paper_services
from ingest.watch_commands import add_commands as add_watch_commands

EXIT_STOPPED = 130  # Ctrl-C, as shells number it
EXIT_CODES = (
    "Exit codes: 0, done; 1, something failed, was left out or is below a limit that was set, and a line on standard "
    "error says what; 2, the command line was wrong; 130, stopped with Ctrl-C."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options, settings_of(options))
        sys.stdout.flush()  # here, so that a closed pipe raises where it is handled
        return code
    except FootnoteError as error:
        say(f"footnote: {printable(str(error))}")
        return EXIT_FAULT
    except KeyboardInterrupt:
        say("footnote: stopped.")
        return EXIT_STOPPED
    except BrokenPipeError:
        sys.stderr.close()  # the process that read our output has ended, so a message would reach nobody
        return EXIT_FAULT


def run() -> None:
    """The console script: run one command and end the process at once.

    An ordinary exit takes over a second, in which torch and llama.cpp free their memory piece by piece. All files are
    closed when ``main`` returns, and the system frees the memory of a process that has ended.
    """
    code = main()
    with suppress(BrokenPipeError, ValueError):  # the pipe is closed on either side
        sys.stderr.flush()
    os._exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="footnote",
        description="Answers questions over paper abstracts; every sentence carries a footnote.",
        epilog=EXIT_CODES,
    )
    commands = Commands.of(parser, _shared_options(), "COMMAND")
    add_web_commands(commands, partial(ensure_indexed, makes_home=True), paper_services, reports)
    add_api_commands(commands, partial(ensure_indexed, makes_home=True), paper_services)
    add_assistant_commands(commands, ensure_indexed)
    add_paper_commands(commands, ensure_indexed)
    add_saved_commands(commands, ensure_indexed)
    add_mcp_commands(commands, ensure_indexed, paper_services)
    add_ingest_commands(commands)
    add_library_commands(commands)
    add_watch_commands(commands)
    add_eval_commands(commands)
    add_model_commands(commands)
    return parser


def _shared_options() -> argparse.ArgumentParser:
    # SUPPRESS: an option given before a second-level command must not be reset by that command's default.
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    add_setting_options(shared, "home", "model", "gpu_layers", "embedding", "reranker", "verifier")
    return shared


if __name__ == "__main__":
    run()
