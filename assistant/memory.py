"""Memory that libraries keep for later, and that a program which works through thousands of papers would rather have;
and the time that Python spends on looking for memory to give back where there is none.

Measured over 32,000 papers: 0.2 GB were heaps of threads, and 0.3 GB what torch kept for texts of each length. Of 5.4
seconds from a cold start to an answer, 1.2 were garbage collection.
"""

from __future__ import annotations

import ctypes
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_M_ARENA_MAX = -8  # of glibc's malloc.h


def keep_little() -> None:
    """For the whole program; to be called before torch is imported and threads begin."""
    # oneDNN's kernels, made anew for every shape of input; both are names that it and torch read.
    for name in ("LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY"):
        os.environ.setdefault(name, "16")
    # glibc gives every thread a heap of its own, and seldom gives one back. Other systems have no such function.
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


@contextmanager
def loading() -> Iterator[None]:
    """While a program loads libraries and models: none of that is garbage, now or later, nor looked through for it."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_collecting:
            gc.enable()
