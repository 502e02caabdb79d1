"""What a batch of records changes: which papers appear, change, become one, or go.

A plan follows from the records that are stored and those that are given; it changes nothing itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.index.catalogue import Catalogue
from assistant.index.identity import Group, Notice, Record, by_paper, groups, reason
from assistant.records import Paper
from ingest.merging import merged


@dataclass(frozen=True, slots=True)
class Merged:
    """A record that tells of a paper which other records tell of too, and by what that is known."""

    paper_id: str
    title: str
    why: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What to do: records to put and to drop; papers to show, and the ids of those that will be gone.

    ``embedded`` are the papers whose texts are new; ``stale`` the ids under which old vectors must go.
    """

    stored: Sequence[Record] = ()
    dropped: Sequence[Record] = ()
    shown: Mapping[str, Paper] = field(default_factory=dict)
    gone: Sequence[str] = ()
    embedded: Sequence[Paper] = ()
    stale: Sequence[str] = ()
    new_ids: Sequence[str] = ()
    merged: Sequence[Merged] = ()
    notices: Sequence[Notice] = ()
    dropped_notices: Sequence[Notice] = ()

    @property
    def pending(self) -> dict[str, str]:
        """Paper id to the content hash of what will be shown; empty where nothing will."""
        return {**dict.fromkeys(self.gone, ""), **{name: paper.content_hash for name, paper in self.shown.items()}}

    def __bool__(self) -> bool:
        return any((self.stored, self.dropped, self.shown, self.gone, self.notices, self.dropped_notices))


def plan(catalogue: Catalogue, added: Sequence[Record], dropped: Iterable[Record] = ()) -> Change:
    """The change that records make which are not stored yet, and those that are to be dropped.

    What a source says of a paper replaces what it said in an earlier run.
    """
    dropped = list(dropped)
    added = catalogue.with_notices(added)
    misread = catalogue.misread(added)
    added = [replace(one, paper_id=misread[one.version].paper_id) if one.version in misread else one for one in added]
    dropped += misread.values()
    before = catalogue.related([*added, *dropped])
    kept = _without(before, dropped)
    added, outdated = _replacing(catalogue, kept, added)
    kept = _without(kept, outdated)
    after = _with_ids(groups([*kept, *added]), catalogue)
    old = {paper_id: merged(records, paper_id) for paper_id, records in by_paper(before).items()}
    new = {paper_id: merged(records, paper_id) for paper_id, records in after.items()}
    shown = {paper_id: paper for paper_id, paper in new.items() if old.get(paper_id) != paper}
    embedded = [paper for paper_id, paper in shown.items() if not _reads_the_same(paper, old.get(paper_id))]
    gone = [paper_id for paper_id in old if paper_id not in new]
    return Change(
        stored=_moved(before, after),
        dropped=[*dropped, *outdated],
        shown=shown,
        gone=gone,
        embedded=embedded,
        stale=[*gone, *(paper.paper_id for paper in embedded if paper.paper_id in old)],
        new_ids=[paper_id for paper_id in shown if paper_id not in old],
        merged=_merged(added, after),
    )


def plan_notices(catalogue: Catalogue, notices: Iterable[Notice]) -> Change:
    """The change that those retraction notices make which are not stored yet."""
    added = catalogue.new_notices(notices)
    named = {name: merged(records, name) for name, records in catalogue.named_in(added).items()}
    shown = {name: replace(paper, is_retracted=True) for name, paper in named.items() if not paper.is_retracted}
    return Change(shown=shown, notices=added)


def plan_dropped_notices(catalogue: Catalogue, source: str) -> Change:
    """The change when the retraction notices of a source are forgotten."""
    dropped = catalogue.notices_of(source)
    shown = {}
    for name, records in catalogue.named_in(dropped).items():
        paper = merged(catalogue.with_notices(records, without=source), name)
        if not paper.is_retracted:
            shown[name] = paper
    return Change(shown=shown, dropped_notices=dropped)


def _replacing(catalogue: Catalogue, kept: Group, added: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """The added records, with the ids of those they replace, and the replaced ones."""
    versions = {record.version for record in added}
    fresh: dict[tuple[str, str], Record] = {record.version: record for record in added}
    outdated: list[Record] = []
    for group in groups([*kept, *added]):
        sources = {record.source for record in group if record.version in versions}
        earlier = [record for record in group if record.version not in versions and record.source in sources]
        met = catalogue.met(earlier)
        for record in (one for one in earlier if one.version not in met):
            outdated.append(record)
            heir = next(one for one in group if one.version in versions and one.source == record.source)
            fresh[heir.version] = replace(heir, paper_id=record.paper_id)
    return list(fresh.values()), outdated


def _with_ids(parts: Iterable[Group], catalogue: Catalogue) -> dict[str, Group]:
    """Groups by id: the one that most of their records have had, else a new one."""
    named: dict[str, Group] = {}
    for part in sorted(parts, key=_claims_first):
        had = Counter(record.paper_id for record in part if record.paper_id and record.paper_id not in named)
        paper_id = min(had, key=lambda one: (-had[one], one)) if had else _new_id(merged(part), named, catalogue)
        named[paper_id] = part
    return named


def _claims_first(part: Group) -> tuple[int, int, tuple[str, str]]:
    """Those with most records under one id choose first; then the earliest year."""
    had = Counter(record.paper_id for record in part if record.paper_id)
    return -max(had.values(), default=0), merged(part).year or 0, part[0].version


def _new_id(paper: Paper, named: Mapping[str, Group], catalogue: Catalogue) -> str:
    """The id of the title, with the year for another paper of that title, and a number if that is not enough."""
    number, candidate = 0, paper.paper_id
    while candidate in named or catalogue.holds(candidate):
        number += 1
        candidate = f"{paper.paper_id}-{paper.year or 'undated'}" + (f"-{number}" if number > 1 else "")
    return candidate


def _moved(before: Group, after: Mapping[str, Group]) -> list[Record]:
    """The records that are new, or shown under another id than before, with the id that they now have."""
    stored = {record.version: record.paper_id for record in before}
    return [
        replace(record, paper_id=paper_id)
        for paper_id, records in after.items()
        for record in records
        if stored.get(record.version) != paper_id
    ]


def _merged(added: Sequence[Record], after: Mapping[str, Group]) -> list[Merged]:
    """In the order read. Of records that come together, the first is the paper and the others join it."""
    place = {record.version: number for number, record in enumerate(added)}
    found: dict[int, Merged] = {}
    for paper_id, group in after.items():
        for record in group:
            number = place.get(record.version, -1)
            others = [one for one in group if place.get(one.version, -1) < number]
            if others:
                sources = dict.fromkeys(one.source for one in (*others, record))
                found[number] = Merged(paper_id, record.paper.title, reason(record, others), tuple(sources))
    return [found[number] for number in sorted(found)]


def _without(records: Iterable[Record], others: Iterable[Record]) -> list[Record]:
    versions = {record.version for record in others}
    return [record for record in records if record.version not in versions]


def _reads_the_same(paper: Paper, other: Paper | None) -> bool:
    """Would the vectors of both be the same?"""
    return other is not None and (paper.title, paper.abstract) == (other.title, other.abstract)
