"""Is an index fit to be used? Each check raises an IndexProblem that says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.errors import IndexDamaged, IndexMismatch, IndexMissing
from assistant.index.library import Library
from assistant.index.vectors import ChromaStore
from assistant.interfaces import Embedder
from assistant.records import Grain
from assistant.settings import Settings

REBUILD = "run `footnote index rebuild`"
COMPLETE, UNFINISHED, REBUILDING, NEW = "complete", "unfinished", "rebuilding", "new"
"""States of an index: all is stored; an ingest or removal is under way, or was interrupted; so a rebuild; no ingest
ever began."""


def missing(settings: Settings) -> IndexMissing:
    """An error that names the home, since a home that was given may be mistyped."""
    home = "" if settings.is_default_home else f" --home {settings.home}"
    what = f"Nothing is indexed in {settings.home}" if settings.home.exists() else f"{settings.home} does not exist"
    check = "" if settings.is_default_home else "check the name of the home, or "
    return IndexMissing(
        f"{what}: {check}run `footnote ingest PATH...{home}` with your papers, "
        f"or `footnote ingest --bundled{home}` for the bundled ones."
    )


def made_with(embedding: Embedder, chunking: str) -> dict[str, str]:
    """The facts that must be the same for as long as the vectors are used."""
    return {"embedding": embedding.fingerprint, "dimension": str(embedding.dimension), "chunking": chunking}


def check_made_with(library: Library, asked: Mapping[str, str]) -> None:
    for name, value in asked.items():
        if library.fact(name) != value:
            raise IndexMismatch(
                f"The index was made with {name} {library.fact(name) or 'unknown'}, and {value} was asked for: "
                f"use the old setting again, or {REBUILD} to change the index."
            )


def check_rebuilt(library: Library) -> None:
    if library.fact("state") == REBUILDING:
        raise IndexDamaged(f"The last rebuild did not finish: {REBUILD} again.")


def check_counts(library: Library, stores: Mapping[Grain, ChromaStore]) -> None:
    """Vectors may be too many or too few only while papers are pending, and even then some are there."""
    is_pending = bool(library.catalogue.pending())
    for grain, store in stores.items():
        expected, count = int(library.fact(f"{grain}_chunks") or 0), len(store)
        if count != expected and not (is_pending and count):
            raise IndexDamaged(f"The index holds {count} of {expected} {grain} vectors: {REBUILD}.")
