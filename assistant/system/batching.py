"""Splits an iterable into lists of a fixed length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")


def batched(items: Iterable[_T], count: int) -> Iterator[list[_T]]:
    """Lists of ``count`` items, the last one possibly shorter; like ``itertools.batched`` of Python 3.12."""
    remaining = iter(items)
    while batch := list(islice(remaining, count)):
        yield batch
