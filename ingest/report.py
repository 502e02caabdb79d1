"""What an ingest did, in numbers, names and one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.index.catalogue import Meeting
from assistant.index.identity import Notice, Record
from assistant.text.languages import ENGLISH, language_of_abstract, name_of
from ingest.planning import Change, Merged
from ingest.readers import Skipped
from ingest.sources import Source


@dataclass
class Report:
    """``skipped`` names the file in each place. ``merged`` names the records that joined others of the same paper;
    ``repeated`` counts those that their own source gave twice in the same words. ``resumed`` counts papers that an
    interrupted run had left to be finished. ``notices`` are the retraction notices read, ``retracted_ids`` the new and
    changed papers that are retracted, ``language_of`` the language codes of those whose abstract is not English.
    ``unread`` counts, by file and field, records without an abstract that have long text in a field which no reader
    uses."""

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
    _told: set[str] = field(default_factory=set, repr=False)  # the ids in both lists

    @property
    def new(self) -> int:
        return len(self.new_ids)

    @property
    def changed(self) -> int:
        return len(self.changed_ids)

    @property
    def faults(self) -> list[Skipped]:
        """What a person would miss; neither page furniture nor papers without an abstract."""
        return [skip for skip in self.skipped if skip.is_fault]

    @property
    def without_abstract(self) -> list[Skipped]:
        return [skip for skip in self.skipped if skip.kind == "no abstract"]

    def fault_lines(self) -> list[str]:
        """What a person would miss, a line each; records with the same unread field share one."""
        lines = [f"{skip.place}: {skip.reason}" for skip in self.faults if skip.kind != "unread"]
        for (name, unread), count in self.unread.items():
            records = "1 record without an abstract has" if count == 1 else f"{count} records without an abstract have"
            lines.append(f"{name}: {records} long text in a field {unread!r} that was not read")
        return lines

    def skip(self, source: Source, skipped: Skipped) -> None:
        if skipped.kind == "unread":
            self.unread[source.short_name, skipped.unread_field] += 1
        self.skipped.append(replace(skipped, place=f"{source.short_name}, {skipped.place}"))

    def count_read(self, count: int, meeting: Meeting) -> None:
        """Records that were read, as the catalogue met them."""
        self.read += count
        self.repeated += meeting.repeated
        self.unchanged += meeting.unchanged

    def count_stored(self, added: Sequence[Record], change: Change) -> None:
        """Records that were not stored yet, and what they changed."""
        self.retracted_ids |= {name for name, paper in change.shown.items() if paper.is_retracted}
        self._told.update(change.new_ids)
        changed = [paper_id for paper_id in change.shown if paper_id not in self._told]
        self._told.update(changed)
        touched = {record.version for record in change.stored if record.paper_id in change.shown}
        self.unchanged += sum(record.version not in touched for record in added)
        self.new_ids += change.new_ids
        self.changed_ids += changed
        self.merged += change.merged

    def count_languages(self, change: Change) -> None:
        """Note which abstracts are in another language than English."""
        found = {name: language_of_abstract(paper.abstract) for name, paper in change.shown.items()}
        self.language_of |= {name: code for name, code in found.items() if code != ENGLISH}

    @property
    def languages(self) -> dict[str, int]:
        """How many abstracts are in which language other than English, by its name, the most frequent first."""
        return dict(Counter(map(name_of, self.language_of.values())).most_common())

    def summary(self) -> str:
        kinds = Counter(skip.kind for skip in self.skipped)
        others = f"{kinds['not a paper']} notes and attachments, " if kinds["not a paper"] else ""
        merged = f"{len(self.merged)} merged with others; " if self.merged else ""
        repeated = f"{self.repeated} repeated; " if self.repeated else ""
        resumed = f" {self.resumed} papers of an interrupted run were finished." if self.resumed else ""
        remarks = "".join(f" {remark}" for remark in (_retracted(len(self.retracted_ids)), _foreign(self.languages)))
        return (
            f"{self.read} papers read: {self.new} new, {self.changed} changed, {self.unchanged} unchanged; "
            f"{merged}{repeated}{len(self.without_abstract)} without abstract, {len(self.faults)} skipped, "
            f"{others}{kinds['furniture']} lines of page furniture left out.{resumed}{remarks.rstrip()}"
        )


def _retracted(count: int) -> str:
    if not count:
        return ""
    return "1 of these papers is retracted." if count == 1 else f"{count} of these papers are retracted."


def _foreign(languages: Mapping[str, int]) -> str:
    if not languages:
        return ""
    listed = ", ".join(f"{name} {count}" for name, count in languages.items())
    return f"Abstracts in other languages than English are found by their words only: {listed}."
