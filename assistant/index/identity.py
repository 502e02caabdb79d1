"""Decides which records describe the same paper.

They have the same DOI, arXiv id (of any version) or PubMed id; or else the same year and the same title, without regard
to letter case and punctuation. A record without a year belongs to the earliest paper with its title. The result
depends only on the records, not on their order. A paper that comes with its own id, as in benchmarks, is never merged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from assistant.records import Paper, paper_id_of
from assistant.text.identifiers import Kind, find_doi, find_marked_arxiv_id, key_of, name_of_key, parse_arxiv_id
from assistant.text.retraction_marks import has_retraction_mark, without_retraction_mark


@dataclass(frozen=True, slots=True)
class Record:
    """A paper as one source describes it. ``paper_id`` is the id of the published paper, empty when it is new.

    A record from an archive has the id that its paper had in that library, which is kept if it is not taken here.
    """

    paper: Paper
    source: str
    paper_id: str = ""
    has_notice: bool = False
    """Does a retraction notice name this paper? Computed from the stored notices, not stored with the record."""
    read_at: float = field(default=0.0, compare=False)
    """When it was read, in seconds since 1970; 0 for now."""
    is_outdated: bool = field(default=False, compare=False)
    """Is it from an archive, and was it read by an earlier version (``outdated.py``)?"""

    @property
    def version(self) -> tuple[str, str]:
        """Two records are the same if their source and the hash of all their fields are."""
        given = f":{self.paper.paper_id}" if _has_given_id(self.paper) else ""
        return self.source, f"{self.paper.content_hash}{given}"


@dataclass(frozen=True, slots=True)
class Notice:
    """A retraction notice of one source: the key (``doi:`` or ``pmid:``) of the paper that is retracted."""

    key: str
    source: str


Group = list[Record]


def by_paper(records: Iterable[Record]) -> dict[str, Group]:
    """The records of each paper, by its id."""
    found: dict[str, Group] = {}
    for record in records:
        found.setdefault(record.paper_id, []).append(record)
    return found


def keys_of(paper: Paper) -> list[str]:
    """The keys that identify a paper, the surest first: ``doi:``, ``arxiv:``, ``pmid:``, ``title:``; or ``id:``."""
    if _has_given_id(paper):
        return [f"id:{paper.paper_id}"]
    return [*_numbers(paper), *(f"title:{name}" for name in _title_ids(paper))]


def groups(records: Iterable[Record]) -> list[Group]:
    """The records of each paper, in an order that depends on nothing but the records."""
    found = _joined([[record] for record in sorted(records, key=lambda record: record.version)], _sure_keys)
    found = _joined(found, lambda group: (f"{title}:{year}" for title in _titles(group) for year in _years(group)))
    earliest = _earliest(found)

    def open_titles(group: Group) -> Iterator[str]:
        """Titles under which records without a year belong here."""
        years = _years(group)
        return (title for title in _titles(group) if not years or earliest[title] == years[0])

    return _joined(found, open_titles)


def reason(record: Record, others: Iterable[Record]) -> str:
    """Why a record describes the same paper as others, as in "same DOI 10.1/x"."""
    known = {key for other in others for key in _numbers(other.paper)}
    shared = next((key for key in _numbers(record.paper) if key in known), "")
    return f"same {name_of_key(shared)}" if shared else "same title"


def _numbers(paper: Paper) -> list[str]:
    identifiers: dict[Kind, str] = {
        "doi": find_doi(paper.doi),
        "arxiv": parse_arxiv_id(paper.arxiv_id) or find_marked_arxiv_id(paper.doi),
        "pmid": paper.pmid.strip(),
    }
    return [key_of(kind, identifier) for kind, identifier in identifiers.items() if identifier]


def _has_given_id(paper: Paper) -> bool:
    return paper.paper_id != paper_id_of(paper.title)


def _joined(parts: Sequence[Group], labels: Callable[[Group], Iterable[str]]) -> list[Group]:
    """Parts with a label in common become one, however long the chain between them."""
    leaders = list(range(len(parts)))

    def leader(number: int) -> int:
        while leaders[number] != number:
            number = leaders[number]
        return number

    first: dict[str, int] = {}
    for number, part in enumerate(parts):
        for label in labels(part):
            one, other = leader(first.setdefault(label, number)), leader(number)
            leaders[max(one, other)] = min(one, other)
    joined: dict[int, Group] = defaultdict(list)
    for number, part in enumerate(parts):
        joined[leader(number)] += part
    return list(joined.values())


def _earliest(parts: Iterable[Group]) -> dict[str, int]:
    """Title to the earliest year that any part with it has first."""
    earliest: dict[str, int] = {}
    for part in parts:
        for year in _years(part)[:1]:
            for title in _titles(part):
                earliest[title] = min(year, earliest.get(title, year))
    return earliest


def _sure_keys(group: Group) -> list[str]:
    return [key for record in group for key in keys_of(record.paper) if not key.startswith("title:")]


def _titles(group: Group) -> list[str]:
    papers = [record.paper for record in group if not _has_given_id(record.paper)]
    return sorted({name for paper in papers for name in _title_ids(paper)})


def _title_ids(paper: Paper) -> list[str]:
    """The id of the title; of a title that is marked as retracted, also the id of the title without the mark."""
    return [
        paper.paper_id,
        *([paper_id_of(without_retraction_mark(paper.title))] if has_retraction_mark(paper.title) else []),
    ]


def _years(group: Group) -> list[int]:
    return sorted({record.paper.year for record in group if record.paper.year is not None})
