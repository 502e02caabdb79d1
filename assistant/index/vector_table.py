"""The table ``vectors`` of ``papers.sqlite``: which rows of a grain's file of vectors belong to which chunks.

One entry is a run: the consecutive rows of one paper's chunks. An entry also says whether the vector store
(``vectors.py``) already holds its vectors. The table ``deleted_vectors`` lists the papers whose vectors were
deleted here but are still in the vector store.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.index.database import Database, batches, marks

_RUN = "number, first, paper_id, ids"
_RUNS_AT_ONCE = 500


class State(NamedTuple):
    """The state of the table. Every change gives a new one."""

    file: int  # the number of the file that the rows are in
    changes: int

    @classmethod
    def of_fact(cls, value: str | None) -> State:
        """The state as ``str`` writes it; without a value, that of a new table."""
        file, _, changes = (value or "1:0").partition(":")
        return cls(int(file), int(changes))

    def __str__(self) -> str:
        return f"{self.file}:{self.changes}"


@dataclass(frozen=True, slots=True)
class Run:
    number: int
    first: int
    paper_id: str
    ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Extents:
    """Where all runs lie in the file, in the order of their rows."""

    state: State
    numbers: NDArray[np.int64]
    firsts: NDArray[np.int64]
    counts: NDArray[np.int64]

    @property
    def end(self) -> int:
        """The row after the last one in use."""
        return int(self.firsts[-1] + self.counts[-1]) if len(self.firsts) else 0

    def rows(self, runs: slice | NDArray[np.bool_] = slice(None)) -> NDArray[np.int64]:
        """The numbers of the rows of some runs, or of all."""
        firsts, counts = self.firsts[runs], self.counts[runs]
        starts = np.cumsum(counts) - counts
        rows: NDArray[np.int64] = np.arange(counts.sum(), dtype=np.int64) + np.repeat(firsts - starts, counts)
        return rows


class VectorTable:
    """The entries of one grain. Safe to read from several threads. Methods raise IndexDamaged."""

    def __init__(self, database: Database, grain: str) -> None:
        self._database, self._grain, self._fact = database, grain, f"vectors_{grain}"

    # Writing

    @contextmanager
    def changing(self, *, new_file: bool = False) -> Iterator[int]:
        """A transaction; yields the number of the file that new rows are in."""
        with self._database.transaction() as connection:
            file, changes = self.state()
            state = State(file + new_file, changes + 1)
            connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [self._fact, str(state)])
            yield state.file

    def insert(self, first: int, ids: Sequence[str], paper_ids: Sequence[str]) -> None:
        """Enter rows from ``first`` on. Call this, ``delete``, ``delete_all`` and ``move`` only within ``changing``."""
        entries = []
        for paper_id, pairs in groupby(zip(paper_ids, ids, strict=True), key=lambda pair: pair[0]):
            names = [name for _, name in pairs]
            entries.append((self._grain, paper_id, first, len(names), json.dumps(names, ensure_ascii=False)))
            first += len(names)
        insert = "INSERT INTO vectors (grain, paper_id, first, count, ids) VALUES (?, ?, ?, ?, ?)"
        self._database.connection.executemany(insert, entries)

    def delete(self, paper_ids: Iterable[str]) -> None:
        execute = self._database.connection.execute
        for some in batches(paper_ids):
            where = f"FROM vectors WHERE grain = ? AND paper_id IN {marks(some)}"
            values = [self._grain, *some]
            execute(f"INSERT OR IGNORE INTO deleted_vectors SELECT grain, paper_id {where} AND is_in_store", values)
            execute(f"DELETE {where}", values)

    def delete_all(self) -> None:
        for table in ("vectors", "deleted_vectors"):
            self._database.connection.execute(f"DELETE FROM {table} WHERE grain = ?", [self._grain])  # noqa: S608

    def move(self, numbers: NDArray[np.int64], firsts: NDArray[np.int64]) -> None:
        """Enter other first rows for runs."""
        update = "UPDATE vectors SET first = ? WHERE number = ?"
        self._database.connection.executemany(update, zip(firsts.tolist(), numbers.tolist(), strict=True))

    def mark_all(self, *, is_in_store: bool) -> None:
        """State that the vector store holds exactly the vectors entered here, or none."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM deleted_vectors WHERE grain = ?", [self._grain])
            update = "UPDATE vectors SET is_in_store = ? WHERE grain = ? AND is_in_store != ?"
            connection.execute(update, [is_in_store, self._grain, is_in_store])

    # Reading. A method reads from one commit; the state that it returns is the one that its result belongs to.

    def state(self) -> State:
        rows = self._database.rows("SELECT value FROM facts WHERE name = ?", [self._fact])
        return State.of_fact(rows[0][0] if rows else None)

    def count(self) -> int:
        """How many vectors there are."""
        return int(
            self._database.rows("SELECT COALESCE(SUM(count), 0) FROM vectors WHERE grain = ?", [self._grain])[0][0]
        )

    def extents(self) -> Extents:
        rows = self._select("number, first, count", "ORDER BY first")
        columns = np.array([row[1:] for row in rows], dtype=np.int64).reshape(-1, 3).T
        return Extents(State.of_fact(rows[0][0]) if rows else self.state(), *columns)

    def of_papers(self, paper_ids: Iterable[str]) -> tuple[State, list[Run]]:
        return self._runs(
            row for some in batches(paper_ids) for row in self._select(_RUN, f"AND paper_id IN {marks(some)}", some)
        )

    def of_numbers(self, numbers: Iterable[int]) -> dict[int, Run]:
        _, runs = self._runs(
            row for some in batches(numbers) for row in self._select(_RUN, f"AND number IN {marks(some)}", some)
        )
        return {run.number: run for run in runs}

    def numbers_of(self, paper_ids: Iterable[str]) -> NDArray[np.int64]:
        """The numbers of the runs of these papers, ascending."""
        rows = [
            row for some in batches(paper_ids) for row in self._select("number", f"AND paper_id IN {marks(some)}", some)
        ]
        return np.sort(np.array([number for _, number in rows], dtype=np.int64))

    def after(self, number: int, *, only_new: bool = False) -> tuple[State, list[Run]]:
        """Up to 500 runs after the one with this number; ``only_new``: of those that the vector store does not hold."""
        new = "AND NOT is_in_store" if only_new else ""
        return self._runs(self._select(_RUN, f"AND number > ? {new} ORDER BY number LIMIT {_RUNS_AT_ONCE}", [number]))

    def deleted_papers(self) -> list[str]:
        """The papers whose vectors were deleted here but are still in the vector store."""
        select = "SELECT paper_id FROM deleted_vectors WHERE grain = ? ORDER BY paper_id"
        return [paper_id for (paper_id,) in self._database.rows(select, [self._grain])]

    def _select(self, columns: str, condition: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The state of the table, then columns of the entries. One statement, so that both are from the same commit."""
        state = "(SELECT value FROM facts WHERE name = ?)"
        select = f"SELECT {state}, {columns} FROM vectors WHERE grain = ? {condition}"  # noqa: S608
        return self._database.rows(select, [self._fact, self._grain, *values])

    def _runs(self, rows: Iterable[tuple[Any, ...]]) -> tuple[State, list[Run]]:
        found = list(rows)
        runs = [Run(number, first, paper_id, json.loads(ids)) for _, number, first, paper_id, ids in found]
        return State.of_fact(found[0][0]) if found else self.state(), runs
