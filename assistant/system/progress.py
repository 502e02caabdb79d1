"""Reports the progress of long work, and shows it as bars in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

Progress = Callable[[int, int], None]
"""Called with the number of items done and the total, 0 while it is unknown. An error that it raises ends the work."""

NamedProgress = Callable[[str, int, int], None]
"""The same, called with the name of the step first."""


def no_progress(_done: int, _total: int) -> None:
    """Report nothing."""


_QUIET_SECONDS = 2.0  # a shorter step shows no bar


def progress_of(progress: NamedProgress, what: str) -> Progress:
    """The progress of one step; while the total is unknown, the step is called "reading"."""
    return lambda done, total: progress(what if total else "reading", done, total)


class ProgressBars:
    """Progress bars with rate and time left, one per step; none if standard error is not a terminal."""

    def __init__(self, unit: str = "it") -> None:
        self._unit = unit
        self._bar: Any = None
        self._what = ""  # the name of the step, which a disabled bar does not keep

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
