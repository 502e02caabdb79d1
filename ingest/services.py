"""Adds and removes papers for the page, in an index that goes on answering questions."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from assistant.index.index import Index
from assistant.index.source_names import ZOTERO
from assistant.index.source_table import WatchedFolder
from assistant.index.stored_index import StoredIndex
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.services import Added, Given, PaperServices
from assistant.system.progress import Progress
from ingest.archiving.exporting import export_library, summary
from ingest.archiving.importing import import_library
from ingest.bundled_corpus import CORPUS, EXAMPLE_QUESTIONS, is_bundled
from ingest.pipeline import ingest_sources, remove_papers, remove_sources
from ingest.readers import known_suffixes
from ingest.refreshing import refresh
from ingest.report import Report
from ingest.sources import Source
from ingest.turns import Turns
from ingest.watch_list import add_folders, checked_folder, forget_folder
from ingest.watching import FolderWatch, WatchLog
from ingest.zotero.ingesting import ingest_queries


def paper_services(index: Index, embedding: Embedder) -> PaperServices:
    """What the page can do with the papers of an open index. Watched folders wait while a person adds or removes."""
    turns, log, settings = Turns(), WatchLog(), index.settings

    def add(given: Sequence[Given], progress: Progress, collection: str = "") -> Added:
        with turns.of_person(progress):
            return add_papers(index, embedding, given, progress, collection)

    def remove(paper_ids: Sequence[str]) -> int:
        with turns.of_person():
            return remove_from(index, paper_ids)

    def remove_all_samples() -> int:
        with turns.of_person():
            return remove_samples(index, embedding)

    def import_library(path: Path, progress: Progress) -> str:
        with turns.of_person(progress):
            return import_from(index, embedding, path, progress)

    def zotero(query: str, progress: Progress) -> Added:
        with turns.of_person(progress):
            return add_from_zotero(index, embedding, query, progress)

    def look_again(progress: Progress) -> Added:
        with turns.of_person(progress):
            return refresh_all(index, embedding, progress)

    def watch(folder: str, collection: str) -> WatchedFolder:
        return add_folders(settings, [checked_folder(settings, folder)], collection)[0]

    return PaperServices(
        add=add,
        remove=remove,
        file_types=known_suffixes(),
        samples=partial(sample_ids, index),
        remove_samples=remove_all_samples,
        example_questions=partial(example_questions, index),
        export_library=partial(export_to, index),
        import_library=import_library,
        add_from_zotero=zotero,
        refresh=look_again,
        watched_folders=lambda: index.library.source_table.watched(),
        watch=watch,
        forget=partial(forget_folder, settings),
        watch_log=log.lines,
        watching=lambda: FolderWatch(index, embedding, log.add, turns),
    )


def add_papers(
    index: Index, embedding: Embedder, given: Sequence[Given], progress: Progress, collection: str = ""
) -> Added:
    with index.writing() as writer:
        report = ingest_sources(map(_source, given), writer, embedding, progress, collection=collection)
    return _added(report, index)


def add_from_zotero(index: Index, embedding: Embedder, query: str, progress: Progress) -> Added:
    text = query.strip()
    with index.writing() as writer:
        queries = [text if text.startswith(ZOTERO) else f"{ZOTERO}{text}"]
        report = ingest_queries(queries, [], writer, embedding, progress)
    return _added(report, index)


def refresh_all(index: Index, embedding: Embedder, progress: Progress) -> Added:
    lines = list[str]()
    with index.writing() as writer:
        report = refresh(writer, embedding, progress, lines.append)
    return replace(_added(report, index), looked_at=tuple(lines))


def remove_from(index: Index, paper_ids: Sequence[str]) -> int:
    """Remove papers by id; gives how many were removed."""
    with index.writing() as writer:
        return remove_papers(paper_ids, writer)


def export_to(index: StoredIndex, path: Path, progress: Progress) -> str:
    """Write the library and the conversations to a file; gives what is in it, on one line."""
    return summary(export_library(index.settings, path, progress))


def import_from(index: Index, embedding: Embedder, path: Path, progress: Progress) -> str:
    """Add an exported library and its conversations; gives what was added, on one line."""

    @contextmanager
    def open_index() -> Iterator[tuple[IndexWriter, Embedder]]:
        with index.writing() as writer:
            yield writer, embedding

    imported = import_library(index.settings, path, open_index, progress)
    return " ".join(filter(None, [imported.notice, imported.summary()]))


def sample_ids(index: StoredIndex) -> list[str]:
    """The ids of the bundled papers if the index holds papers of other sources too, else none."""
    names = _bundled(index)
    if len(names) == len(index.library.sources()):
        return []
    records = (record for name in names for some in index.library.catalogue.of_source(name) for record in some)
    return sorted({record.paper_id for record in records})


def remove_samples(index: Index, embedding: Embedder) -> int:
    """Remove the bundled source; gives how many papers were removed. Papers that are also in other sources stay."""
    with index.writing() as writer:
        return remove_sources(_bundled(index), writer, embedding, lambda *_: None).deleted


def example_questions(index: Index) -> list[str]:
    """The written questions if the bundled papers are indexed, else questions about the first three titles."""
    if index.library.has_source(str(CORPUS)):
        return list(EXAMPLE_QUESTIONS)
    return [f"What does “{paper.title}” find?" for paper in islice(index.library.all_papers(), 3)]


def _bundled(index: StoredIndex) -> list[str]:
    return [source for source in index.library.sources() if is_bundled(source)]


def _source(given: Given) -> Source:
    content = given.content
    return Source(given.name, lambda: content.open("rb") if isinstance(content, Path) else io.BytesIO(content))


def _added(report: Report, index: Index) -> Added:
    known = index.library.papers([*report.new_ids, *report.changed_ids])
    titles = {paper_id: paper.title for paper_id, paper in known.items()}
    return Added(
        report.summary(),
        new=tuple(titles[one] for one in report.new_ids if one in titles),
        changed=tuple(titles[one] for one in report.changed_ids if one in titles),
        merged=tuple(f"{one.title}: {one.why}" for one in report.merged),
        without_abstract=tuple(f"{skip.place}: {skip.reason}" for skip in report.without_abstract),
        skipped=(*report.rejected_files, *report.fault_lines()),
    )
