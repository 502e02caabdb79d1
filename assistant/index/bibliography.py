"""Looks papers up by the fields of their records: author, year, venue, title, DOI, arXiv id and PMID."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from assistant.index.database import Database
from assistant.index.schema import paper_of
from assistant.records import Paper, paper_id_of
from assistant.text.author_names import can_mean, folded

Field = Literal["title", "authors", "venue"]


class Bibliography:
    """Looks papers up in the file of a library. Every method raises IndexDamaged when it cannot be read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_author(self, name: str) -> list[Paper]:
        """Papers with an author whose name is compatible with this one: "Smith", "J. Smith" or "Smith, J."."""
        longest = max(folded(name).split(), key=len, default="")
        return [
            paper for paper in self._holding("authors", longest) if any(can_mean(name, one) for one in paper.authors)
        ]

    def in_venue(self, name: str) -> list[Paper]:
        """Papers of the venue with this name, ignoring case and accents."""
        return [paper for paper in self._holding("venue", name) if folded(paper.venue) == folded(name)]

    def titled(self, title: str) -> list[Paper]:
        """Papers with this title; if there are none, those whose title contains its words in this order."""
        exact = self.identified(f"title:{paper_id_of(title)}")
        return exact or self._holding("title", title)

    def identified(self, key: str) -> list[Paper]:
        """Papers with a key of ``assistant.index.identity``, such as ``doi:10.1/x``."""
        ids = self._database.rows("SELECT paper_id FROM keys WHERE key = ? ORDER BY paper_id", [key])
        return self._papers(paper_id for (paper_id,) in ids)

    def ids_of_years(self, first: int | None, last: int | None) -> list[str]:
        """The ids of papers of these years, bounds included."""
        select = "SELECT paper_id FROM papers WHERE year BETWEEN ? AND ? ORDER BY paper_id"
        bounds = [-(10**6) if first is None else first, 10**6 if last is None else last]
        return [paper_id for (paper_id,) in self._database.rows(select, bounds)]

    def without_year(self) -> int:
        """How many papers have no year."""
        count: int = self._database.rows("SELECT COUNT(*) FROM papers WHERE year IS NULL")[0][0]
        return count

    def has_any(self, field: Literal["authors", "venue"]) -> bool:
        """Does any paper have authors, or a venue?"""
        empty = {"authors": "[]", "venue": ""}[field]
        select = f"SELECT 1 FROM papers WHERE json_extract(fields, '$.{field}') <> ? LIMIT 1"  # noqa: S608 - one of two names
        return bool(self._database.rows(select, [empty]))

    def is_mentioned(self, words: str) -> bool:
        """Do these words, or some that begin with them, follow each other in any title or abstract?"""
        match = f"{{title abstract}} : {_phrase(words)}*"
        return bool(folded(words)) and bool(self._rows_matching(match, limit=1))

    def _holding(self, field: Field, words: str) -> list[Paper]:
        """Papers with a field that contains these words in this order."""
        if not folded(words):
            return []
        numbers = [number for (number,) in self._rows_matching(f"{field} : {_phrase(words)}")]
        rows = self._database.rows_of("SELECT fields FROM papers WHERE number IN", numbers)
        return [paper_of(fields) for (fields,) in rows]

    def _rows_matching(self, match: str, limit: int = -1) -> list[tuple[int]]:
        return self._database.rows("SELECT rowid FROM search WHERE search MATCH ? LIMIT ?", [match, limit])

    def _papers(self, paper_ids: Iterable[str]) -> list[Paper]:
        rows = self._database.rows_of("SELECT fields FROM papers WHERE paper_id IN", paper_ids)
        return [paper_of(fields) for (fields,) in rows]


def _phrase(words: str) -> str:
    """Untrusted words as a phrase of FTS5, which ignores case, accents and punctuation."""
    return '"' + " ".join(words.split()).replace('"', " ").replace("\x00", " ") + '"'
