"""The published papers and named facts about the index, in one SQLite file.

Vectors and word indexes can be computed again from the papers, and the papers from ``catalogue``: the records of what
each source says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from assistant.index.bibliography import Bibliography
from assistant.index.catalogue import Catalogue
from assistant.index.database import Database
from assistant.index.outdated import notice_of
from assistant.index.schema import PUT_PAPER, paper_of, paper_row
from assistant.index.sentence_roles import SentenceRoles
from assistant.index.source_names import first_and_last, opens_in_zotero
from assistant.index.source_table import PAPERS_IN, SourceTable
from assistant.records import Paper

Order = Literal["relevance", "title", "newest", "oldest", "added"]

_RELEVANCE = "bm25(search, 8, 4, 1, 1), rowid"  # the weights of a word in title, authors, abstract and venue
_ORDERS: dict[Order, str] = {
    "relevance": "title_key, number",  # if the query has no words
    "title": "title_key, number",
    "newest": "year DESC, title_key, number",
    "oldest": "year IS NULL, year, title_key, number",
    "added": "number DESC",
}
_QUERY_CHARACTERS = 300  # the rest of a query is ignored; longer than any title
_PAPERS_AT_ONCE = 500
_TEXTS_SOUGHT = 100  # more than the pairs of letters in a long question


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list of papers, and the length of the whole list."""

    total: int
    papers: tuple[Paper, ...]


