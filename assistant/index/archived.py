"""Reads the library in an archive, which may come from anybody: everything in it is checked before it is used.

``snapshot.py`` writes it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from assistant.errors import InputError
from assistant.index.database import batches, marks
from assistant.index.identity import Notice, Record
from assistant.index.library import Library
from assistant.index.snapshot import FACTS, TABLES, hash_of
from assistant.records import Paper

_PAPER = TypeAdapter(Paper)
_RECORDS_AT_ONCE = 500
_LAST_YEAR = 9_999
_NUMBER = np.dtype("<f2")
_NEARLY_UNIT = 0.01  # the largest difference of a stored vector's length from 1
_MERGED_TABLES = ("source_versions", "collections")


def damaged(reason: object) -> InputError:
    return InputError(f"The archive is damaged ({reason}): make it again with `footnote library export`.")


class ArchivedLibrary:
    """The records, notices and collections of an archive. Methods raise InputError for what cannot be read.

    ``facts``: what the vectors of the archive were computed with.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            with _translated():
                self._connection.execute("PRAGMA trusted_schema = OFF")  # functions in its tables have no side effects
                self._connection.execute("PRAGMA query_only = ON")
                self._tables = self._checked_tables()
                self.facts = {name: _text(value) for name, value in self._rows("SELECT name, value FROM facts")}
                if {*self.facts} != {*FACTS}:
                    raise damaged("it does not say what its vectors were computed with")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._connection.close()

    def check(self, vectors: int) -> None:
        """Read everything once. ``vectors``: how many there are in the archive."""
        for _ in (*self.notices(), *self._lists()):
            pass
        for _ in self.records():
            pass
        wrong = "SELECT COUNT(*) FROM chunks WHERE typeof(row) != 'integer' OR row NOT BETWEEN 0 AND ?"
        if self._rows(wrong, [vectors - 1])[0][0]:
            raise damaged("it lacks vectors")

    def records(self) -> Iterator[Record]:
        """All records, in the order in which they were read, with the ids that their papers had."""
        outdated = "SELECT 1 FROM outdated AS o WHERE o.source = r.source AND o.content_hash = r.content_hash"
        is_outdated = f"EXISTS ({outdated})" if "outdated" in self._tables else "0"
        select = f"""SELECT rowid, fields, source, paper_id, read_at, {is_outdated} FROM records AS r
            WHERE rowid > ? ORDER BY rowid LIMIT {_RECORDS_AT_ONCE}"""  # noqa: S608
        last = 0
        while rows := self._rows(select, [last]):
            for _, fields, source, paper_id, read_at, outdated_now in rows:
                if not isinstance(read_at, float | int):
                    raise damaged("a record has no time")
                yield Record(
                    _paper(fields), _text(source), _text(paper_id), read_at=read_at, is_outdated=bool(outdated_now)
                )
            last = rows[-1][0]

    def holds(self, record: Record) -> bool:
        """Is exactly this record in the archive?"""
        return bool(self._rows("SELECT 1 FROM records WHERE source = ? AND content_hash = ?", record.version))

    def notices(self) -> Iterator[Notice]:
        for key, source in self._rows("SELECT key, source FROM retractions"):
            yield Notice(_text(key), _text(source))

    def rows_of(self, texts: Sequence[str]) -> dict[str, int]:
        """Which of the archive's vectors belong to these texts; those of which it has none are left out."""
        text_of = {hash_of(text): text for text in texts}
        found: dict[str, int] = {}
        for some in batches(text_of):
            select = f"SELECT text_hash, row FROM chunks WHERE text_hash IN {marks(some)}"  # noqa: S608
            found.update({text_of[text_hash]: row for text_hash, row in self._rows(select, some)})
        return found

    def merge_lists(self, library: Library) -> None:
        """Add to a library the collections and versions of sources that it lacks, as far as both have such tables."""
        with library.database.transaction() as connection:
            held = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            for name, row in self._lists():
                if name in held:
                    columns = TABLES[name]
                    insert = f"INSERT OR IGNORE INTO {name} ({', '.join(columns)}) VALUES {marks(columns)}"  # noqa: S608
                    connection.execute(insert, row)

    def _lists(self) -> Iterator[tuple[str, Sequence[object]]]:
        """The rows of tables that are merged as they are, with the names of the tables."""
        for name in _MERGED_TABLES:
            if name in self._tables:
                for row in self._rows(f"SELECT {', '.join(TABLES[name])} FROM {name}"):  # noqa: S608
                    yield name, [_scalar(value) for value in row]

    def _checked_tables(self) -> set[str]:
        """The names of the tables. A view or a trigger could run whatever its author wrote."""
        found = self._rows("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        names = {name for _, name in found}
        required = {"records", "retractions", "facts", "chunks"}
        if any(kind != "table" for kind, _ in found) or not required <= names <= {*TABLES, *required}:
            raise damaged("its tables are not those of an archive")
        return names

    def _rows(self, select: str, values: Sequence[Any] = ()) -> list[Any]:
        with _translated():
            return self._connection.execute(select, values).fetchall()


class ArchivedVectors:
    """The vectors of an archive, ``count`` rows of ``dimension`` 16-bit numbers, from an offset of an open file on."""

    def __init__(self, file: BinaryIO, offset: int, count: int, dimension: int) -> None:
        self.count = count
        self._file, self._offset, self._dimension = file, offset, dimension

    def row(self, number: object) -> NDArray[np.float32] | None:
        """A vector; None if it is not of length 1, as a damaged one may be.

        Raises InputError when the file ends before it, and OSError.
        """
        if not isinstance(number, int) or not 0 <= number < self.count:
            raise damaged("it lacks a vector")
        size = self._dimension * _NUMBER.itemsize
        self._file.seek(self._offset + number * size, os.SEEK_SET)
        content = self._file.read(size)
        if len(content) != size:
            raise damaged("it has become shorter")
        vector = np.frombuffer(content, dtype=_NUMBER).astype(np.float32)
        is_unit = abs(float(np.linalg.norm(vector)) - 1) < _NEARLY_UNIT  # false for one that is not a number
        return vector if is_unit else None


def _paper(fields: object) -> Paper:
    try:
        paper = _PAPER.validate_json(fields if isinstance(fields, str) else "")
    except ValidationError as error:
        raise damaged(f"a record cannot be read: {error.errors()[0]['msg']}") from error
    if not (paper.title.strip() and paper.paper_id) or not 0 <= (paper.year or 0) <= _LAST_YEAR:
        raise damaged("a record has no title, or an impossible year")
    return paper


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise damaged(f"a text is {type(value).__name__}")
    return value


def _scalar(value: object) -> object:
    if not isinstance(value, str | int | float):
        raise damaged(f"a value is {type(value).__name__}")
    return value


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, UnicodeError) as error:
        raise damaged(error) from error
