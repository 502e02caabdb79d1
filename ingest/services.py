"""What the page asks of this package: papers into the open index, and out of it, while it goes on answering."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from assistant.index.index import Index
from assistant.interfaces import Embedder
from assistant.services import Added, Given, PaperServices
from assistant.system.progress import Progress
from ingest.bundled_corpus import CORPUS, EXAMPLE_QUESTIONS, is_bundled
from ingest.pipeline import ingest_sources, remove_papers, remove_sources
from ingest.readers import known_suffixes
from ingest.report import Report
from ingest.sources import Source


def paper_services(index: Index, embedding: Embedder) -> PaperServices:
    """All that the page asks of this package, for one open index."""
    return PaperServices(
        add=adder(index, embedding),
        remove=remover(index),
        file_types=known_suffixes(),
        samples=samples(index),
        remove_samples=samples_remover(index, embedding),
        example_questions=partial(example_questions, index),
    )


def example_questions(index: Index) -> list[str]:
    """Hand-written questions when the bundled papers are indexed, else questions about the first three titles."""
    if index.library.has_source(str(CORPUS)):
        return list(EXAMPLE_QUESTIONS)
    return [f"What does “{paper.title}” find?" for paper in islice(index.library.all_papers(), 3)]


def adder(index: Index, embedding: Embedder) -> Callable[[Sequence[Given], Progress], Added]:
    """Adds given papers to the index."""

    def add(given: Sequence[Given], progress: Progress) -> Added:
        with index.writing() as writer:
            report = ingest_sources(map(_source, given), writer, embedding, progress)
        return _added(report, index)

    return add


def remover(index: Index) -> Callable[[Sequence[str]], int]:
    """Removes papers from the index by their ids."""

    def remove(paper_ids: Sequence[str]) -> int:
        with index.writing() as writer:
            return remove_papers(paper_ids, writer)

    return remove


def samples(index: Index) -> Callable[[], list[str]]:
    """The ids of the bundled papers, where the index holds papers of other sources as well."""

    def find() -> list[str]:
        names = _bundled(index)
        if len(names) == len(index.library.sources()):
            return []
        records = (record for name in names for some in index.library.catalogue.of_source(name) for record in some)
        return sorted({record.paper_id for record in records})

    return find


def samples_remover(index: Index, embedding: Embedder) -> Callable[[], int]:
    """Removes the bundled source; papers that other sources hold too stay, as those say."""

    def remove() -> int:
        with index.writing() as writer:
            return remove_sources(_bundled(index), writer, embedding, lambda *_: None).gone

    return remove


def _bundled(index: Index) -> list[str]:
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
