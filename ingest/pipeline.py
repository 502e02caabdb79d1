"""Files to index: read, split, embed, store, report; and papers out of it again.

Only new and changed papers are embedded. Vectors are stored before the paper is and removed after it, so every paper
in the library has its vectors, and what was interrupted is finished by doing it again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

from assistant.embedding import SentenceTransformerEmbedding
from assistant.errors import InputError, Stopped
from assistant.index import GRAINS, Index
from assistant.records import Chunk, Grain, Paper
from ingest.chunking import chunks_of, embedded_text
from ingest.readers import READERS, Skipped, read_papers

_PAPERS_PER_BATCH = 64
_REMOVED_PER_BATCH = 500

Progress = Callable[[int, int], None]
"""Called with papers done and papers to do. What it raises ends the ingest: Stopped keeps the papers done and leaves
the index complete, anything else leaves it unfinished."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where papers are read from: a file, an upload, pasted text. ``name`` is stored with them, and its ending says
    how they are read, if it has a known one. ``read`` gives UTF-8, or raises OSError."""

    name: str
    read: Callable[[], bytes]

    @classmethod
    def of_file(cls, path: Path) -> Source:
        return cls(os.fsencode(path).decode("utf-8", "replace"), path.read_bytes)

    @property
    def short_name(self) -> str:
        """What a report calls it."""
        return PurePath(self.name).name


@dataclass
class Report:
    """What an ingest did. ``skipped`` names the file in each place."""

    read: int = 0
    unchanged: int = 0
    new_ids: list[str] = field(default_factory=list)
    changed_ids: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    rejected_files: list[str] = field(default_factory=list)

    @property
    def new(self) -> int:
        return len(self.new_ids)

    @property
    def changed(self) -> int:
        return len(self.changed_ids)

    @property
    def faults(self) -> list[Skipped]:
        """What a person would miss; page furniture is not among it."""
        return [skip for skip in self.skipped if skip.is_fault]

    def summary(self) -> str:
        furniture = len(self.skipped) - len(self.faults)
        return (
            f"{self.read} papers read: {self.new} new, {self.changed} changed, {self.unchanged} unchanged; "
            f"{len(self.faults)} skipped, {furniture} lines of page furniture left out."
        )


def ingest_files(
    paths: Sequence[Path], index: Index, embedding: SentenceTransformerEmbedding, progress: Progress
) -> Report:
    """Add the papers of files, and of all known files in folders, to an index open for writing.

    A file that cannot be read at all is named in the report and the others go on. Raises InputError when none can be.
    """
    sources = [Source.of_file(file) for path in paths for file in _files_in(path)]
    return ingest_sources(sources, index, embedding, progress)


def ingest_sources(
    sources: Iterable[Source], index: Index, embedding: SentenceTransformerEmbedding, progress: Progress
) -> Report:
    """Add the papers of sources to an index open for writing; reports and raises as ``ingest_files`` does."""
    report = Report()
    papers: dict[str, tuple[Paper, str]] = {}
    for source in sources:
        for paper in _read(source, report):
            if paper.paper_id in papers and papers[paper.paper_id][0] != paper:
                report.skipped.append(
                    Skipped(source.short_name, f"two papers are titled {paper.title[:60]!r}; the last is kept")
                )
            papers[paper.paper_id] = (paper, source.name)
    if not papers and report.rejected_files:
        raise InputError(" ".join(report.rejected_files))
    return ingest_papers(list(papers.values()), index, embedding, progress, report)


def ingest_papers(
    papers: Sequence[tuple[Paper, str]],
    index: Index,
    embedding: SentenceTransformerEmbedding,
    progress: Progress,
    report: Report | None = None,
) -> Report:
    """Add papers with distinct ids, each with the file it came from; only new and changed ones are embedded."""
    report = report or Report()
    known = index.library.content_hashes()
    todo = [item for item in papers if known.get(item[0].paper_id) != item[0].content_hash]
    report.read = len(papers)
    report.unchanged = len(papers) - len(todo)
    for paper, _ in todo:
        (report.changed_ids if paper.paper_id in known else report.new_ids).append(paper.paper_id)
    if todo or not index.is_complete:
        _store(todo, index, embedding, progress)
    return report


def remove_papers(paper_ids: Iterable[str], index: Index) -> int:
    """Remove papers from an index open for writing, and say how many there were; unknown ids are ignored.

    Interrupted, it is finished by the same call again, or by a rebuild.
    """
    wanted = list(dict.fromkeys(paper_ids))
    if index.is_complete and not index.library.papers(wanted):
        return 0
    count = 0
    index.begin()
    for first in range(0, len(wanted), _REMOVED_PER_BATCH):
        batch = wanted[first : first + _REMOVED_PER_BATCH]
        count += index.library.remove(batch)
        for store in index.stores.values():
            store.delete_papers(batch)
    index.seal(_texts_to_search(index))
    return count


def rebuild(index: Index, embedding: SentenceTransformerEmbedding, progress: Progress) -> int:
    """Embed and store every paper of the library again; gives how many."""
    items = list(index.library.papers_with_sources())
    _store(items, index, embedding, progress)
    return len(items)


def _files_in(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.suffix.casefold() in READERS and file.is_file())
    else:
        yield path


def _read(source: Source, report: Report) -> Iterator[Paper]:
    try:
        result = read_papers(source.read(), source.short_name)
    except OSError as error:
        report.rejected_files.append(f"{source.name} cannot be read ({error.strerror}): check the path.")
        return
    except InputError as error:
        report.rejected_files.append(str(error))
        return
    report.skipped += [replace(skip, place=f"{source.short_name}, {skip.place}") for skip in result.skipped]
    yield from result.papers


def _store(
    items: Sequence[tuple[Paper, str]], index: Index, embedding: SentenceTransformerEmbedding, progress: Progress
) -> None:
    try:
        for first in range(0, len(items), _PAPERS_PER_BATCH):
            progress(first, len(items))
            index.begin()
            batch = items[first : first + _PAPERS_PER_BATCH]
            _store_vectors([paper for paper, _ in batch], index, embedding)
            index.library.put(batch)
    except Stopped:
        if index.is_unfinished:
            index.seal(_texts_to_search(index))
        raise
    index.seal(_texts_to_search(index))
    progress(len(items), len(items))


def _store_vectors(papers: Sequence[Paper], index: Index, embedding: SentenceTransformerEmbedding) -> None:
    """Replace all vectors of these papers; a changed abstract leaves none of its old chunks behind."""
    by_grain: dict[Grain, list[TextNode]] = {grain: [] for grain in GRAINS}
    for paper in papers:
        for chunk in chunks_of(paper):
            by_grain[chunk.grain].append(_node(paper, chunk))
    for grain, nodes in by_grain.items():
        vectors = embedding.get_text_embedding_batch([node.text for node in nodes])
        for node, vector in zip(nodes, vectors, strict=True):
            node.embedding = vector
        index.stores[grain].delete_papers([paper.paper_id for paper in papers])
        index.stores[grain].add(nodes)


def _node(paper: Paper, chunk: Chunk) -> TextNode:
    node = TextNode(
        id_=chunk.chunk_id,
        text=embedded_text(paper, chunk),
        metadata={"paper_id": paper.paper_id, "start": chunk.start, "end": chunk.end},
    )
    node.relationships[NodeRelationship.SOURCE] = RelatedNodeInfo(node_id=paper.paper_id)
    return node


def _texts_to_search(index: Index) -> dict[Grain, dict[str, str]]:
    """What BM25 searches: whole papers under their ids, and sentences under their chunks' ids."""
    texts: dict[Grain, dict[str, str]] = {grain: {} for grain in GRAINS}
    for paper in index.library.all_papers():
        texts["passage"][paper.paper_id] = f"{paper.title}. {paper.abstract}"
        for chunk in chunks_of(paper):
            if chunk.grain == "sentence":
                texts["sentence"][chunk.chunk_id] = embedded_text(paper, chunk)
    return texts
