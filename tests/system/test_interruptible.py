"""Items of a slow source come as they are; a stop does not wait for the next one."""

from __future__ import annotations

import threading
import time

import pytest

from assistant.errors import Stopped
from assistant.system.interruptible import until_stopped


def test_items_come_in_their_order():
    assert list(until_stopped(lambda: iter("abc"), threading.Event())) == ["a", "b", "c"]


def test_a_stop_does_not_wait_for_the_next_item():
    stop, released = threading.Event(), threading.Event()

    def silent_after_one():
        yield "a"
        released.wait(30)
        yield "b"

    items = until_stopped(silent_after_one, stop)
    assert next(items) == "a"
    threading.Timer(0.2, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Stopped):
        next(items)
    assert time.monotonic() - started < 20
    released.set()


def test_a_stop_that_is_already_set_gives_no_item():
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        next(until_stopped(lambda: iter("abc"), stop))


@pytest.mark.parametrize("fails_at_once", [True, False])
def test_what_the_source_raises_is_raised_where_the_items_are_wanted(fails_at_once):
    def start():
        if fails_at_once:
            raise ValueError("broken")
        return later()

    def later():
        yield "a"
        raise ValueError("broken")

    items = until_stopped(start, threading.Event())
    if not fails_at_once:
        assert next(items) == "a"
    with pytest.raises(ValueError, match="broken"):
        next(items)


def test_the_source_is_read_no_further_when_the_caller_leaves():
    read, go_on = [], threading.Semaphore(2)

    def source():
        for number in range(100):
            go_on.acquire(timeout=30)
            read.append(number)
            yield number

    items = until_stopped(source, threading.Event())
    assert next(items) == 0
    items.close()
    go_on.release(50)
    before = {thread.name for thread in threading.enumerate()}
    for thread in threading.enumerate():
        if thread.name == "footnote-interruptible":
            thread.join(30)
    assert len(read) <= 3, before
