"""A program of its own that works on an index, for tests that kill it: ``python -m tests.support.interrupted``.

It forks a child a command, so that the heavy imports are paid once: reads commands
from standard input, and writes the exit status of each.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import chromadb  # noqa: F401 - imported and not started, so that a fork can start it

from assistant.errors import FootnoteError
from assistant.index.graph_copies import GraphCopies
from assistant.index.opening import open_for_writing
from assistant.settings import Settings
from ingest.pipeline import ingest_files, rebuild, remove_papers, remove_sources
from tests.support.fakes import WordCountEmbedding


def work(home: str, command: str, *arguments: str) -> None:
    embedding = WordCountEmbedding()
    settings = Settings.load({}, home=Path(home))
    index = open_for_writing(settings, embedding, is_rebuild=command == "rebuild")
    try:
        if command == "ingest":
            ingest_files([Path(argument) for argument in arguments], index, embedding, _silent)
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


def _wait_for_graph(count: int, home: Path, process: int) -> None:
    """Until a graph is being changed for the so manieth time, or the process has ended."""
    copies, before = GraphCopies(home / "index" / "chroma"), list[str]()
    while count and not os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        now = copies.left()
        count -= bool(now) and now != before
        before = now


def main() -> None:
    """Lines are ``GRAPH SECONDS HOME COMMAND ARGUMENTS...`` with tabs between.

    After the seconds, if any, comes the kill. With a graph, they are counted from when Chroma begins to change one for
    the so manieth time.
    """
    for line in sys.stdin:
        graph, seconds, *rest = line.rstrip("\n").split("\t")
        process = os.fork()
        if not process:
            _child(rest)
        if graph:
            _wait_for_graph(int(graph), Path(rest[0]), process)
        if seconds:
            time.sleep(float(seconds))
            os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
