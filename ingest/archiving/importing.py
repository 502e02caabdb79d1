"""Adds the papers and conversations of an archive to a library.

Records, notices and collections go through the same planning as those of an ingest, so that a paper that both
libraries have is merged. After an interruption, the same command finishes the import; repeated, it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assistant.conversations.moving import add_conversations
from assistant.index.catalogue import Catalogue
from assistant.index.identity import Record, groups
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.settings import Settings
from assistant.system.batching import batched
from assistant.system.progress import Progress
from ingest.archiving.embedding import ArchivedEmbedder
from ingest.archiving.reading import Archive, open_archive
from ingest.pipeline import ingest_records
from ingest.report import Report

_RECORDS_AT_ONCE = 500

OpenIndex = Callable[[], AbstractContextManager[tuple[IndexWriter, Embedder]]]
"""Opens the index to write, and what embeds its papers."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. ``kept``: records of the archive that are newer here. ``taken``: vectors from the archive;
    ``computed``: vectors of texts that it has none of. ``conversations``: rows added, by table.
    ``notice``: why no vectors were taken, or nothing.
    """

    papers: Report
    kept: int
    taken: int
    computed: int
    conversations: dict[str, int] = field(default_factory=dict)
    notice: str = ""

    def summary(self) -> str:
        merged = f", {len(self.papers.merged)} records merged with others" if self.papers.merged else ""
        kept = f", {self.kept} records older than those here left out" if self.kept else ""
        added = self.conversations
        saved = f", saved questions: {added['saved_questions']}" if added.get("saved_questions") else ""
        return (
            f"{self.papers.read} records read: {self.papers.new} papers new, {self.papers.changed} changed"
            f"{merged}{kept}. "
            f"{self.taken} vectors taken from the archive, {self.computed} computed here. "
            f"Conversations added: {added.get('conversations', 0)}, questions: {added.get('exchanges', 0)}{saved}."
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "read": self.papers.read,
            "new": self.papers.new_ids,
            "changed": self.papers.changed_ids,
            "unchanged": self.papers.unchanged,
            "merged": [asdict(one) for one in self.papers.merged],
            "kept": self.kept,
            "vectors": {"taken": self.taken, "computed": self.computed},
            "conversations": self.conversations,
            "notice": self.notice,
        }


def import_library(settings: Settings, path: Path, open_index: OpenIndex, progress: Progress) -> Imported:
    """Add an archive to the library of a home, which it may begin.

    ``progress`` counts the papers that are indexed; the total is 0 while the archive is checked. Raises InputError for
    an archive that cannot be used, before anything is changed, and as ``ingest_records`` does.
    """
    with open_archive(path, settings, lambda: progress(0, 0)) as archive, open_index() as (writer, embedding):
        archived = ArchivedEmbedder(embedding, archive)
        records = _NewerRecords(archive, writer.library.catalogue)
        report = Report(notices=[*archive.library.notices()])
        ingest_records(records, writer, archived, progress, report)
        archive.library.merge_lists(writer.library)
        added: dict[str, int] = {}
        if archive.conversations:
            added = add_conversations(settings.conversations_file, archive.conversations)
        notice = "" if archived.is_same_model else _other_model(archive, embedding)
        return Imported(report, records.kept, archived.taken, archived.computed, added, notice)


class _NewerRecords:
    """The records of an archive, without those of which the library has a newer version from the same source.

    ``kept``: how many of these there were.
    """

    def __init__(self, archive: Archive, catalogue: Catalogue) -> None:
        self._archive, self._catalogue = archive, catalogue
        self.kept = 0

    def __iter__(self) -> Iterator[Record]:
        for batch in batched(self._archive.library.records(), _RECORDS_AT_ONCE):
            unknown = {record.version for record in self._catalogue.unknown(batch)}
            for record in batch:
                if record.version in unknown and self._is_newer_here(record):
                    self.kept += 1
                else:
                    yield record

    def _is_newer_here(self, record: Record) -> bool:
        """Did the same source describe this paper here later, in words that are not in the archive too?"""
        if not self._catalogue.has_source(record.source):
            return False
        related = self._catalogue.related([record])
        same_paper = next(group for group in groups([*related, record]) if record in group)
        return any(
            one.source == record.source and one.read_at > record.read_at and not self._archive.library.holds(one)
            for one in same_paper
        )


def _other_model(archive: Archive, embedding: Embedder) -> str:
    return (
        f"The vectors of the archive were computed with {archive.manifest.embedding}, and this library uses "
        f"{embedding.fingerprint}: the papers were embedded again."
    )