class Library:
    """Papers by id and by their words, and named facts about the index. Safe to read from several threads."""

    def __init__(self, path: Path, *, is_writable: bool) -> None:
        """``is_writable``: tables are created, or migrated from an earlier version.

        Raises IndexDamaged, as all methods do, or IndexMismatch for tables of another version.
        """
        self.database = Database(path, is_writable=is_writable)
        self._rows = self.database.rows
        self.catalogue = Catalogue(self.database)
        self.bibliography = Bibliography(self.database)
        self.roles = SentenceRoles(self.database)
        self.source_table = SourceTable(self.database)
        if is_writable:
            self.catalogue.outdated.list_earlier_records()

    def close(self) -> None:
        self.database.close()

    def __len__(self) -> int:
        count: int = self._rows("SELECT COUNT(*) FROM papers")[0][0]
        return count

    def papers(self, paper_ids: Iterable[str]) -> dict[str, Paper]:
        """The papers with these ids; unknown ids are left out."""
        rows = self.database.rows_of("SELECT fields FROM papers WHERE paper_id IN", paper_ids)
        return {paper.paper_id: paper for paper in (paper_of(fields) for (fields,) in rows)}

    def titles(self, paper_ids: Iterable[str]) -> dict[str, str]:
        """As ``papers``, but only the titles."""
        select = "SELECT paper_id, json_extract(fields, '$.title') FROM papers WHERE paper_id IN"
        return dict(self.database.rows_of(select, paper_ids))

    def retracted_ids(self) -> set[str]:
        """The ids of all papers that are retracted."""
        return {
            name for (name,) in self._rows("SELECT paper_id FROM papers WHERE json_extract(fields, '$.is_retracted')")
        }

    def holding(self, texts: Iterable[str], count: int) -> list[Paper]:
        """The papers whose fields contain most of these texts, at most ``count``; reads every paper."""
        sought = sorted(set(texts))[:_TEXTS_SOUGHT]
        shared = " + ".join(["(instr(fields, ?) > 0)"] * len(sought)) or "0"
        select = f"""SELECT fields FROM (SELECT fields, number, {shared} AS shared FROM papers)
            WHERE shared > 0 ORDER BY shared DESC, number LIMIT ?"""  # noqa: S608
        return [paper_of(fields) for (fields,) in self._rows(select, [*sought, count])]

    def find(
        self,
        query: str = "",
        *,
        order: Order = "relevance",
        years: tuple[int | None, int | None] = (None, None),
        source: str = "",
        collection: str = "",
        first: int = 0,
        count: int = 50,
    ) -> Listing:
        """Papers with every word of ``query``, or a word that begins with it, in title, authors, abstract or venue.

        Case, accents and punctuation are ignored. ``years`` are the first and the last. Without words, relevance is
        the order of titles; papers without a year come last in an order by year. A collection that does not exist
        has no papers.
        """
        words = _match(query)
        matching, values = _matching(words, years, source, collection)
        total = self._rows(f"SELECT COUNT(*) FROM ({matching})", values)[0][0]  # noqa: S608
        if words and order != "relevance":
            matching = f"SELECT number FROM papers WHERE +number IN ({matching})"  # noqa: S608
        sorting = _RELEVANCE if words and order == "relevance" else _ORDERS[order]
        numbers = self._rows(f"{matching} ORDER BY {sorting} LIMIT ? OFFSET ?", [*values, count, first])
        return Listing(total, self._numbered([number for (number,) in numbers]))

    def ids_found(self, query: str) -> list[str]:
        """The ids of all papers that ``find`` finds for a query, in their order; none for a query without words."""
        words = _match(query)
        found = "SELECT paper_id FROM papers WHERE number IN (SELECT rowid FROM search WHERE search MATCH ?) ORDER BY 1"
        return [paper_id for (paper_id,) in self._rows(found, [words])] if words else []

    def sources(self) -> dict[str, int]:
        """The number of papers of each file, in the order of names; all items of Zotero are the entry ``zotero:``."""
        return self.catalogue.sources()

    def links_of(self, paper_ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The links that open these papers in Zotero, by paper id; papers that are not there are left out."""
        found = self.catalogue.sources_of(paper_ids)
        links = {paper_id: tuple(filter(opens_in_zotero, sources)) for paper_id, sources in found.items()}
        return {paper_id: some for paper_id, some in links.items() if some}

    def has_source(self, source: str) -> bool:
        """Is any paper of this file stored?"""
        return self.catalogue.has_source(source)

    def outdated_notice(self) -> str:
        """A line that names the files to read again because an earlier version read them; empty if there are none."""
        return notice_of(self.catalogue.outdated.sources())

    def years(self) -> tuple[int, int] | None:
        """The first and the last year of any paper; None when no paper has one."""
        (first, last) = self._rows("SELECT MIN(year), MAX(year) FROM papers")[0]
        return None if first is None else (first, last)

    def all_papers(self) -> Iterator[Paper]:
        """Every paper, in the order of ids.

        Read in pieces, so that a slow caller does not block a process that writes.
        """
        return (paper_of(fields) for _, fields in self._by_id("fields"))

    def content_hashes(self) -> dict[str, str]:
        """Paper id to content hash, in the order of ids."""
        return dict(self.each_content_hash())

    def each_content_hash(self) -> Iterator[tuple[str, str]]:
        """As ``content_hashes``, without holding all in memory."""
        return self._by_id("content_hash")

    def publish(self, papers: Iterable[Paper], deleted: Iterable[str] = ()) -> None:
        """Add or replace papers and delete others, all at once.

        They are no longer pending, unless another change of them is pending.
        """
        rows = [paper_row(paper) for paper in papers]
        deleted_ids = list(deleted)
        with self.database.transaction() as connection:
            connection.executemany(PUT_PAPER, rows)
            connection.executemany("DELETE FROM papers WHERE paper_id = ?", [(paper_id,) for paper_id in deleted_ids])
            self.catalogue.mark_done([*(row[:2] for row in rows), *((paper_id, "") for paper_id in deleted_ids)])

    def fact(self, name: str) -> str:
        """A named fact about the index; empty if it was never set."""
        rows = self._rows("SELECT value FROM facts WHERE name = ?", [name])
        return str(rows[0][0]) if rows else ""

    def state(self, **facts: str) -> None:
        with self.database.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())

    def _by_id(self, column: str) -> Iterator[tuple[str, str]]:
        """Ids and a column of every paper."""
        select = f"SELECT paper_id, {column} FROM papers WHERE paper_id > ? ORDER BY paper_id LIMIT {_PAPERS_AT_ONCE}"  # noqa: S608
        last = ""
        while rows := self._rows(select, [last]):
            yield from rows
            last = rows[-1][0]

    def _numbered(self, numbers: Sequence[int]) -> tuple[Paper, ...]:
        """The papers with these numbers, in their order."""
        rows = self.database.rows_of("SELECT number, fields FROM papers WHERE number IN", numbers)
        found = {number: paper_of(fields) for number, fields in rows}
        return tuple(found[number] for number in numbers if number in found)


def _match(query: str) -> str:
    """An FTS5 query for the words of an untrusted query, each as a quoted prefix; empty if there are none."""
    words = re.sub(r'["\x00\ud800-\udfff]', " ", query[:_QUERY_CHARACTERS]).split()
    return " ".join(f'"{word}"*' for word in dict.fromkeys(words) if any(map(str.isalnum, word)))


def _matching(words: str, years: tuple[int | None, int | None], source: str, collection: str) -> tuple[str, list[Any]]:
    """The SQL that selects the numbers of papers, and its bound values.

    The plus signs here and above keep SQLite from searching the word index once per paper.
    """
    of_source = "paper_id IN (SELECT paper_id FROM records WHERE source BETWEEN ? AND ?)"
    bounds: dict[str, Sequence[Any]] = {
        "year >= ?": years[:1],
        "year <= ?": years[1:],
        of_source: first_and_last(source) if source else [None],
        f"paper_id IN ({PAPERS_IN})": [collection or None],
    }
    asked = {condition: values for condition, values in bounds.items() if None not in values}
    values = [*chain(*asked.values())]
    select = f"SELECT number FROM papers WHERE {' AND '.join(asked) or 'TRUE'}"  # noqa: S608
    if not words:
        return select, values
    among = f"AND +rowid IN ({select})" if asked else ""
    return f"SELECT rowid FROM search WHERE search MATCH ? {among}", [words, *values]  # noqa: S608
