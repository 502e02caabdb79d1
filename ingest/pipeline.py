"""Adds papers of files to an index (read, divide, embed, store, report), and removes papers from it.

Papers are processed in batches, and queued in a temporary file between reading and embedding, so that memory does not
grow with their number. Only new and changed papers are embedded. After an interruption, the same command continues.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from assistant.errors import InputError, Stopped
from assistant.index.chunking import chunks_of, embedded_text
from assistant.index.identity import Notice, Record
from assistant.index.source_names import ZOTERO
from assistant.index.source_table import HowToRead, checked_collection
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.records import Grain, Paper
from assistant.settings import PACKAGED
from assistant.system.batching import batched
from assistant.system.disk import translating_full_disk
from assistant.system.progress import Progress
from ingest.merging import merged
from ingest.planning import Change, plan, plan_dropped_notices, plan_notices
from ingest.readers import Retraction, read_items
from ingest.report import Report
from ingest.sources import Source, sources_in
from ingest.storing import Storing
from ingest.zotero.stored import forget_queries, is_query

_PAPERS_PER_BATCH = 64  # larger batches are not faster; a stop or a kill loses at most two batches of work


@dataclass(frozen=True, slots=True)
class Removal:
    """The result of removing sources: papers deleted, and papers changed because other sources describe them too."""

    deleted: int
    changed: int


def ingest_files(
    paths: Sequence[Path],
    writer: IndexWriter,
    embedding: Embedder,
    progress: Progress,
    columns: Mapping[str, str] | None = None,
    collection: str = "",
) -> Report:
    """Add the papers of files, of folders, of patterns and of standard input (``-``) to an index open for writing.

    ``columns`` says which columns of tables hold which fields. ``collection``: the files are put into it, if it is not
    empty. A file that cannot be read at all is named in the report and the others go on. Raises InputError when none
    can be, or when the collection cannot have this name.
    """
    return ingest_sources(sources_in(paths), writer, embedding, progress, columns, collection)


def ingest_sources(
    sources: Iterable[Source],
    writer: IndexWriter,
    embedding: Embedder,
    progress: Progress,
    columns: Mapping[str, str] | None = None,
    collection: str = "",
    *,
    is_mirror: bool = False,
    gone: Sequence[str] = (),
    report: Report | None = None,
) -> Report:
    """Add the papers of sources to an index open for writing; reports and raises as ``ingest_files`` does.

    ``is_mirror``: what any of the sources no longer contains is removed, unless another source contains it too.
    ``gone``: the names of stored sources that no longer exist, whose papers are removed in the same way.
    ``report``: where to count, for a caller that needs the counts also after an error.
    """
    collection = collection and checked_collection(collection)
    report = report or Report()
    how = dict[str, HowToRead]()
    papers = ((paper, source.name) for source in sources for paper in _read(source, columns, report, how, is_mirror))
    ingest_papers(papers, writer, embedding, progress, report, gone)
    table = writer.library.source_table
    with writer.library.database.transaction():
        table.set_versions({name: version for name, version in report.sources.items() if version})
        table.set_how_to_read(how)
        if collection:
            table.put_into(collection, report.sources)
        table.forget(gone)
    return report


def ingest_papers(
    papers: Iterable[tuple[Paper, str]],
    writer: IndexWriter,
    embedding: Embedder,
    progress: Progress,
    report: Report | None = None,
    gone: Sequence[str] = (),
) -> Report:
    """Add papers, each with the source that it came from, as ``ingest_records`` does."""
    records = (Record(paper, source) for paper, source in papers)
    return ingest_records(records, writer, embedding, progress, report, gone)


def ingest_records(
    records: Iterable[Record],
    writer: IndexWriter,
    embedding: Embedder,
    progress: Progress,
    report: Report | None = None,
    gone: Sequence[str] = (),
) -> Report:
    """Add records, and the notices of ``report``; only new and changed papers are embedded.

    Of the sources that the report lists as mirrors, whatever was not read now is removed; of those that are ``gone``,
    everything. ``progress`` may end it: by raising Stopped, which keeps the papers done and leaves the index complete,
    or anything else, which leaves it unfinished.
    """
    report = report or Report()
    try:
        with translating_full_disk(writer.settings.index_folder), Storing(writer, embedding) as storing:
            report.resumed = _finish_pending(writer, storing, progress)
            _store(records, writer, storing, progress, report)
            _remove_unread([*report.mirrors, *gone], writer, storing, progress, report)
    except Stopped:
        if writer.can_finish:
            _finish(writer)
        raise
    if report.rejected_files and not (report.read or report.changed_ids or report.removed_ids):
        if writer.can_finish:  # a mirror has lost its last papers
            _finish(writer)
        raise InputError(" ".join(report.rejected_files))
    if writer.needs_finish:
        _finish(writer)
    return report


def remove_papers(paper_ids: Iterable[str], writer: IndexWriter) -> int:
    """Delete papers and all their records; returns how many papers there were. Unknown ids are ignored.

    After an interruption, the same call finishes it. Papers that an interrupted ingest left pending stay pending.
    """
    catalogue = writer.library.catalogue
    left = catalogue.pending()
    half_removed = set(left) - catalogue.of_papers(left).keys()
    count = 0
    with translating_full_disk(writer.settings.index_folder), Storing(writer) as storing:
        for batch in batched([*half_removed, *dict.fromkeys(paper_ids)], _PAPERS_PER_BATCH):
            records = catalogue.of_papers(batch)
            known = records.keys() | writer.library.papers(batch).keys()
            deleted = sorted(known | (half_removed & {*batch}))
            if deleted:
                storing.store(Change(dropped=[*chain(*records.values())], deleted=deleted, stale=deleted))
            count += len(known)
    if writer.can_finish:
        _finish(writer)
    return count


def remove_sources(names: Iterable[str], writer: IndexWriter, embedding: Embedder, progress: Progress) -> Removal:
    """Delete the records of sources, given by the names that ``Library.sources`` lists. A paper without another source
    is deleted; others are computed again from the remaining records. Unknown names are ignored.

    After an interruption, the same call or the next ingest finishes it.
    """
    catalogue = writer.library.catalogue
    deleted = changed = done = 0
    with translating_full_disk(writer.settings.index_folder), Storing(writer, embedding) as storing:
        _finish_pending(writer, storing, progress)
        for name in chain.from_iterable(_stored_names(writer, name) for name in names):
            for records in catalogue.of_source(name):
                progress(done, done + len(records))
                change = plan(catalogue, [], dropped=records)
                storing.store(change)
                deleted, changed, done = (
                    deleted + len(change.deleted),
                    changed + len(change.published),
                    done + len(records),
                )
            change = plan_dropped_notices(catalogue, name)
            storing.store(change)
            changed += len(change.published)
            writer.library.source_table.forget([name])
    if writer.can_finish:
        _finish(writer)
    return Removal(deleted, changed)


def _stored_names(writer: IndexWriter, listed: str) -> list[str]:
    """The names of the sources that an entry of ``Library.sources`` or a query of Zotero stands for."""
    if listed == ZOTERO:
        known = writer.library.source_table.versions(ZOTERO)  # of items without a paper, and of queries
        return sorted({*writer.library.catalogue.source_names(ZOTERO), *known})
    return forget_queries(writer.library, [listed]) if is_query(listed) else [listed]


def rebuild(writer: IndexWriter, embedding: Embedder, progress: Progress) -> int:
    """Compute every paper again from its records, embed and store it; returns how many papers there are then."""
    with translating_full_disk(writer.settings.index_folder):
        writer.library.catalogue.mark_all_pending()
        with Storing(writer, embedding) as storing:
            count = _finish_pending(writer, storing, progress)
        _finish(writer)
    progress(count, count)
    return len(writer.library)


def _store(
    records: Iterable[Record], writer: IndexWriter, storing: Storing, progress: Progress, report: Report
) -> None:
    """Store records. All are read before the first is embedded, so that progress knows their number."""
    catalogue = writer.library.catalogue
    catalogue.begin_run()
    for batch in batched(records, _PAPERS_PER_BATCH):
        progress(report.read, 0)
        report.count_read(len(batch), catalogue.queue(batch))
    for notices in batched(report.notices, _PAPERS_PER_BATCH):
        change = plan_notices(catalogue, notices)
        storing.store(change)
        report.count_stored([], change)
    total, done = catalogue.count_waiting(), 0
    for added in catalogue.waiting(_PAPERS_PER_BATCH):
        progress(done, total)
        change = plan(catalogue, added)
        storing.store(change)
        report.count_stored(added, change)
        if writer.settings.embedding == PACKAGED:  # another model may support other languages
            report.count_languages(change)
        done += len(added)
    progress(done, total)


def _remove_unread(
    sources: Sequence[str], writer: IndexWriter, storing: Storing, progress: Progress, report: Report
) -> None:
    """Remove the records and notices of sources that were not read in this run."""
    catalogue = writer.library.catalogue
    for number, source in enumerate(sources):
        progress(number, len(sources))
        for records in catalogue.of_source(source):
            read = catalogue.read_in_this_run(records)
            change = plan(catalogue, [], dropped=[record for record in records if record.version not in read])
            storing.store(change)
            report.count_removed(change)
        change = plan_dropped_notices(catalogue, source, kept=report.notices)
        storing.store(change)
        report.count_removed(change)


def _finish_pending(writer: IndexWriter, storing: Storing, progress: Progress) -> int:
    """Compute pending papers again, which an interrupted run or a rebuild left; returns how many there were."""
    catalogue = writer.library.catalogue
    pending, done = catalogue.pending(), 0
    is_empty = writer.is_rebuild  # then there are no old vectors to delete
    for batch in batched(pending, _PAPERS_PER_BATCH):
        progress(done, len(pending))
        published = {paper_id: merged(records, paper_id) for paper_id, records in catalogue.of_papers(batch).items()}
        deleted = [paper_id for paper_id in batch if paper_id not in published]
        storing.store(
            Change(
                published=published, deleted=deleted, embedded=[*published.values()], stale=[] if is_empty else batch
            )
        )
        done += len(batch)
    return done


def _read(
    source: Source, columns: Mapping[str, str] | None, report: Report, how: dict[str, HowToRead], is_mirror: bool
) -> Iterator[Paper]:
    """The papers of a source, as they are read; anything else is reported, and how a file is read again put down."""
    columns = source.columns or columns
    try:
        with source.open() as stream:
            for item in read_items(source.short_name, stream, columns):
                if isinstance(item, Paper):
                    yield item
                elif isinstance(item, Retraction):
                    report.notices.append(Notice(item.key, source.name))
                else:
                    report.skip(source, item)
        report.sources[source.name] = source.version
        report.mirrors += [source.name] * (is_mirror or source.is_mirror)
        if source.path:
            how[source.name] = source.how_to_read(columns)
    except OSError as error:
        report.reject(source, f"{source.name} cannot be read ({error.strerror}): check the path.")
    except InputError as error:
        if not source.is_a_guess:
            report.reject(source, str(error))


def _finish(writer: IndexWriter) -> None:
    with translating_full_disk(writer.settings.index_folder):
        writer.finish(lambda grain: _texts_to_search(writer, grain))


def _texts_to_search(writer: IndexWriter, grain: Grain) -> Iterator[tuple[str, str]]:
    """The ids and texts that BM25 searches: whole papers, or sentences by the ids of their chunks."""
    for paper in writer.library.all_papers():
        if grain == "passage":
            yield paper.paper_id, f"{paper.title}. {paper.abstract}"
            continue
        for chunk in chunks_of(paper):
            if chunk.grain == grain:
                yield chunk.chunk_id, embedded_text(paper, chunk)
