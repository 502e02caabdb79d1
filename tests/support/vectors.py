"""Vectors whose neighbours can be worked out by hand: directions of the compass."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import VectorStore

ANGLES = {"east": 0.0, "north-east": 45.0, "north": 90.0, "west": 180.0}


def direction(*degrees: float) -> NDArray[np.float32]:
    """One unit vector per angle, ``(angles, 2)``; the first axis points east."""
    return np.array([[math.cos(math.radians(one)), math.sin(math.radians(one))] for one in degrees], dtype=np.float32)


def put(store: VectorStore, **angles: float) -> None:
    """Store chunks with these ids and angles; the paper of "a" is "paper of a", and so is that of "a_2"."""
    ids = [name.replace("_", "-") for name in angles]
    store.put(ids, direction(*angles.values()), [f"paper of {name.partition('-')[0]}" for name in ids])


def put_compass(store: VectorStore) -> None:
    """Store the directions of ``ANGLES``, each of a paper of its own."""
    store.put([*ANGLES], direction(*ANGLES.values()), [f"paper of {name}" for name in ANGLES])


def nearest_east(store: VectorStore, count: int, *names: str) -> list[str]:
    """The ids of the chunks nearest to the east, of the papers of these chunks if any are given."""
    return [*store.query([1.0, 0.0], count, [f"paper of {name}" for name in names])]
