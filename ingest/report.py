"""The report of an ingest: what was read, added, changed, merged and skipped, and a one-line summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.index.catalogue import Queued
from assistant.index.identity import Notice, Record
from assistant.text.languages import ENGLISH, language_name, language_of_abstract
from ingest.planning import Change, Merged
from ingest.readers import Skipped
from ingest.sources import Source


@dataclass
class Report:
    """What an ingest has done so far.

    ``read`` counts records, ``unchanged`` those that were already stored, and ``repeated`` those that their own source
    contains twice with the same content. ``resumed`` counts papers left unfinished by an interrupted run. ``merged``
    lists the records that were merged into a paper with other records. ``skipped`` includes the name of the file in
    each place; ``unread`` counts, by file and field, the skipped records with long text in a field that their reader
    ignores. ``notices`` are the retraction notices, ``retracted_ids`` the new and changed papers that are retracted,
    and ``language_of`` gives the language codes of those whose abstract is not in English. ``sources`` are those that
    were read to their end, with their versions, ``mirrors`` those of them of which the rest is removed, and
    ``removed_ids`` the papers that they no longer contain. By the names of sources, ``rejected`` says why one could not
    be read, and ``faults_in`` which of its records were skipped.
    """

    read: int = 0
    unchanged: int = 0
    repeated: int = 0
    resumed: int = 0
    new_ids: list[str] = field(default_factory=list)
    changed_ids: list[str] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    rejected_files: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    retracted_ids: set[str] = field(default_factory=set)
    language_of: dict[str, str] = field(default_factory=dict)
    unread: Counter[tuple[str, str]] = field(default_factory=Counter)
    sources: dict[str, str] = field(default_factory=dict)
    mirrors: list[str] = field(default_factory=list)
    removed_ids: list[str] = field(default_factory=list)
    rejected: dict[str, str] = field(default_factory=dict)
    faults_in: dict[str, list[str]] = field(default_factory=dict)
    _listed: set[str] = field(default_factory=set, repr=False)  # the ids in new_ids and changed_ids

    @property
    def new(self) -> int:
        return len(self.new_ids)

    @property
    def changed(self) -> int:
        return len(self.changed_ids)

    @property
    def faults(self) -> list[Skipped]:
        """Records that should have been papers; not page boilerplate, nor papers without an abstract."""
        return [skip for skip in self.skipped if skip.is_fault]

    @property
    def without_abstract(self) -> list[Skipped]:
        return [skip for skip in self.skipped if skip.kind == "no abstract"]

    def fault_lines(self) -> list[str]:
        """One line per fault; records of a file with the same unread field share a line."""
        lines = [f"{skip.place}: {skip.reason}" for skip in self.faults if skip.kind != "unread"]
        for (name, unread), count in self.unread.items():
            records = "1 record without an abstract has" if count == 1 else f"{count} records without an abstract have"
            lines.append(f"{name}: {records} long text in a field {unread!r} that was not read")
        return lines

    def skip(self, source: Source, skipped: Skipped) -> None:
        if skipped.kind == "unread":
            self.unread[source.short_name, skipped.unread_field] += 1
        if skipped.is_fault:
            self.faults_in.setdefault(source.name, []).append(f"{skipped.place}: {skipped.reason}")
        self.skipped.append(replace(skipped, place=f"{source.short_name}, {skipped.place}"))

    def reject(self, source: Source, reason: str) -> None:
        self.rejected[source.name] = reason
        self.rejected_files.append(reason)

    def count_read(self, count: int, meeting: Queued) -> None:
        """Count records that were read; ``meeting`` says how many of them the catalogue already had."""
        self.read += count
        self.repeated += meeting.repeated
        self.unchanged += meeting.unchanged

    def count_stored(self, added: Sequence[Record], change: Change) -> None:
        """Count records that were not stored before, and the change that they made."""
        self.retracted_ids |= {name for name, paper in change.published.items() if paper.is_retracted}
        self._listed.update(change.new_ids)
        changed = [paper_id for paper_id in change.published if paper_id not in self._listed]
        self._listed.update(changed)
        touched = {record.version for record in change.stored if record.paper_id in change.published}
        self.unchanged += sum(record.version not in touched for record in added)
        self.new_ids += change.new_ids
        self.changed_ids += changed
        self.merged += change.merged

    def count_removed(self, change: Change) -> None:
        """Count papers that their source no longer contains; some stay, as other sources describe them."""
        self.removed_ids += change.deleted
        self.changed_ids += [paper_id for paper_id in change.published if paper_id not in self._listed]
        self._listed.update(change.published)

    def include(self, other: Report) -> None:
        """Count what another ingest has done too."""
        self.read += other.read
        self.unchanged += other.unchanged
        self.repeated += other.repeated
        self.resumed += other.resumed
        for mine, theirs in (
            (self.new_ids, other.new_ids),
            (self.changed_ids, other.changed_ids),
            (self.removed_ids, other.removed_ids),
            (self.rejected_files, other.rejected_files),
        ):
            mine += theirs
        self.merged += other.merged
        self.skipped += other.skipped
        self.retracted_ids |= other.retracted_ids
        self.language_of |= other.language_of
        self.unread += other.unread

    def count_languages(self, change: Change) -> None:
        """Record which of the changed abstracts are not in English."""
        found = {name: language_of_abstract(paper.abstract) for name, paper in change.published.items()}
        self.language_of |= {name: code for name, code in found.items() if code != ENGLISH}

    @property
    def languages(self) -> dict[str, int]:
        """The number of abstracts in each language other than English, by its name, the most frequent first."""
        return dict(Counter(map(language_name, self.language_of.values())).most_common())

    def summary(self) -> str:
        kinds = Counter(skip.kind for skip in self.skipped)
        others = f"{kinds['not a paper']} notes and attachments, " if kinds["not a paper"] else ""
        merged = f"{len(self.merged)} merged with others; " if self.merged else ""
        repeated = f"{self.repeated} repeated; " if self.repeated else ""
        removed = f"{len(self.removed_ids)} removed; " if self.removed_ids else ""
        notices = f"{_counted(len(set(self.notices)), 'retraction notice')}; " if self.notices else ""
        resumed = f" {self.resumed} papers of an interrupted run were finished." if self.resumed else ""
        remarks = "".join(
            f" {remark}" for remark in (_retracted(len(self.retracted_ids)), _in_other_languages(self.languages))
        )
        counts = f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged"
        left_out = f"{len(self.without_abstract)} without abstract, {len(self.faults)} skipped, {others}"
        return (
            f"{self.read} papers read: {counts}; {removed}{merged}{repeated}{notices}{left_out}"
            f"{kinds['boilerplate']} lines of page boilerplate left out.{resumed}{remarks.rstrip()}"
        )


def _retracted(count: int) -> str:
    if not count:
        return ""
    return "1 of these papers is retracted." if count == 1 else f"{count} of these papers are retracted."


def _in_other_languages(languages: Mapping[str, int]) -> str:
    if not languages:
        return ""
    listed = ", ".join(f"{name} {count}" for name, count in languages.items())
    return f"Abstracts in other languages than English are found by their words only: {listed}."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
