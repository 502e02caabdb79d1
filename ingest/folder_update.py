"""Reads and removes the sources of watched folders that are due, and says of each file what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from assistant.errors import InputError
from assistant.index.source_table import WatchedFolder
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.system.progress import Progress
from ingest.folder_listing import FoundFile, inside
from ingest.following import Due
from ingest.pipeline import ingest_sources, remove_sources
from ingest.report import Report


def update(
    due: Due,
    folders: Sequence[WatchedFolder],
    writer: IndexWriter,
    embedding: Embedder,
    progress: Progress,
    report: Report | None = None,
) -> list[tuple[str, str]]:
    """Bring the index up to date; gives pairs of the name of a source and what happened, which ``report`` counts.

    Files are read before others are removed, so that the papers of a file that was renamed are not embedded again.
    Raises what ``ingest_sources`` does, but no InputError because of a file.
    """
    catalogue = writer.library.catalogue
    report = report or Report()
    before = {name: catalogue.hashes_of_source(name) for name in (*(file.name for file in due.read), *due.removed)}
    with suppress(InputError):  # no file had a paper; the report says why
        ingest_sources((file.source for file in due.read), writer, embedding, progress, is_mirror=True, report=report)
    for folder in folders:
        read = [name for name in report.sources if name.startswith(inside(folder.folder))]
        if folder.collection and read:
            writer.library.source_table.put_into(folder.collection, read)
    if due.removed:
        remove_sources(due.removed, writer, embedding, progress)
    said = [
        (file.name, said)
        for file in due.read
        if (said := _outcome(file, report, before[file.name], catalogue.hashes_of_source(file.name)))
        if file.path.exists()  # else it was deleted while it was to be read
    ]
    return said + [(name, f"deleted: removed {len(before[name])}") for name in due.removed]


def _outcome(file: FoundFile, report: Report, before: dict[str, str], after: dict[str, str]) -> str:
    """What reading a file did to the papers of that file; empty if it is not known to hold any."""
    counts = {
        "added": len(after.keys() - before.keys()),
        "changed": sum(before[paper] != after[paper] for paper in after.keys() & before.keys()),
        "removed": len(before.keys() - after.keys()),
    }
    parts = [f"{what} {count}" for what, count in counts.items() if count]
    if faults := report.faults_in.get(file.name):
        parts.append(f"skipped {len(faults)}: {faults[0]}{' ...' if len(faults) > 1 else ''}")
    if reason := report.rejected.get(file.name):
        without_name = reason.removeprefix(f"{file.name} ").removeprefix(f"{file.source.short_name} ")
        parts.append(f"skipped: {'it ' if without_name != reason else ''}{without_name}")
    if not parts and file.name in report.sources:
        return "no paper added, changed or removed"
    return ", ".join(parts)
