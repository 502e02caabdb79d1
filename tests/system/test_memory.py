from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from typing import Any

import pytest

from assistant.system.memory import collect_frozen_objects, garbage_collection_paused, limit_caches

PROGRAM = """
import ctypes, threading
from assistant.system.memory import limit_caches
{first}
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
addresses = []
threads = [threading.Thread(target=lambda: addresses.append(libc.malloc(64))) for _ in range(4)]
addresses.append(libc.malloc(64))
for thread in threads: thread.start(); thread.join()
print(len({{address >> 26 for address in addresses}}))
"""


def heaps(first: str) -> int:
    """How many heaps five threads allocate from; glibc's lie 64 MiB apart."""
    command = [sys.executable, "-c", PROGRAM.format(first=first)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heaps")
def test_threads_share_one_heap():
    assert heaps("") > 1
    assert heaps("limit_caches()") == 1


def test_limits_that_the_user_has_set_stay(monkeypatch):
    monkeypatch.setattr(os, "environ", {"LRU_CACHE_CAPACITY": "512"})
    limit_caches()
    assert os.environ == {"LRU_CACHE_CAPACITY": "512", "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "16"}


def test_nothing_is_collected_while_libraries_load_and_loaded_objects_are_frozen():
    before = gc.get_freeze_count()
    loaded: list[list[Any]] = [[]]
    with garbage_collection_paused():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > before
    assert not any(found is loaded for found in gc.get_objects())


class Ring:
    """An object that only the garbage collector can free."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_is_collected_before_libraries_load():
    ring = weakref.ref(Ring())
    with garbage_collection_paused():
        pass
    assert ring() is None


def test_frozen_objects_that_are_no_longer_used_can_be_collected():
    with garbage_collection_paused():
        loaded = Ring()
    ring = weakref.ref(loaded)
    del loaded
    gc.collect()
    assert ring() is not None  # the collector ignores it
    collect_frozen_objects()
    assert ring() is None
    assert gc.get_freeze_count() > 0


def test_disabled_garbage_collection_stays_disabled():
    with garbage_collection_paused():
        with garbage_collection_paused():
            pass
        assert not gc.isenabled()


def test_failure_to_load_enables_garbage_collection_again():
    with pytest.raises(OSError, match="lost"), garbage_collection_paused():
        raise OSError("lost")
    assert gc.isenabled()
