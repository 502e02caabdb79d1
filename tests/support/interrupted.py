"""A program that works on an index, for tests that kill it: ``python -m tests.support.interrupted``.

It forks one child per command, so that the heavy imports are paid once. It reads commands from standard input, and
writes the exit status of each.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from contextlib import closing, nullcontext, suppress
from pathlib import Path

import chromadb  # noqa: F401 - imported and not started, so that a fork can start it

from assistant.errors import FootnoteError
from assistant.index.opening import open_for_writing
from assistant.settings import Settings
from ingest.archiving.importing import import_library
from ingest.pipeline import ingest_files, rebuild, remove_papers, remove_sources
from tests.support.fakes import WordCountEmbedding

_IS_CHANGING = "SELECT 1 FROM facts WHERE name = 'vector_store_state' AND value = 'changing'"


def work(home: str, command: str, *arguments: str) -> None:
    embedding = WordCountEmbedding()
    settings = Settings.load({}, home=Path(home))
    index = open_for_writing(settings, embedding, is_rebuild=command == "rebuild")
    try:
        if command == "ingest":
            ingest_files([Path(argument) for argument in arguments], index, embedding, _silent)
        elif command == "import":
            import_library(settings, Path(arguments[0]), lambda: nullcontext((index, embedding)), _silent)
        elif command == "remove":
            remove_papers(arguments, index)
        elif command == "remove-sources":
            remove_sources(arguments, index, embedding, _silent)
        else:
            rebuild(index, embedding, _silent)
    finally:
        index.close()


def _silent(done: int, total: int) -> None:
    pass


def _child(line: list[str]) -> None:
    try:
        work(*line)
        status = 0
    except FootnoteError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        status = 1
    os._exit(status)


def _wait_for_store(home: Path, process: int) -> None:
    """Wait until the vector store is being changed, or the process has ended."""
    path = home / "index" / "papers.sqlite"
    while not os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            if connection.execute(_IS_CHANGING).fetchone():
                return


def main() -> None:
    """Lines are ``MOMENT SECONDS HOME COMMAND ARGUMENTS...`` with tabs between.

    After the seconds, if any are given, the command is killed. They are counted from its start, or where MOMENT is
    "store", from when it begins to change the vector store.
    """
    for line in sys.stdin:
        moment, seconds, *rest = line.rstrip("\n").split("\t")
        process = os.fork()
        if not process:
            _child(rest)
        if moment == "store":
            _wait_for_store(Path(rest[0]), process)
        if seconds:
            time.sleep(float(seconds))
            os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
