"""How far something is: what long work calls, and the bars a terminal shows of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

Progress = Callable[[int, int], None]
"""Called with things done and things to do, 0 while nobody knows how many. What it raises ends the work."""

NamedProgress = Callable[[str, int, int], None]
"""The same, with the name of what is being done."""

_QUIET_SECONDS = 2.0  # what takes no longer shows no bar


def progress_of(progress: NamedProgress, what: str) -> Progress:
    """Progress of one thing, after it was read of how many parts it is made."""
    return lambda done, total: progress(what if total else "reading", done, total)


class ProgressBars:
    """Progress bars with rate and time left, one for each thing that is done; none where nobody watches."""

    def __init__(self, unit: str = "it") -> None:
        self._unit = unit
        self._bar: Any = None
        self._what = ""  # a bar that nobody watches has no name

    def __call__(self, what: str, done: int, total: int) -> None:
        from tqdm import tqdm

        if self._bar is None or self._what != what:
            self._close()
            self._what = what
            self._bar = tqdm(
                desc=what,
                total=total or None,
                unit=self._unit,
                disable=None,
                leave=False,
                delay=_QUIET_SECONDS,
                file=sys.stderr,
            )
        self._bar.total = total or None
        self._bar.update(done - self._bar.n)

    def of(self, what: str) -> Progress:
        return progress_of(self, what)

    def __enter__(self) -> ProgressBars:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
