"""Some papers in a library, and what is found of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assistant.index.identity import Record
from assistant.index.library import Library
from assistant.records import Paper

FULL = Paper("p", "Title", "Words.", ("A", "B"), 2020, "Venue", "https://e.org", "10.1/1", "2001.1")


def put(library: Library, papers: Iterable[tuple[Paper, str]]) -> None:
    """Store and publish papers, each with its source, as an ingest does."""
    records = [Record(paper, source, paper.paper_id) for paper, source in papers]
    replaced = [old for olds in library.catalogue.of_papers(one.paper_id for one in records).values() for old in olds]
    library.catalogue.mark_pending(records, replaced, {}, "unfinished")
    library.publish(record.paper for record in records)


def remove(library: Library, paper_ids: Iterable[str]) -> None:
    records = library.catalogue.of_papers(paper_ids)
    library.catalogue.mark_pending([], [one for some in records.values() for one in some], {}, "unfinished")
    library.publish([], records)


SHELF = [
    (Paper("bert", "BERT reads text", "We mask words.", ("Jacob Devlin", "Ming-Wei Chang"), 2018, "NAACL"), "a.csv"),
    (Paper("gpt", "“Few shots” for GPT-3", "It reads a prompt.", ("Tom Brown",), 2020), "a.csv"),
    (Paper("elmo", "ÉLMO: deep words", "Words in context. " * 20 + "No BERT here.", ("José García",), 2018), "b.csv"),
    (Paper("old", "zipf’s law", "Counts of words.", ("George Zipf",), None), "b.csv"),
]


ALL = ["bert", "elmo", "gpt", "old"]


SCRAPS = [
    '"',
    "'",
    "*",
    "AND",
    "or",
    "NOT",
    "NEAR(",
    "{title}:",
    "^",
    "-",
    "+",
    "(",
    ")",
    ":",
    "\\",
    "%",
    "\x00",
    "\ud800",
]


def found(library: Library, query: str = "", **asked: Any) -> list[str]:
    return [paper.paper_id for paper in library.find(query, **asked).papers]


def check_words(library: Library) -> None:
    """Raises sqlite3.Error when the word index differs from the papers."""
    library.database.connection.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    library.database.connection.rollback()
