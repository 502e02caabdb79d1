"""Waits for the items of a slow source, such as a server, without being deaf to a stop meanwhile."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

from assistant.errors import Stopped

Item = TypeVar("Item")
_LOOK_SECONDS = 0.1  # how often the stop is looked at
_END = object()


def until_stopped(start: Callable[[], Iterable[Item]], stop: threading.Event) -> Generator[Item, None, None]:
    """The items as they come. Raises Stopped soon after ``stop`` is set, and what ``start`` or an item raises.

    They are read in a thread of their own. After a stop, or when the caller wants no more, it ends as soon as the item
    that it waits for has come.
    """
    found: queue.SimpleQueue[object] = queue.SimpleQueue()
    ended = threading.Event()

    def read() -> None:
        try:
            for item in start():
                if ended.is_set():
                    return
                found.put(item)
            found.put(_END)
        except BaseException as error:
            logging.getLogger(__name__).debug("A source failed.", exc_info=error)
            found.put(_Raised(error))

    threading.Thread(target=read, name="footnote-interruptible", daemon=True).start()
    try:
        while (item := _next(found, stop)) is not _END:
            if isinstance(item, _Raised):
                raise item.error
            yield item  # type: ignore[misc]
    finally:
        ended.set()


class _Raised:
    def __init__(self, error: BaseException) -> None:
        self.error = error


def _next(found: queue.SimpleQueue[object], stop: threading.Event) -> object:
    while True:
        if stop.is_set():
            raise Stopped("Stopped.")
        try:
            return found.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            continue
