"""What every reader gives: papers, the retractions that notices announce, and a reason for everything left out.

A reader is a module with

    NAME: str                                what people call the form, as in "BibTeX"
    SUFFIXES: tuple[str, ...]                the usual endings of its files, in lower case, with the dot
    recognises(start: str) -> bool           does a text that starts like this (64 Ki characters) have the form?
    read(text: TextIO) -> Iterator[Item]     papers and skipped records in their order; the file is not held in memory
                                             where the form allows; line ends are \\n

A bad record is Skipped and the rest is read. What is not the form at all raises InputError, without the file's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from assistant.errors import InputError
from assistant.records import Paper, paper_id_of
from assistant.text.identifiers import find_doi, find_marked_arxiv_id, find_pmid
from ingest.readers.markup.plain_text import decoded, name_of, plain_line, plain_text
from ingest.readers.retractions import is_retracted, retracted_by

Kind = Literal["fault", "furniture", "no abstract", "not a paper", "unread"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was read and not kept, and where.

    Page furniture nobody misses; a paper without an abstract is nobody's fault, nor are the notes of a library. An
    "unread" one has no abstract, but long text in ``unread_field``, which no reader uses.
    """

    place: str
    reason: str
    kind: Kind = "fault"
    unread_field: str = ""

    @property
    def is_fault(self) -> bool:
        return self.kind in ("fault", "unread")


@dataclass(frozen=True, slots=True)
class Retraction:
    """What a retraction notice says: the paper with this key (``doi:`` or ``pmid:``) is retracted."""

    key: str


Item = Paper | Skipped | Retraction


@dataclass(frozen=True, slots=True)
class ReadResult:
    papers: tuple[Paper, ...]
    skipped: tuple[Skipped, ...]


_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")  # "Mar2011" too
_INITIALS = re.compile(r"(?:[^\W\d_]{1,3}\.[ -]?){1,6}|[A-Z]{1,3}|Jr\.?|Sr\.?|II|III")
_PUBMED = re.compile(r"pubmed|medline|nlm", re.IGNORECASE)
_BROKEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # NULs, other control characters, lone surrogates
_PLACEHOLDERS = {"[no abstract available]", "no abstract available", "no abstract", "n/a", "nan", "none", "null"}


def paper_from_fields(fields: Mapping[str, Any], place: str) -> Item:
    """A paper from a record under the usual names, of whichever tool; other names are ignored.

    ``title``; ``abstract``, ``summary``; ``authors``, ``author`` (texts, {"name"}, {"given", "family"}, or one text
    divided by ";" or "and"); ``year`` or any date; ``venue``, ``journal``, ``booktitle``, ``container-title``;
    ``url``, ``link``; ``doi``; ``arxiv_id``, ``arxiv``; ``pmid``; what ``retractions`` lists. Without a title it is a
    fault.

    Texts are given as the format stores them, with tags, entities and TeX: they become plain text here (``markup``).
    """
    values = _by_usual_names(fields)
    try:
        title = plain_line(_needed_text(values, "title"))
        abstract = plain_text(_needed_text(values, "abstract", "summary"), title)
    except InputError as error:
        return Skipped(place, str(error))
    if not title:
        return Skipped(place, "no title")
    if not abstract or abstract.casefold() in _PLACEHOLDERS:
        return Skipped(place, f"no abstract for {title[:60]!r}", "no abstract")
    return Paper(
        paper_id=paper_id_of(title),
        title=title,
        abstract=abstract,
        authors=_authors(values.get("authors") or values.get("author")),
        year=_year(values),
        venue=plain_line(_text(values, "venue", "journal", "booktitle", "container_title")),
        url=decoded(_text(values, "url", "link")),
        doi=find_doi(decoded(_text(values, "doi"))),
        arxiv_id=_arxiv_id(values),
        pmid=_pmid(values),
        is_retracted=is_retracted(values, title),
    )


def retractions_from_fields(fields: Mapping[str, Any]) -> Iterator[Retraction]:
    """The retractions that a record announces, when it is a retraction notice."""
    return map(Retraction, retracted_by(_by_usual_names(fields)))


def _by_usual_names(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {re.sub(r"[\s-]+", "_", str(key).strip().casefold()): value for key, value in fields.items()}


def is_pubmed(database: str) -> bool:
    """Does the name of a database say that its accession numbers are PubMed's ids?"""
    return bool(_PUBMED.search(database))


def clean(text: str) -> str:
    """A text without what no paper means: control characters, broken surrogates, white space around it."""
    return _BROKEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _needed_text(values: Mapping[str, Any], *names: str) -> str:
    """Raises InputError where one of the names holds something that is not text."""
    for name in names:
        value = values.get(name)
        if value is not None and not isinstance(value, str):
            raise InputError(f"{name} is {type(value).__name__}, not text")
    return _text(values, *names)


def _text(values: Mapping[str, Any], *names: str) -> str:
    """The first that has any; a list counts as its first item, since Crossref's journals are lists of one."""
    for name in names:
        value = values.get(name)
        if isinstance(value, list | tuple) and value:
            value = value[0]
        if isinstance(value, str) and clean(value):
            return clean(value)
    return ""


def _authors(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = _divided(name_of(clean(value)))
    if not isinstance(value, list | tuple):
        return ()
    names = (" ".join(name_of(clean(_name(item))).split()) for item in value)
    return tuple(name for name in names if name)


def _divided(text: str) -> list[str]:
    """The names in a text: "Hen, Ada; Cock, Bo", "Hen, Ada and Cock, Bo", "Ada Hen, Bo Cock", "Hen, A., Cock, B.", but
    not "Hen, Ada"."""
    if ";" in text:
        return text.split(";")
    names = []
    for part in " ".join(text.split()).split(" and "):
        pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
        if all(" " in piece for piece in pieces):
            names += pieces
        else:
            names += _with_initials(pieces) or [part]
    return names


def _with_initials(pieces: list[str]) -> list[str]:
    """Names from "Hen", "A.", "Cock", "B.C.", "Yard Group", "et al."; none where a single word lacks its initials."""
    names = list[list[str]]()
    for piece in pieces:
        if names and _INITIALS.fullmatch(piece):
            names[-1].append(piece)
        elif piece.casefold() not in ("et al", "et al."):
            names.append([piece])
    are_names = all(len(name) > 1 or " " in name[0] for name in names)
    return [", ".join(name) for name in names] if are_names else []


def _name(item: Any) -> str:
    if not isinstance(item, Mapping):
        return item if isinstance(item, str) else ""
    whole = next((item[key] for key in ("name", "display_name", "literal") if item.get(key)), "")
    parts = [item.get(key) for key in ("given", "non-dropping-particle", "family", "suffix")]
    return whole if isinstance(whole, str) and whole else " ".join(part for part in parts if isinstance(part, str))


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
    """From the field of its own, else from a DOI or an address of arXiv; a version stays."""
    own = _text(values, "arxiv_id", "arxiv")
    texts = (own, _text(values, "doi"), _text(values, "url", "link"))
    return next(filter(None, map(find_marked_arxiv_id, texts)), own)


def _pmid(values: Mapping[str, Any]) -> str:
    value = values.get("pmid")
    if isinstance(value, int) and abs(value) < 10**12:
        value = str(value)
    return find_pmid(value) if isinstance(value, str) else ""
