"""Takes over an index of version 0.1, whose vectors were only in the vector store, without embedding anything.

Such an index has the facts ``passage_chunks`` and ``sentence_chunks``: how many vectors it holds.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from assistant.errors import IndexDamaged
from assistant.index.checks import REBUILD
from assistant.index.chroma import Chroma, ChromaStore
from assistant.index.exact import ExactStore
from assistant.index.layout import chroma_folder
from assistant.index.library import Library
from assistant.index.vectors import mark_current
from assistant.records import Grain
from assistant.settings import Settings


def is_outdated(library: Library) -> bool:
    return not library.database.is_current or bool(library.fact("passage_chunks"))


def forget_outdated(library: Library) -> None:
    """State that there are no vectors to take over."""
    library.state(passage_chunks="", sentence_chunks="")


def upgrade(settings: Settings, library: Library, exact: Mapping[Grain, ExactStore]) -> None:
    """Copy the vectors from Chroma into the exact store, all or none.

    For the process that writes. Raises IndexDamaged when Chroma does not hold them all, or StoreError.
    """
    if not library.fact("passage_chunks"):
        return
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
    """Vectors may be too many or too few only while papers are pending, and even then there are some."""
    expected = int(library.fact(f"{grain}_chunks") or 0)
    if count != expected and not (library.catalogue.pending() and count):
        raise IndexDamaged(f"The index holds {count} of {expected} {grain} vectors: {REBUILD}.")
