"""Who adds or removes papers in an index that goes on answering: a person first, watched folders when nobody waits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from assistant.errors import Stopped
from assistant.system.progress import Progress, no_progress

_LOOK_SECONDS = 0.1  # how often a person who waits can stop


class Turns:
    """Give one to all that write the same index in a program."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._people = 0  # who write or wait
        self._is_watch_writing = False

    @property
    def has_person(self) -> bool:
        """Does a person add or remove papers, or wait for that? Then the watch stops as soon as it can."""
        return self._people > 0

    @contextmanager
    def of_person(self, progress: Progress = no_progress) -> Iterator[None]:
        """Begins when the watch has stopped. ``progress`` is called meanwhile and may end the wait by raising Stopped.

        People do not wait for each other: the lock of the index refuses the second.
        """
        with self._changed:
            self._people += 1
        try:
            while not self._wait_for_watch():
                progress(0, 0)
            yield
        finally:
            with self._changed:
                self._people -= 1

    def _wait_for_watch(self) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_watch_writing, _LOOK_SECONDS)

    @contextmanager
    def of_watch(self) -> Iterator[None]:
        """Raises Stopped when a person writes or waits."""
        with self._changed:
            if self._people:
                raise Stopped("Watched folders wait until papers have been added or removed.")
            self._is_watch_writing = True
        try:
            yield
        finally:
            with self._changed:
                self._is_watch_writing = False
                self._changed.notify_all()
