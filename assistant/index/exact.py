"""The exact store: every vector of one grain in 16 bits in a file, with the ids of its chunks in SQLite.

Every other vector store is filled from it, so that a store that was lost or replaced is filled without embedding
again. It is searched while that store does not hold the same vectors (``vectors.py``).

Crash safety: vectors are appended to the file and are on disk (fsync) before SQLite commits their rows. A deletion
only removes rows from SQLite; ``compact`` copies the rows that are left into a new file. So a process that reads
always sees the rows of one commit and all of their vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexDamaged
from assistant.index.database import Database
from assistant.index.vector_file import VectorFile
from assistant.index.vector_table import Extents, Run, State, VectorTable

FEW_PAPERS = 500
"""Of this many papers, or fewer, the vectors are read one by one; for more, all vectors are multiplied."""
_ROWS_MULTIPLIED = 1_024  # in 32 bits these stay in the processor's cache: 16,384 at once take three times as long
_RUNS_COPIED = 1_000
_LEAST_DEAD_ROWS = 10_000  # before a file is compacted

_ROUNDING = 5e-4  # rounding to 16 bits, which keep 11 binary digits, changes a length by at most this share

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Rows:
    """Chunks with their vectors ``(chunks, dimension)`` and their papers, in the same order."""

    ids: Sequence[str]
    vectors: NDArray[np.float32]
    paper_ids: Sequence[str]


class ExactStore:
    """A ``VectorStore`` that finds exactly the nearest vectors, and can also list everything that it holds.

    Safe to read from several threads. Methods raise IndexDamaged; those that write raise OSError if the disk is full.
    Changes made within a transaction of the database are a part of it.
    """

    def __init__(self, database: Database, folder: Path, grain: str, dimension: int) -> None:
        self.table = VectorTable(database, grain)
        self._dimension = dimension
        self._folder, self._grain = folder, grain
        self._files: dict[int, VectorFile] = {}
        self._extents: Extents | None = None

    def put(self, ids: Sequence[str], vectors: NDArray[np.float32], paper_ids: Sequence[str]) -> None:
        """Store ``(chunks, dimension)`` vectors by id. Delete the earlier vectors of the papers first."""
        if ids:
            with self.table.changing() as number:
                self.table.insert(self._file(number).append(_unit_in_16_bits(vectors)), ids, paper_ids)

    def delete_papers(self, paper_ids: Iterable[str]) -> None:
        """Delete every chunk of these papers."""
        with self.table.changing():
            self.table.delete(paper_ids)

    def clear(self) -> None:
        """Delete every chunk."""
        with self.table.changing(new_file=True) as number:
            self._file(number).path.unlink(missing_ok=True)  # of an index whose SQLite file was lost
            self.table.delete_all()
        self.delete_unused_files()

    def compact(self) -> None:
        """Copy the vectors in use into a new file, if more than half of the rows of this one are not in use."""
        runs = self.table.extents()
        in_use = int(runs.counts.sum())
        if runs.end - in_use < max(_LEAST_DEAD_ROWS, in_use):
            return
        with self.table.changing(new_file=True) as number:
            rows, copy = self._rows(runs.state, runs.end), self._file(number)
            copy.path.unlink(missing_ok=True)  # of a compaction that was killed
            for start in range(0, len(runs.numbers), _RUNS_COPIED):
                some = slice(start, start + _RUNS_COPIED)
                first = copy.append(rows[runs.rows(some)])
                self.table.move(runs.numbers[some], first + np.cumsum(runs.counts[some]) - runs.counts[some])
        self.delete_unused_files()

    def delete_unused_files(self) -> None:
        """Delete the files that were replaced, or that a killed process left. For the process that writes."""
        current = self._file(self.table.state().file).path
        for path in {*current.parent.glob(f"vectors-{self._grain}-*.f16")} - {current}:
            with suppress(PermissionError):  # on Windows, while another process reads it: the next writer deletes it
                path.unlink(missing_ok=True)

    def count(self) -> int:
        return self.table.count()

    def check(self) -> None:
        """Raises IndexDamaged when vectors are missing from the file."""
        self._read(lambda: self._searched_rows(self.table.extents()))

    def query(self, vector: Sequence[float], count: int, paper_ids: Collection[str] = ()) -> dict[str, float]:
        """The ``count`` nearest chunks, of these papers if any are given: id to cosine, the nearest first."""
        if len(vector) != self._dimension:
            raise IndexDamaged(
                f"The index has vectors of {self._dimension} numbers, not {len(vector)}: run `footnote index rebuild`."
            )
        sought = _unit(np.asarray([vector], dtype=np.float32))[0]
        if not 0 < len(paper_ids) <= FEW_PAPERS:
            within = self.table.numbers_of(paper_ids) if paper_ids else None
            return self._read(lambda: self._nearest(sought, count, within))
        found = self.vectors_of(paper_ids)
        ids, vectors = [*found], np.array([*found.values()], dtype=np.float32).reshape(-1, self._dimension)
        cosines = vectors @ sought
        return {ids[row]: float(cosines[row]) for row in _highest(cosines, count)}

    def vectors_of(self, paper_ids: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of the chunks of these papers, by the chunks' ids."""
        papers = list(paper_ids)
        rows = self._read(lambda: self._filled(*self.table.of_papers(papers)))
        return dict(zip(rows.ids, rows.vectors, strict=True))

    def ids_of(self, paper_ids: Iterable[str]) -> list[str]:
        """The ids of all chunks of these papers."""
        _, runs = self.table.of_papers(paper_ids)
        return [name for run in runs for name in run.ids]

    def all_ids(self) -> Iterator[list[str]]:
        """The ids of all chunks, some thousands at a time."""
        last = 0
        while runs := self.table.after(last)[1]:
            yield [name for run in runs for name in run.ids]
            last = runs[-1].number

    def all_rows(self, *, only_new: bool = False) -> Iterator[Rows]:
        """All chunks, some thousands at a time; with ``only_new``, those that the vector store does not hold yet."""
        last = 0
        while found := self._read(partial(self._rows_after, last, only_new=only_new)):
            last, rows = found
            yield rows

    def close(self) -> None:
        self._files.clear()  # a file is unmapped when nobody uses its rows any more

    def _read(self, read: Callable[[], _T]) -> _T:
        """The result of ``read``, which is called again if another process has replaced the file meanwhile."""
        with suppress(FileNotFoundError):
            return read()
        try:
            return read()
        except FileNotFoundError as error:
            raise IndexDamaged(f"{error.filename} is missing: run `footnote index rebuild`.") from error

    def _nearest(
        self, sought: NDArray[np.float32], count: int, within: NDArray[np.int64] | None = None
    ) -> dict[str, float]:
        """The nearest rows, of the runs with the numbers ``within`` if there are any."""
        if self._extents is None or self._extents.state != self.table.state():
            self._extents = self.table.extents()
        runs = self._extents
        cosines = _cosines(self._searched_rows(runs), sought)
        is_in_use = np.zeros(runs.end, dtype=bool)
        is_in_use[runs.rows() if within is None else runs.rows(np.isin(runs.numbers, within))] = True
        cosines[~is_in_use] = -np.inf
        best = _highest(cosines, min(count, int(is_in_use.sum())))
        places = np.searchsorted(runs.firsts, best, side="right") - 1
        known = self.table.of_numbers(runs.numbers[places].tolist())
        found = {}
        for row, number in zip(best.tolist(), runs.numbers[places].tolist(), strict=True):
            if run := known.get(number):  # else it was deleted since the extents were read
                found[run.ids[row - run.first]] = float(cosines[row])
        return found

    def _rows_after(self, number: int, *, only_new: bool) -> tuple[int, Rows] | None:
        state, runs = self.table.after(number, only_new=only_new)
        return (runs[-1].number, self._filled(state, runs)) if runs else None

    def _filled(self, state: State, runs: Sequence[Run]) -> Rows:
        ids = [name for run in runs for name in run.ids]
        paper_ids = [run.paper_id for run in runs for _ in run.ids]
        places = [run.first + place for run in runs for place in range(len(run.ids))]
        if not places:
            return Rows([], np.empty((0, self._dimension), dtype=np.float32), [])
        return Rows(ids, self._rows(state, max(places) + 1)[places].astype(np.float32), paper_ids)

    def _searched_rows(self, runs: Extents) -> NDArray[np.float16]:
        return self._rows(runs.state, runs.end) if runs.end else np.empty((0, self._dimension), dtype=np.float16)

    def _rows(self, state: State, count: int) -> NDArray[np.float16]:
        return self._file(state.file).rows(count)

    def _file(self, number: int) -> VectorFile:
        file = self._files.get(number)
        if file is None:
            file = VectorFile(vectors_path(self._folder, self._grain, number), self._dimension)
            self._files = {number: file}
        return file


