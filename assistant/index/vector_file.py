"""A file of vectors in 16 bits that is only appended to, so that one process can read it while another writes it.

Rows that were written are never written again. The caller commits elsewhere which rows are in use, after ``append``
has returned: rows that a kill cut short are then in use by nobody, and the next append goes behind them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexDamaged
from assistant.system.disk import flush_and_fsync, fsync_folder

_NUMBER = np.dtype("<f2")


class VectorFile:
    """A matrix ``(rows, dimension)`` of float16 in C order, without a header. Safe to read from several threads."""

    def __init__(self, path: Path, dimension: int) -> None:
        self.path = path
        self._dimension = dimension
        self._row_bytes = dimension * _NUMBER.itemsize
        self._mapped: NDArray[np.float16] = np.empty((0, dimension), dtype=_NUMBER)

    def append(self, vectors: NDArray[np.floating[Any]]) -> int:
        """Write ``(rows, dimension)`` vectors behind all others and have them on disk; the number of their first row.

        Raises OSError, and then leaves the file as it was.
        """
        content = np.ascontiguousarray(vectors, dtype=_NUMBER).tobytes()
        is_new = not self.path.exists()
        with self.path.open("ab") as file:
            size = file.tell()
            first = -(-size // self._row_bytes)
            try:
                file.write(bytes(first * self._row_bytes - size) + content)
                flush_and_fsync(file)
            except OSError:
                os.truncate(self.path, size)
                raise
        if is_new:
            fsync_folder(self.path.parent)
        return first

    def rows(self, count: int) -> NDArray[np.float16]:
        """The first ``count`` rows, mapped and not read. Raises IndexDamaged when the file holds fewer.

        Raises FileNotFoundError when there is no such file.
        """
        mapped = self._mapped
        if count > len(mapped):
            held = self.path.stat().st_size // self._row_bytes
            if held < count:  # checked, because reading mapped memory beyond the end of a file kills the process
                raise IndexDamaged(f"{self.path} holds {held} of {count} vectors: run `footnote index rebuild`.")
            mapped = np.memmap(self.path, dtype=_NUMBER, mode="r", shape=(held, self._dimension))
            self._mapped = mapped
        return mapped[:count]
