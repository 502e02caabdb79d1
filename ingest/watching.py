"""Watches folders in a thread: what is added, changed or deleted in them is added, changed or removed in the index.

The system announces that something changed; what it is, and what is done, ``following`` finds by looking. It also looks
now and then without an announcement, for systems and network drives that send none.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from typing import Protocol

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from assistant.command_line import printable
from assistant.errors import FootnoteError, IndexProblem, Stopped
from assistant.index.checks import UNFINISHED
from assistant.index.library import Library
from assistant.index.locks import watching
from assistant.index.source_table import WatchedFolder
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.services import WatchLine
from assistant.settings import Settings
from ingest.folder_listing import inside
from ingest.folder_update import update
from ingest.following import CONFIRM_SECONDS, SETTLE_SECONDS, Due, Following
from ingest.sources import name_of_file
from ingest.turns import Turns
from ingest.watch_list import followed

LOG_LINES = 50
_LIST_SECONDS = 3.0  # how often the list of folders is looked at
_LOOK_SECONDS = 30.0  # how often the folders are looked at without an announcement
_UNANNOUNCED_LOOK_SECONDS = 5.0  # the same where the system announces nothing
_GIVEN_WAY_SECONDS = 1.0  # how long a person has the index before the watch asks again
_RETRY_SECONDS = 5.0  # after another program used the index, or a disk was full
_REST = 5  # after a look, this many times its duration passes before the next one
_GROUPED_MS, _STEP_MS = 500, 100  # announcements within this time are one; how often a stop is looked at
_ANEW_SECONDS = 1.0  # before the announcements are asked for again
_END_SECONDS = 0.9  # how long an end waits for the thread
_BUG = "Watching failed. The error is printed in the terminal that Footnote runs in. Start it again to watch."

Log = Callable[[WatchLine], object]
_Identity = tuple[int, int]  # of a folder: its device and its number there


class WatchableIndex(Protocol):
    """``Index`` is one; so is ``IndexOnDemand``, which lets other programs use the index in between."""

    @property
    def settings(self) -> Settings: ...
    @property
    def library(self) -> Library: ...
    def writing(self) -> AbstractContextManager[IndexWriter]:
        """Raises IndexInUse when others use the index."""
        ...


class WatchLog:
    """Keeps the last lines. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lines: deque[WatchLine] = deque(maxlen=LOG_LINES)

    def add(self, line: WatchLine) -> None:
        self._lines.append(line)

    def lines(self) -> list[WatchLine]:
        return list(self._lines.copy())


