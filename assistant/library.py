"""The source of truth: every paper, and what the index beside it was made with, in one SQLite file.

Vectors and word statistics can always be remade from here. A paper is put here only after its vectors are stored,
and removed before they are, so whatever is interrupted is simply done again.
"""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.errors import IndexDamaged, IndexInUse, IndexMismatch
from assistant.records import Paper

Order = Literal["relevance", "title", "newest", "oldest", "added"]

_VERSION = 2  # of the tables; the first had no number and reads as 0
# FTS5 keeps no texts of its own: to forget a paper, it must be told the very words that it was told before.
_LEARN = "INSERT INTO search (rowid, title, authors, abstract, venue) SELECT * FROM texts WHERE number ="
_FORGET = (
    "INSERT INTO search (search, rowid, title, authors, abstract, venue) SELECT 'delete', * FROM texts WHERE number ="
)
_TABLES = (
    "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # ``number`` rises with every paper added and stays when one changes; ``fields`` is long and so stands last.
    """CREATE TABLE papers (
        number INTEGER PRIMARY KEY, paper_id TEXT NOT NULL UNIQUE, content_hash TEXT NOT NULL, source TEXT NOT NULL,
        title_key TEXT NOT NULL, year INTEGER, fields TEXT NOT NULL)""",
    # What lists, filters and counts papers without reading one.
    "CREATE INDEX papers_by_title ON papers (title_key, number, year, source)",
    "CREATE INDEX papers_newest ON papers (year DESC, title_key, number, source)",
    "CREATE INDEX papers_oldest ON papers (year IS NULL, year, title_key, number, source)",
    "CREATE INDEX papers_by_source ON papers (source, year)",
    """CREATE VIEW texts AS SELECT number, json_extract(fields, '$.title') AS title,
        json_extract(fields, '$.authors') AS authors, json_extract(fields, '$.abstract') AS abstract,
        json_extract(fields, '$.venue') AS venue FROM papers""",
    # One or two letters begin words of most papers, so that each has a list of its own.
    """CREATE VIRTUAL TABLE search USING fts5(title, authors, abstract, venue, content='texts', content_rowid='number',
        tokenize='unicode61 remove_diacritics 2', prefix='1 2')""",
    f"CREATE TRIGGER paper_added AFTER INSERT ON papers BEGIN {_LEARN} new.number; END",
    f"CREATE TRIGGER paper_changed AFTER UPDATE ON papers BEGIN {_LEARN} new.number; END",
    f"CREATE TRIGGER paper_changes BEFORE UPDATE ON papers BEGIN {_FORGET} old.number; END",
    f"CREATE TRIGGER paper_removed BEFORE DELETE ON papers BEGIN {_FORGET} old.number; END",
)
_PUT = """INSERT INTO papers (paper_id, content_hash, source, title_key, year, fields) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (paper_id) DO UPDATE SET content_hash = excluded.content_hash, source = excluded.source,
    title_key = excluded.title_key, year = excluded.year, fields = excluded.fields"""
