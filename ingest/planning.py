"""Computes what a batch of records changes: which papers are added, changed, merged or deleted.

A plan is computed from the stored and the given records; it changes nothing itself.
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
    """A record of a paper that other records describe too, and the reason why they are the same paper."""

    paper_id: str
    title: str
    why: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Records to store and to delete; papers to publish, and the ids of those to delete.

    ``embedded``: the papers with new texts. ``stale``: the ids of papers whose old vectors are deleted.
    """

    stored: Sequence[Record] = ()
    dropped: Sequence[Record] = ()
    published: Mapping[str, Paper] = field(default_factory=dict)
    deleted: Sequence[str] = ()
    embedded: Sequence[Paper] = ()
    stale: Sequence[str] = ()
    new_ids: Sequence[str] = ()
    merged: Sequence[Merged] = ()
    notices: Sequence[Notice] = ()
    dropped_notices: Sequence[Notice] = ()

    @property
    def pending(self) -> dict[str, str]:
        """Paper id to the content hash that will be published; empty if the paper will be deleted."""
        return {
            **dict.fromkeys(self.deleted, ""),
            **{name: paper.content_hash for name, paper in self.published.items()},
        }

    def __bool__(self) -> bool:
        return any((self.stored, self.dropped, self.published, self.deleted, self.notices, self.dropped_notices))


def plan(catalogue: Catalogue, added: Sequence[Record], dropped: Iterable[Record] = ()) -> Change:
    """The change that adds and deletes these records.

    A record replaces the record of the same paper that the same source gave in an earlier run.
    """
    dropped = list(dropped)
    added = _with_free_ids(catalogue, catalogue.with_notices(added))
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
    published = {paper_id: paper for paper_id, paper in new.items() if old.get(paper_id) != paper}
    embedded = [paper for paper_id, paper in published.items() if not _has_same_vectors(paper, old.get(paper_id))]
    deleted = [paper_id for paper_id in old if paper_id not in new]
    return Change(
        stored=_moved(before, after),
        dropped=[*dropped, *outdated],
        published=published,
        deleted=deleted,
        embedded=embedded,
        stale=[*deleted, *(paper.paper_id for paper in embedded if paper.paper_id in old)],
        new_ids=[paper_id for paper_id in published if paper_id not in old],
        merged=_merged(added, after),
    )


def plan_notices(catalogue: Catalogue, notices: Iterable[Notice]) -> Change:
    """The change that adds those of the retraction notices that are not stored yet."""
    added = catalogue.new_notices(notices)
    named = {name: merged(records, name) for name, records in catalogue.named_in(added).items()}
    published = {name: replace(paper, is_retracted=True) for name, paper in named.items() if not paper.is_retracted}
    return Change(published=published, notices=added)


def plan_dropped_notices(catalogue: Catalogue, source: str, kept: Iterable[Notice] = ()) -> Change:
    """The change that deletes the retraction notices of a source, except those to be kept."""
    staying = {*kept}
    dropped = [notice for notice in catalogue.notices_of(source) if notice not in staying]
    published = {}
    for name, records in catalogue.named_in(dropped).items():
        paper = merged(catalogue.with_notices(records, without=source), name)
        if not paper.is_retracted:
            published[name] = paper
    return Change(published=published, dropped_notices=dropped)


def _with_free_ids(catalogue: Catalogue, added: Sequence[Record]) -> list[Record]:
    """Records of an archive keep the id that their paper had there, unless it is taken, or the paper is known, here."""
    taken = {
        record.version
        for record in added
        if record.paper_id and (catalogue.holds(record.paper_id) or catalogue.related([record]))
    }
    return [replace(record, paper_id="") if record.version in taken else record for record in added]


def _replacing(catalogue: Catalogue, kept: Group, added: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """The added records, with the paper ids of the records that they replace, and the replaced records."""
    versions = {record.version for record in added}
    fresh: dict[tuple[str, str], Record] = {record.version: record for record in added}
    outdated: list[Record] = []
    for group in groups([*kept, *added]):
        sources = {record.source for record in group if record.version in versions}
        earlier = [record for record in group if record.version not in versions and record.source in sources]
        read_now = catalogue.read_in_this_run(earlier)
        for record in (one for one in earlier if one.version not in read_now):
            outdated.append(record)
            replacing = next(one for one in group if one.version in versions and one.source == record.source)
            fresh[replacing.version] = replace(replacing, paper_id=record.paper_id)
    return list(fresh.values()), outdated


def _with_ids(parts: Iterable[Group], catalogue: Catalogue) -> dict[str, Group]:
    """Groups by paper id: the id that most of their records had before, or else a new one."""
    named: dict[str, Group] = {}
    for part in sorted(parts, key=_choice_order):
        had = Counter(record.paper_id for record in part if record.paper_id and record.paper_id not in named)
        paper_id = min(had, key=lambda one: (-had[one], one)) if had else _new_id(merged(part), named, catalogue)
        named[paper_id] = part
    return named


def _choice_order(part: Group) -> tuple[int, int, tuple[str, str]]:
    """The sort key in which groups choose their ids: those with most records of one id first, then by year."""
    had = Counter(record.paper_id for record in part if record.paper_id)
    return -max(had.values(), default=0), merged(part).year or 0, part[0].version


def _new_id(paper: Paper, named: Mapping[str, Group], catalogue: Catalogue) -> str:
    """The id of the title; if it is taken, with the year, and if that is taken, with a number too."""
    number, candidate = 0, paper.paper_id
    while candidate in named or catalogue.holds(candidate):
        number += 1
        candidate = f"{paper.paper_id}-{paper.year or 'undated'}" + (f"-{number}" if number > 1 else "")
    return candidate


def _moved(before: Group, after: Mapping[str, Group]) -> list[Record]:
    """The records that are new or belong to another paper than before, with the id of their paper."""
    stored = {record.version: record.paper_id for record in before}
    return [
        replace(record, paper_id=paper_id)
        for paper_id, records in after.items()
        for record in records
        if stored.get(record.version) != paper_id
    ]


def _merged(added: Sequence[Record], after: Mapping[str, Group]) -> list[Merged]:
    """The merged records in the order read. Of several new records, the later ones are merged into the first."""
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


def _has_same_vectors(paper: Paper, other: Paper | None) -> bool:
    """Do both papers have the same vectors?"""
    return other is not None and (paper.title, paper.abstract) == (other.title, other.abstract)