def vectors_path(folder: Path, grain: str, number: int) -> Path:
    """The file of a grain's vectors with this number (``State.file``)."""
    return folder / f"vectors-{grain}-{number}.f16"


def _unit_in_16_bits(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """As ``_unit``, but vectors that are of length 1 within 16 bits stay, so that stored ones can be stored again."""
    is_unit = np.abs(np.linalg.norm(vectors, axis=1, keepdims=True) - 1) <= _ROUNDING
    unit: NDArray[np.float32] = np.where(is_unit, vectors, _unit(vectors))
    return unit


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors scaled to length 1; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return unit


def _cosines(rows: NDArray[np.float16], sought: NDArray[np.float32]) -> NDArray[np.float32]:
    """The product of all rows with a vector, in 32 bits."""
    cosines = np.empty(len(rows), dtype=np.float32)
    block = np.empty((_ROWS_MULTIPLIED, len(sought)), dtype=np.float32)
    for first in range(0, len(rows), _ROWS_MULTIPLIED):
        some = rows[first : first + _ROWS_MULTIPLIED]
        np.copyto(block[: len(some)], some)
        np.dot(block[: len(some)], sought, out=cosines[first : first + len(some)])
    return cosines


def _highest(values: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """The indices of the highest values, highest first; equal values stay in their order."""
    if count < len(values):
        least = np.partition(values, len(values) - count)[len(values) - count] if count else np.inf
        places = np.flatnonzero(values >= least)
    else:
        places = np.arange(len(values))
    return places[np.argsort(-values[places], kind="stable")][:count]