_RELEVANCE = "bm25(search, 8, 4, 1, 1), rowid"  # what a word weighs in title, authors, abstract and venue
_ORDERS: dict[Order, str] = {
    "relevance": "title_key, number",  # where there are no words to be relevant to
    "title": "title_key, number",
    "newest": "year DESC, title_key, number",
    "oldest": "year IS NULL, year, title_key, number",
    "added": "number DESC",
}
_ADVICE = "Restore the file from a backup, or move it away and ingest your papers again."
_IDS_PER_QUERY = 500  # SQLite allows 999 variables in older builds
_QUERY_CHARACTERS = 300  # of a query are searched for: longer than any title
_PATIENCE_SECONDS = 30.0  # for another connection to be done with the file; they take milliseconds


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list of papers, and how many the whole list holds."""

    total: int
    papers: tuple[Paper, ...]


class Library:
    """Papers by id and by their words, and named facts about the index. Safe to read from several threads."""

    def __init__(self, path: Path, *, is_writable: bool) -> None:
        """Opened for writing, tables are made, or those of an earlier version are brought up to date.

        Raises IndexDamaged, as all methods do, or IndexMismatch for tables of another version.
        """
        self._path = path
        with self._translated():
            mode = "rwc" if is_writable else "ro"
            uri = f"{path.absolute().as_uri()}?mode={mode}"
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=_PATIENCE_SECONDS)
            if is_writable and self._version < _VERSION:
                self._make_tables()
            self._connection.execute("SELECT COUNT(*) FROM papers").fetchone()
            self._check_version()

    def close(self) -> None:
        self._connection.close()

    def __len__(self) -> int:
        count: int = self._rows("SELECT COUNT(*) FROM papers")[0][0]
        return count

    def papers(self, paper_ids: Iterable[str]) -> dict[str, Paper]:
        """The papers with these ids; unknown ids are left out."""
        found: dict[str, Paper] = {}
        for batch in _batches(paper_ids):
            rows = self._rows(f"SELECT fields FROM papers WHERE paper_id IN ({_marks(batch)})", batch)  # noqa: S608
            found.update((paper.paper_id, paper) for paper in map(_paper, rows))
        return found

    def find(
        self,
        query: str = "",
        *,
        order: Order = "relevance",
        years: tuple[int | None, int | None] = (None, None),
        source: str = "",
        first: int = 0,
        count: int = 50,
    ) -> Listing:
        """Papers that hold every word of ``query``, or one that begins so, in title, authors, abstract or venue.

        Case and accents do not matter, nor does any other character of the query. ``years`` are the first and the
        last. Without words, relevance is the order of titles; papers without a year come last by year.
        """
        words = _match(query)
        matching, values = _matching(words, years, source)
        total = self._rows(f"SELECT COUNT(*) FROM ({matching})", values)[0][0]  # noqa: S608
        if words and order != "relevance":
            matching = f"SELECT number FROM papers WHERE +number IN ({matching})"  # noqa: S608
        sorting = _RELEVANCE if words and order == "relevance" else _ORDERS[order]
        numbers = self._rows(f"{matching} ORDER BY {sorting} LIMIT ? OFFSET ?", [*values, count, first])
        return Listing(total, self._numbered([number for (number,) in numbers]))

    def sources(self) -> dict[str, int]:
        """How many papers came from each file, in the order of names."""
        return dict(self._rows("SELECT source, COUNT(*) FROM papers GROUP BY source ORDER BY source"))

    def years(self) -> tuple[int, int] | None:
        """The first and the last year of any paper; None when no paper has one."""
        (first, last) = self._rows("SELECT MIN(year), MAX(year) FROM papers")[0]
        return None if first is None else (first, last)

    def all_papers(self) -> Iterator[Paper]:
        """Every paper, in the order of ids."""
        return (paper for paper, _ in self.papers_with_sources())

    def papers_with_sources(self) -> Iterator[tuple[Paper, str]]:
        """Every paper and the file it came from, in the order of ids.

        Read a piece at a time, so that nobody who takes long over them keeps a writer waiting.
        """
        select = "SELECT fields, source, paper_id FROM papers WHERE paper_id > ? ORDER BY paper_id LIMIT 500"
        last = ""
        while rows := self._rows(select, [last]):
            for row in rows:
                yield _paper(row), row[1]
            last = rows[-1][2]

    def content_hashes(self) -> dict[str, str]:
        """Paper id to content hash, in the order of ids."""
        return dict(self._rows("SELECT paper_id, content_hash FROM papers ORDER BY paper_id"))

    def has_source(self, source: str) -> bool:
        """Did any paper come from this file?"""
        return bool(self._rows("SELECT 1 FROM papers WHERE source = ? LIMIT 1", [source]))

    def put(self, papers: Iterable[tuple[Paper, str]]) -> None:
        """Store papers, each with the file it came from, replacing those with the same ids."""
        with self._translated(), self._connection:
            self._connection.executemany(_PUT, map(_row, papers))

    def remove(self, paper_ids: Iterable[str]) -> int:
        """Forget papers, and say how many there were; unknown ids are left out."""
        count = 0
        for batch in _batches(paper_ids):
            with self._translated(), self._connection:
                delete = f"DELETE FROM papers WHERE paper_id IN ({_marks(batch)})"  # noqa: S608
                count += self._connection.execute(delete, batch).rowcount
        return count

    def fact(self, name: str) -> str:
        """A fact about the index, empty when it was never stated."""
        rows = self._rows("SELECT value FROM facts WHERE name = ?", [name])
        return str(rows[0][0]) if rows else ""

    def state(self, **facts: str) -> None:
        with self._translated(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())

    def _numbered(self, numbers: Sequence[int]) -> tuple[Paper, ...]:
        """The papers with these numbers, in their order."""
        found: dict[int, Paper] = {}
        for batch in _batches(numbers):
            rows = self._rows(f"SELECT fields, number FROM papers WHERE number IN ({_marks(batch)})", batch)  # noqa: S608
            found.update((row[1], _paper(row)) for row in rows)
        return tuple(found[number] for number in numbers if number in found)

    def _rows(self, select: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._translated():
            return self._connection.execute(select, values).fetchall()

    @property
    def _version(self) -> int:
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        return version

    def _make_tables(self) -> None:
        """All at once or not at all; papers in tables of an earlier version are put in the new ones."""
        run = self._connection.execute
        with self._connection:
            run("BEGIN IMMEDIATE")
            is_earlier = bool(run("SELECT 1 FROM sqlite_master WHERE name = 'papers'").fetchone())
            if is_earlier:
                run("ALTER TABLE papers RENAME TO earlier")
            for statement in _TABLES:
                run(statement)
            if is_earlier:
                rows = run("SELECT fields, source FROM earlier ORDER BY rowid")
                self._connection.executemany(_PUT, (_row((_paper(row), row[1])) for row in rows))
                run("DROP TABLE earlier")
            run(f"PRAGMA user_version = {_VERSION}")

    def _check_version(self) -> None:
        if self._version < _VERSION:
            raise IndexMismatch(
                f"{self._path} was made by an earlier version of Footnote: run `footnote ingest` again with any of "
                "your files, which brings it up to date, or run `footnote index rebuild`."
            )
        if self._version > _VERSION:
            raise IndexMismatch(f"{self._path} was made by a later version of Footnote: update this one.")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "readonly" in str(error) or "unable to open" in str(error):
                raise IndexDamaged(
                    f"{self._path} cannot be opened for writing ({error}): make its folder writable, "
                    "or set FOOTNOTE_HOME to a folder that is."
                ) from error
            if "locked" in str(error):
                raise IndexInUse(f"{self._path} is in use by another program: close it, then try again.") from error
            if "full" in str(error):
                raise IndexDamaged(f"The disk of {self._path} is full: make room and run the command again.") from error
            raise IndexDamaged(f"{self._path} cannot be read ({error}). {_ADVICE}") from error
        except sqlite3.DatabaseError as error:
            raise IndexDamaged(f"{self._path} is damaged ({error}). {_ADVICE}") from error


def _row(item: tuple[Paper, str]) -> tuple[str | int | None, ...]:
    paper, source = item
    fields = json.dumps(asdict(paper), ensure_ascii=False)  # as letters, not as escapes: SQLite searches in it
    fields = fields.encode("utf-8", "replace").decode("utf-8")
    return paper.paper_id, paper.content_hash, source, _title_key(paper.title), paper.year, fields


def _paper(row: Sequence[Any]) -> Paper:
    """The paper whose fields a row begins with."""
    fields = json.loads(row[0])
    return Paper(**{**fields, "authors": tuple(fields["authors"])})


def _title_key(title: str) -> str:
    """What titles are sorted by: their words, without case, accents and punctuation."""
    return " ".join(re.findall(r"\w+", _without_accents(title).casefold()))


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _match(query: str) -> str:
    """An FTS5 query for the words of an untrusted one, each a quoted beginning; empty when there is none."""
    words = re.sub(r'["\x00\ud800-\udfff]', " ", query[:_QUERY_CHARACTERS]).split()
    return " ".join(f'"{word}"*' for word in dict.fromkeys(words) if any(map(str.isalnum, word)))


def _matching(words: str, years: tuple[int | None, int | None], source: str) -> tuple[str, list[Any]]:
    """What selects the numbers of papers, and the values bound in it.

    The plus signs here and above keep SQLite from asking the word index for one paper at a time.
    """
    bounds = {"year >= ?": years[0], "year <= ?": years[1], "source = ?": source or None}
    asked = {condition: value for condition, value in bounds.items() if value is not None}
    select = f"SELECT number FROM papers WHERE {' AND '.join(asked) or 'TRUE'}"  # noqa: S608
    if not words:
        return select, [*asked.values()]
    among = f"AND +rowid IN ({select})" if asked else ""
    return f"SELECT rowid FROM search WHERE search MATCH ? {among}", [words, *asked.values()]  # noqa: S608


def _batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Distinct values, as many at a time as a query takes."""
    distinct = list(dict.fromkeys(values))
    for first in range(0, len(distinct), _IDS_PER_QUERY):
        yield distinct[first : first + _IDS_PER_QUERY]


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))  # question marks only: the values are bound, not spliced in
