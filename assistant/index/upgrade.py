"""Takes over the indexes of earlier versions.

Version 0.1 stored vectors only in the vector store: they are copied, and nothing is embedded. The facts
``passage_chunks`` and ``sentence_chunks`` of such an index state how many vectors it holds.

In an index with an earlier chunking, the few papers whose chunks differ become pending, as after an interrupted
ingest, so that the next ingest embeds only these. The roles of sentences are computed from the stored vectors.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from assistant.errors import IndexDamaged
from assistant.index.checks import REBUILD, UNFINISHED, UNFINISHED_UPGRADE
from assistant.index.chroma import Chroma, ChromaStore
from assistant.index.chunking import CHUNKING, EARLIER_CHUNKINGS, chunks_of
from assistant.index.exact import ExactStore
from assistant.index.layout import chroma_folder
from assistant.index.library import Library
from assistant.index.sentence_roles import ROLES_VERSION
from assistant.index.vectors import mark_current
from assistant.records import Grain, paper_of_chunk
from assistant.settings import Settings
from assistant.system.batching import batched

_PAPERS_AT_ONCE = 200


def is_outdated(library: Library) -> bool:
    return (
        not library.database.is_current
        or bool(library.fact("passage_chunks"))
        or has_earlier_chunking(library)
        or library.fact("roles") != ROLES_VERSION
    )


def has_earlier_chunking(library: Library) -> bool:
    return library.fact("chunking") in EARLIER_CHUNKINGS


def is_upgrade_unfinished(library: Library) -> bool:
    """Must papers be embedded again because this version splits their sentences differently?"""
    return has_earlier_chunking(library) or bool(library.fact(UNFINISHED_UPGRADE))


def forget_outdated(library: Library) -> None:
    """Clear the facts of version 0.1, so that ``upgrade`` copies no vectors."""
    library.state(passage_chunks="", sentence_chunks="")


def upgrade(settings: Settings, library: Library, exact: Mapping[Grain, ExactStore]) -> None:
    """Bring an index up to date. For the process that writes.

    Raises IndexDamaged when Chroma does not hold all vectors, or StoreError.
    """
    if library.fact("passage_chunks"):
        _copy_vectors(settings, library, exact)
    if has_earlier_chunking(library):
        with library.database.transaction():
            if changed := _papers_with_other_chunks(library, exact):
                library.catalogue.mark_pending([], [], changed, UNFINISHED)
            library.state(chunking=CHUNKING, **{UNFINISHED_UPGRADE: "yes" if changed else ""})
    if library.fact("roles") != ROLES_VERSION:
        _compute_roles(library, exact)


def _compute_roles(library: Library, exact: Mapping[Grain, ExactStore]) -> None:
    """Compute the roles of all sentences from their stored vectors; of pending papers, an ingest computes them."""
    with library.database.transaction():
        for papers in batched(library.all_papers(), _PAPERS_AT_ONCE):
            vectors = exact["sentence"].vectors_of(paper.paper_id for paper in papers)
            library.roles.compute(papers, vectors, library.fact("embedding"))
        library.state(roles=ROLES_VERSION)


def _papers_with_other_chunks(library: Library, exact: Mapping[Grain, ExactStore]) -> dict[str, str]:
    """The papers whose vectors are not those of their chunks, except pending papers: id to content hash."""
    pending, changed = {*library.catalogue.pending()}, list[str]()
    for papers in batched(library.all_papers(), _PAPERS_AT_ONCE):
        paper_ids = [paper.paper_id for paper in papers]
        stored: dict[str, set[str]] = {paper_id: set() for paper_id in paper_ids}
        for chunk_id in (chunk_id for part in exact.values() for chunk_id in part.ids_of(paper_ids)):
            stored[paper_of_chunk(chunk_id)].add(chunk_id)
        changed += [
            paper.paper_id
            for paper in papers
            if paper.paper_id not in pending
            and stored[paper.paper_id] != {chunk.chunk_id for chunk in chunks_of(paper)}
        ]
    hashes = library.content_hashes() if changed else {}
    return {paper_id: hashes[paper_id] for paper_id in changed}


def _copy_vectors(settings: Settings, library: Library, exact: Mapping[Grain, ExactStore]) -> None:
    """Copy the vectors from Chroma into the exact store, all or none."""
    folder = chroma_folder(settings)
    if [*folder.glob("copies/*.graph")]:
        raise IndexDamaged(f"An ingest by an earlier version was interrupted while it wrote vectors: {REBUILD}.")
    chroma = Chroma(settings.store, folder, is_for_writing=True)
    try:
        with library.database.transaction():
            for grain, part in exact.items():
                for rows in ChromaStore(chroma, f"{library.fact('collection')}-{grain}").stored_rows():
                    part.put(*rows)
                _check_count(library, grain, part.count())
            forget_outdated(library)
            mark_current(settings, library, exact)
    finally:
        chroma.close()
    shutil.rmtree(folder / "copies", ignore_errors=True)
    (settings.index_folder / "changes.db").unlink(missing_ok=True)


def _check_count(library: Library, grain: Grain, count: int) -> None:
    """Raises IndexDamaged for a wrong number of vectors. While papers are pending, any number but 0 is allowed."""
    expected = int(library.fact(f"{grain}_chunks") or 0)
    if count != expected and not (library.catalogue.pending() and count):
        raise IndexDamaged(f"The index holds {count} of {expected} {grain} vectors: {REBUILD}.")
