"""Is an index fit to be used? Each check raises an IndexProblem that says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.errors import IndexDamaged, IndexMismatch, IndexMissing
from assistant.index.library import Library
from assistant.interfaces import Embedder
from assistant.settings import Settings

REBUILD = "run `footnote index rebuild`"
COMPLETE, UNFINISHED, REBUILDING, NEW = "complete", "unfinished", "rebuilding", "new"
"""States of an index: all is stored; an ingest or removal is under way, or was interrupted; so a rebuild; no ingest
ever began."""
UNFINISHED_UPGRADE = "unfinished_upgrade"
"""A fact: "yes" until the papers that this version splits differently are embedded again."""


def missing(settings: Settings) -> IndexMissing:
    """An error that names the home, since a home that was given may be mistyped."""
    home = "" if settings.is_default_home else f" --home {settings.home}"
    what = f"Nothing is indexed in {settings.home}" if settings.home.exists() else f"{settings.home} does not exist"
    check = "" if settings.is_default_home else "check the name of the home, or "
    return IndexMissing(
        f"{what}: {check}run `footnote ingest PATH...{home}` with your papers, "
        f"or `footnote ingest --bundled{home}` for the bundled ones."
    )


def computed_with(embedding: Embedder, chunking: str) -> dict[str, str]:
    """The facts that must be the same for as long as the vectors are used."""
    return {"embedding": embedding.fingerprint, "dimension": str(embedding.dimension), "chunking": chunking}


def check_computed_with(library: Library, asked: Mapping[str, str]) -> None:
    for name, value in asked.items():
        if library.fact(name) != value:
            raise IndexMismatch(
                f"The index was made with {name} {library.fact(name) or 'unknown'}, and {value} was asked for: "
                f"use the old setting again, or {REBUILD} to change the index."
            )


def check_rebuilt(library: Library) -> None:
    if library.fact("state") == REBUILDING:
        raise IndexDamaged(f"The last rebuild did not finish: {REBUILD} again.")
