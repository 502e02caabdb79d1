"""Builds a paper from the fields of a record, whatever format the record came from.

Readers pass titles, abstracts, names and venues as their format stores them, with tags, entities and TeX. They become
plain text here and nowhere else (``ingest.readers.markup``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.errors import InputError
from assistant.records import Paper, paper_id_of
from assistant.text.identifiers import find_doi, find_marked_arxiv_id, find_pmid
from ingest.readers.author_names import author_names
from ingest.readers.interface import Item, Retraction, Skipped
from ingest.readers.markup.plain_text import decoded, plain_line, plain_text
from ingest.readers.retractions import is_retracted, retracted_by
from ingest.readers.text_cleaning import clean

MAXIMUM_CHARACTERS = (
    100_000  # of a title or an abstract; a longer one is a whole document, which takes minutes to embed
)

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")  # "Mar2011" too
_PUBMED = re.compile(r"pubmed|medline|nlm", re.IGNORECASE)
_PLACEHOLDERS = {"[no abstract available]", "no abstract available", "no abstract", "n/a", "nan", "none", "null"}


def paper_from_fields(fields: Mapping[str, Any], place: str) -> Item:
    """A paper, or Skipped if the record has no title, no abstract, or one of over MAXIMUM_CHARACTERS.

    Names in ``fields``, in any letter case, with spaces, hyphens or underscores: ``title``; ``abstract``, ``summary``;
    ``authors``, ``author`` (as ``author_names`` takes them); ``year`` or any date; ``venue``, ``journal``,
    ``booktitle``, ``container-title``; ``url``, ``link``; ``doi``; ``arxiv_id``, ``arxiv``; ``pmid``; and the fields
    that ``retractions`` lists. Other names are ignored. ``place`` says where the record is in its file.
    """
    values = _with_normal_names(fields)
    try:
        title = plain_line(_required_text(values, "title"))
        abstract = plain_text(_required_text(values, "abstract", "summary"), title)
    except InputError as error:
        return Skipped(place, str(error))
    if not title:
        return Skipped(place, "no title")
    if not abstract or abstract.casefold() in _PLACEHOLDERS:
        return Skipped(place, f"no abstract for {title[:60]!r}", "no abstract")
    for name, text in (("title", title), ("abstract", abstract)):
        if len(text) > MAXIMUM_CHARACTERS:
            reason = f"its {name} has {len(text):,} characters, over the limit of {MAXIMUM_CHARACTERS:,}"
            return Skipped(place, f"{reason}: export titles and abstracts, not whole documents")
    return Paper(
        paper_id=paper_id_of(title),
        title=title,
        abstract=abstract,
        authors=author_names(values.get("authors") or values.get("author")),
        year=_year(values),
        venue=plain_line(_text(values, "venue", "journal", "booktitle", "container_title")),
        url=decoded(_text(values, "url", "link")),
        doi=find_doi(decoded(_text(values, "doi"))),
        arxiv_id=_arxiv_id(values),
        pmid=_pmid(values),
        is_retracted=is_retracted(values, title),
    )


def retractions_from_fields(fields: Mapping[str, Any]) -> Iterator[Retraction]:
    """The retractions that the record announces; none unless it is a retraction notice."""
    return map(Retraction, retracted_by(_with_normal_names(fields)))


def _with_normal_names(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {re.sub(r"[\s-]+", "_", str(key).strip().casefold()): value for key, value in fields.items()}


def is_pubmed(database: str) -> bool:
    """Is this the name of a database whose accession numbers are PubMed ids (PMIDs)?"""
    return bool(_PUBMED.search(database))


def _required_text(values: Mapping[str, Any], *names: str) -> str:
    """As ``_text``; raises InputError where a field is neither text nor empty."""
    for name in names:
        value = values.get(name)
        if value is not None and not isinstance(value, str):
            raise InputError(f"{name} is {type(value).__name__}, not text")
    return _text(values, *names)


def _text(values: Mapping[str, Any], *names: str) -> str:
    """The first of these fields with any text; of a list its first item, since Crossref stores a journal as a list."""
    for name in names:
        value = values.get(name)
        if isinstance(value, list | tuple) and value:
            value = value[0]
        if isinstance(value, str) and clean(value):
            return clean(value)
    return ""


def _year(values: Mapping[str, Any]) -> int | None:
    for name in ("year", "publication_year", "date", "published", "publication_date", "issued"):
        value = values.get(name)
        while value and isinstance(value, list | dict):  # {"date-parts": [[2021, 3]]}
            value = value[0] if isinstance(value, list) else next(iter(value.values()))
        if isinstance(value, int | float):
            value = str(value) if abs(value) < 10_000 else ""
        if isinstance(value, str) and (match := _YEAR.search(value)):
            return int(match.group())
    return None


def _arxiv_id(values: Mapping[str, Any]) -> str:
    """From its own field, else from a DOI or an address of arXiv; with its version, if there is one."""
    own = _text(values, "arxiv_id", "arxiv")
    texts = (own, _text(values, "doi"), _text(values, "url", "link"))
    return next(filter(None, map(find_marked_arxiv_id, texts)), own)


def _pmid(values: Mapping[str, Any]) -> str:
    value = values.get("pmid")
    if isinstance(value, int) and abs(value) < 10**12:
        value = str(value)
    return find_pmid(value) if isinstance(value, str) else ""
