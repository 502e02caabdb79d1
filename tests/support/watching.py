"""A watch that runs in a test, with short waits, and its log."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.interfaces import Embedder
from assistant.services import WatchLine
from ingest.turns import Turns
from ingest.watching import FolderWatch, WatchableIndex
from tests.support.fakes import WordCountEmbedding

_WAIT_SECONDS = 60.0  # long enough for a busy machine; a test that passes does not wait for it


class SeenLog:
    """The lines of a watch, in the order in which they come."""

    def __init__(self) -> None:
        self.lines: list[WatchLine] = []
        self._coming: queue.Queue[WatchLine] = queue.Queue()

    def add(self, line: WatchLine) -> None:
        self.lines.append(line)
        self._coming.put(line)

    def wait_for(self, words: str) -> WatchLine:
        """The next line with these words; the lines before it are ignored."""
        while True:
            try:
                line = self._coming.get(timeout=_WAIT_SECONDS)
            except queue.Empty:
                raise AssertionError(f"no line says {words!r}: {[*map(str, self.lines)]}") from None
            if words in f"{line.name}: {line.what}":
                return line


@contextmanager
def watch_running(
    index: WatchableIndex, embedding: Embedder | None = None, turns: Turns | None = None
) -> Iterator[SeenLog]:
    log = SeenLog()
    with FolderWatch(
        index, embedding or WordCountEmbedding(), log.add, turns, settle_seconds=0.05, confirm_seconds=0.2
    ):
        yield log


def folder_in(place: Path, name: str = "watched") -> Path:
    """A new folder, by the name under which it is watched."""
    folder = place.resolve() / name
    folder.mkdir()
    return folder