class FolderWatch:
    """Within it, the folders on the library's list are watched.

    >>> with FolderWatch(index, embedding, print):  # doctest: +SKIP
    ...     input("Enter ends it.")

    Leaving it waits at most a second. An ingest that goes on longer ends at its next batch of papers, or with the
    program; the next watch or ingest continues it.
    """

    def __init__(
        self,
        index: WatchableIndex,
        embedding: Embedder,
        log: Log,
        turns: Turns | None = None,
        *,
        settle_seconds: float = SETTLE_SECONDS,
        confirm_seconds: float = CONFIRM_SECONDS,
    ) -> None:
        """``log`` is called in the thread, for each line. ``turns``: shared with others that write the index here."""
        self._index, self._embedding, self._log, self._turns = index, embedding, log, turns or Turns()
        self._following = Following(index.settings.home.resolve(), settle_seconds, confirm_seconds)
        self._stop = threading.Event()
        self._announcer = _Announcer(self._stop)
        self._folders: list[WatchedFolder] = []
        self._roots: list[_Identity | None] = []  # of these folders, when they were last looked at
        self._next_look = self._rest_until = 0.0  # when to look again: without an announcement, and with one
        self._is_first = True  # also after an interruption: an unfinished index is finished
        self._problem = ""  # what was said last of why nothing can be read
        self._thread = threading.Thread(target=self._run, name="folder-watch", daemon=True)

    def __enter__(self) -> FolderWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(_END_SECONDS)

    def _run(self) -> None:
        with ExitStack() as held:
            held.callback(self._announcer.close)
            try:
                held.enter_context(watching(self._index.settings.index_folder))
            except IndexProblem as error:
                self._say("", str(error))
            try:
                while not self._stop.is_set():
                    self._announcer.wait(max(0.0, min(self._cycle(), _LIST_SECONDS)))
            finally:
                if not self._stop.is_set():  # a bug, whose traceback is printed in the terminal
                    self._say("", _BUG)

    def _cycle(self) -> float:
        """Look and do what is due; gives after how many seconds to do so again."""
        try:
            return self._look()
        except Stopped:
            return self._later(_GIVEN_WAY_SECONDS)
        except FootnoteError as error:
            if str(error) != self._problem and not self._stop.is_set():
                self._say("", f"{error} It is tried again every {_RETRY_SECONDS:.0f} seconds.")
            self._problem = str(error)
            return self._later(_RETRY_SECONDS)

    def _later(self, seconds: float) -> float:
        self._next_look = self._rest_until = time.monotonic() + seconds
        return seconds

    def _look(self) -> float:
        library, now = self._index.library, time.monotonic()
        folders = library.source_table.watched()
        roots = [_identity(one.folder) for one in folders]
        look_at = self._rest_until if self._announcer.is_changed else self._next_look
        if (folders, roots) == (self._folders, self._roots) and now < look_at:
            return look_at - now
        self._folders, self._roots, self._announcer.is_changed = folders, roots, False
        versions = {name: one for folder in folders for name, one in followed(library, folder.folder).items()}
        due = self._following.look([one.folder for one in folders], versions, now)
        if problem := self._announcer.follow(due.folders):
            self._say("", problem)
        self._rest_until = now + _REST * (time.monotonic() - now)
        for name, what in due.notes:
            self._say(name, what)
        if due.read or due.removed or (folders and self._is_first and library.fact("state") == UNFINISHED):
            self._update(due)
        self._is_first = False
        usual = _LOOK_SECONDS if self._announcer.is_announcing else _UNANNOUNCED_LOOK_SECONDS
        next_look = usual if due.next_look is None else min(usual, due.next_look)
        self._next_look = max(self._rest_until, time.monotonic() + next_look)
        look_at = self._rest_until if self._announcer.is_changed else self._next_look
        return look_at - time.monotonic()

    def _update(self, due: Due) -> None:
        """Raises Stopped when a person writes the index, and IndexInUse when another program uses it."""
        self._is_first = True  # until all is done
        with self._turns.of_watch(), self._index.writing() as writer:
            if self._problem:
                self._say("", "the index can be written again")
            elif (count := sum(not file.is_a_guess for file in due.read)) > 1:
                self._say("", f"reading {count} new or changed files")
            self._problem = ""
            outcomes = update(due, self._folders, writer, self._embedding, self._progress)
        self._following.tried(due.read)
        for name, what in outcomes:
            self._say(name, what)

    def _progress(self, _done: int, _total: int) -> None:
        if self._stop.is_set() or self._turns.has_person:
            raise Stopped("Watching was interrupted; what is missing is read later.")

    def _say(self, name: str, what: str) -> None:
        """Log a line. A file is named as it is in its folder."""
        inner = max((one.folder for one in self._folders if name.startswith(inside(one.folder))), key=len, default="")
        shown = name.removeprefix(inside(inner)) if inner else name
        now = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        self._log(WatchLine(now, printable(shown) or "watch", printable(what)))


class _Announcer:
    """Waits until the system announces that something changed in some folders.

    It follows each folder by itself, not those in it: the library would follow links out of the folder, over the whole
    disk, and announce what happens in hidden folders.
    """

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._notify: RustNotify | None = None
        self._followed: dict[_Identity, str] = {}
        self._problem = ""
        self.is_changed = False  # since the one who watches set it so
        self.is_announcing = True

    def follow(self, folders: Mapping[_Identity, str]) -> str:
        """Follow these folders from now on; gives a problem that there was not before.

        If they are others than before, what changed meanwhile was not announced, so that ``is_changed`` is true then.
        """
        if folders == self._followed:
            return ""
        self.close()
        self._followed, self.is_changed, self.is_announcing = dict(folders), True, True
        paths = [path for path in folders.values() if path == name_of_file(path)]  # others are found by looking
        try:
            self._notify = RustNotify(paths, False, False, 300, False, True) if paths else None
        except FileNotFoundError:
            self._followed = {}  # one was deleted meanwhile: the next look finds the others
        except (OSError, WatchfilesRustInternalError) as error:
            return self._fail(error)
        return ""

    def wait(self, seconds: float) -> None:
        """Until something changes, the time has passed, or the watch is stopped."""
        if not self._notify:
            self._stop.wait(seconds)
            return
        try:
            found = self._notify.watch(_GROUPED_MS, _STEP_MS, max(1, int(seconds * 1_000)), self._stop)
            self.is_changed = self.is_changed or isinstance(found, set)
        except WatchfilesRustInternalError:  # the name of a changed file is not UTF-8, for example: begin again
            self.close()
            self._followed, self.is_changed = {}, True
            self._stop.wait(min(seconds, _ANEW_SECONDS))

    def close(self) -> None:
        if self._notify:
            self._notify.close()
        self._notify = None

    def _fail(self, error: Exception) -> str:
        """Do without announcements; gives the problem, if it is another than before."""
        self.close()
        self.is_announcing = False
        before, self._problem = self._problem, str(error)
        if self._problem == before:
            return ""
        return f"the system does not announce changes ({error}): looking every {_UNANNOUNCED_LOOK_SECONDS:.0f} seconds"


def _identity(folder: str) -> _Identity | None:
    """What changes when another folder takes the place of this one; None while it is not there."""
    try:
        found = os.stat(folder)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino
