"""Files to index: read, split, embed, store, report; and papers out of it again.

Papers flow through in batches, and wait in a file between being read and being embedded, so that the memory needed
does not grow with their number; only new and changed ones are embedded. Whatever interrupts it, the same command goes
on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from assistant.errors import InputError, Stopped
from assistant.index.chunking import chunks_of, embedded_text
from assistant.index.identity import Notice, Record
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

_PAPERS_PER_BATCH = 64  # more make nothing faster; a stop or a kill costs at most two batches


@dataclass(frozen=True, slots=True)
class Removal:
    """What the removal of sources did: papers that are gone, and papers that other sources tell of too, changed."""

    gone: int
    changed: int


def ingest_files(
    paths: Sequence[Path],
    writer: IndexWriter,
    embedding: Embedder,
    progress: Progress,
    columns: Mapping[str, str] | None = None,
) -> Report:
    """Add the papers of files, of folders, of patterns and of standard input (``-``) to an index open for writing.

    ``columns`` says which columns of tables hold which fields. A file that cannot be read at all is named in the
    report and the others go on. Raises InputError when none can be.
    """
    return ingest_sources(sources_in(paths), writer, embedding, progress, columns)


def ingest_sources(
    sources: Iterable[Source],
    writer: IndexWriter,
    embedding: Embedder,
    progress: Progress,
    columns: Mapping[str, str] | None = None,
) -> Report:
    """Add the papers of sources to an index open for writing; reports and raises as ``ingest_files`` does."""
    report = Report()
    papers = ((paper, source.name) for source in sources for paper in _read(source, columns, report))
    return ingest_papers(papers, writer, embedding, progress, report)


def ingest_papers(
    papers: Iterable[tuple[Paper, str]],
    writer: IndexWriter,
    embedding: Embedder,
    progress: Progress,
    report: Report | None = None,
) -> Report:
    """Add papers, each with the source that it came from; only new and changed ones are embedded.

    ``progress`` may end it: by raising Stopped, which keeps the papers done and leaves the index complete, or anything
    else, which leaves it unfinished.
    """
    report = report or Report()
    records = (Record(paper, source) for paper, source in papers)
    try:
        with translating_full_disk(writer.settings.index_folder), Storing(writer, embedding) as storing:
            report.resumed = _finish_pending(writer, storing, progress)
            _store(records, writer, storing, progress, report)
    except Stopped:
        if writer.can_finish:
            _finish(writer)
        raise
    if report.rejected_files and not report.read:
        raise InputError(" ".join(report.rejected_files))
    if writer.needs_finish:
        _finish(writer)
    return report


def remove_papers(paper_ids: Iterable[str], writer: IndexWriter) -> int:
    """Remove papers from an index open for writing, with all that any source says of them, and say how many there
    were; unknown ids are ignored.

    Interrupted, it is finished by the same call again. What an interrupted ingest left is left to the next one.
    """
    catalogue = writer.library.catalogue
    left = catalogue.pending()
    half_removed = set(left) - catalogue.of_papers(left).keys()
    count = 0
    with translating_full_disk(writer.settings.index_folder), Storing(writer) as storing:
        for batch in batched([*half_removed, *dict.fromkeys(paper_ids)], _PAPERS_PER_BATCH):
            records = catalogue.of_papers(batch)
            known = records.keys() | writer.library.papers(batch).keys()
            gone = sorted(known | (half_removed & {*batch}))
            if gone:
                storing.store(Change(dropped=[*chain(*records.values())], gone=gone, stale=gone))
            count += len(known)
    if writer.can_finish:
        _finish(writer)
    return count


def remove_sources(names: Iterable[str], writer: IndexWriter, embedding: Embedder, progress: Progress) -> Removal:
    """Forget what sources say, known by their stored names. A paper that no other source tells of is gone with them;
    another one is from then on what the others say. Unknown names are ignored.

    Interrupted, it is finished by the same call again, or by the next ingest.
    """
    catalogue = writer.library.catalogue
    gone = changed = done = 0
    with translating_full_disk(writer.settings.index_folder), Storing(writer, embedding) as storing:
        _finish_pending(writer, storing, progress)
        for name in names:
            for records in catalogue.of_source(name):
                progress(done, done + len(records))
                change = plan(catalogue, [], dropped=records)
                storing.store(change)
                gone, changed, done = gone + len(change.gone), changed + len(change.shown), done + len(records)
            change = plan_dropped_notices(catalogue, name)
            storing.store(change)
            changed += len(change.shown)
    if writer.can_finish:
        _finish(writer)
    return Removal(gone, changed)


def rebuild(writer: IndexWriter, embedding: Embedder, progress: Progress) -> int:
    """Make every paper again from its records, embed and store it; gives how many papers there are then."""
    with translating_full_disk(writer.settings.index_folder):
        writer.library.catalogue.mark_all_pending()
        with Storing(writer, embedding) as storing:
            count = _finish_pending(writer, storing, progress)
        _finish(writer)
    progress(count, count)
    return len(writer.library)


def _store(
    records: Iterator[Record], writer: IndexWriter, storing: Storing, progress: Progress, report: Report
) -> None:
    """All are read before the first is embedded: from then on it is known how many there are to do."""
    catalogue = writer.library.catalogue
    catalogue.begin_run()
    for batch in batched(records, _PAPERS_PER_BATCH):
        progress(report.read, 0)
        report.count_read(len(batch), catalogue.meet(batch))
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
        if writer.settings.embedding == PACKAGED:  # another one may read other languages
            report.count_languages(change)
        done += len(added)
    progress(done, total)


def _finish_pending(writer: IndexWriter, storing: Storing, progress: Progress) -> int:
    """Make anew what an interrupted run had noted, or a rebuild notes; gives how many papers that were."""
    catalogue = writer.library.catalogue
    pending, done = catalogue.pending(), 0
    is_empty = writer.is_rebuild  # then there are no old vectors to look for
    for batch in batched(pending, _PAPERS_PER_BATCH):
        progress(done, len(pending))
        shown = {paper_id: merged(records, paper_id) for paper_id, records in catalogue.of_papers(batch).items()}
        gone = [paper_id for paper_id in batch if paper_id not in shown]
        storing.store(Change(shown=shown, gone=gone, embedded=[*shown.values()], stale=[] if is_empty else batch))
        done += len(batch)
    return done


def _read(source: Source, columns: Mapping[str, str] | None, report: Report) -> Iterator[Paper]:
    """Papers of a source, as they are read; what is not a paper goes to the report."""
    try:
        with source.open() as stream:
            for item in read_items(source.short_name, stream, columns):
                if isinstance(item, Paper):
                    yield item
                elif isinstance(item, Retraction):
                    report.notices.append(Notice(item.key, source.name))
                else:
                    report.skip(source, item)
    except OSError as error:
        report.rejected_files.append(f"{source.name} cannot be read ({error.strerror}): check the path.")
    except InputError as error:
        if not source.is_a_guess:
            report.rejected_files.append(str(error))


def _finish(writer: IndexWriter) -> None:
    with translating_full_disk(writer.settings.index_folder):
        writer.finish(lambda grain: _texts_to_search(writer, grain))


def _texts_to_search(writer: IndexWriter, grain: Grain) -> Iterator[tuple[str, str]]:
    """What BM25 searches: whole papers under their ids, and sentences under their chunks' ids."""
    for paper in writer.library.all_papers():
        if grain == "passage":
            yield paper.paper_id, f"{paper.title}. {paper.abstract}"
            continue
        for chunk in chunks_of(paper):
            if chunk.grain == grain:
                yield chunk.chunk_id, embedded_text(paper, chunk)
