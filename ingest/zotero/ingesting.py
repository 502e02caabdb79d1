"""Ingests files and queries of Zotero together, in one run with one report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path

from assistant.index.source_table import checked_collection
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.system.progress import Progress
from ingest.pipeline import ingest_sources
from ingest.report import Report
from ingest.sources import Source, sources_in
from ingest.zotero.client import Zotero
from ingest.zotero.stored import is_query
from ingest.zotero.syncing import Sync


def ingest_paths(
    paths: Iterable[Path],
    writer: IndexWriter,
    embedding: Embedder,
    progress: Progress,
    columns: Mapping[str, str] | None = None,
    collection: str = "",
) -> Report:
    """As ``ingest_files``; a path such as ``zotero:Name`` is a query of Zotero, of which the index becomes a mirror."""
    files, queries = list[Path](), list[str]()
    for path in paths:
        if _is_query(path):
            queries.append(str(path))
        else:
            files.append(path)
    sources = sources_in(files)
    if not queries:
        return ingest_sources(sources, writer, embedding, progress, columns, collection)
    return ingest_queries(queries, sources, writer, embedding, progress, columns, collection)


def _is_query(path: Path) -> bool:
    """Does this name a query of Zotero, and no file?"""
    with suppress(OSError):  # a name may be too long for a file
        return is_query(str(path)) and not path.exists()
    return True


def ingest_queries(
    queries: Sequence[str],
    sources: Iterable[Source],
    writer: IndexWriter,
    embedding: Embedder,
    progress: Progress,
    columns: Mapping[str, str] | None = None,
    collection: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Ingest what changed in queries of Zotero after other sources, as ``ingest_sources`` does.

    What Zotero does not answer is named in the report's rejected files. ``say`` gets a line for each query.
    """
    collection = collection and checked_collection(collection)
    report = Report()
    with Zotero(writer.settings.zotero) as zotero:
        sync = Sync(zotero, writer.library, report.rejected_files)
        sync.look(queries, collection)
        for line in sync.lines:
            say(line)
        items = chain(sources, sync.sources())
        ingest_sources(items, writer, embedding, progress, columns, collection, gone=sync.gone, report=report)
        sync.finish()
    return report
