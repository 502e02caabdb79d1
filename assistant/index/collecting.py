"""Changes what collections consist of. Each change is a short transaction, also while other programs read the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.errors import NotFound
from assistant.index.library import Library
from assistant.index.opening import open_library
from assistant.settings import Settings


def put_into(settings: Settings, collection: str, sources: Sequence[str]) -> dict[str, int]:
    """Put sources, as ``Library.sources`` lists them, into a collection; gives all collections with their numbers.

    Raises NotFound for a source of which nothing is stored, InputError for a bad name of the collection.
    """
    with open_library(settings, is_writable=True) as library:
        if unknown := [name for name in sources if not library.has_source(name)]:
            raise NotFound(f"No papers came from {unknown[0]}: `footnote index sources` lists the names.")
        library.source_table.put_into(collection, _with_items(library, sources))
        return library.source_table.collections()


def take_out(settings: Settings, collection: str, sources: Sequence[str]) -> dict[str, int]:
    """Take sources out of a collection; their papers stay in the library. Raises NotFound if one is not in it."""
    with open_library(settings, is_writable=True) as library:
        known = library.source_table.sources_in(collection)
        if unknown := [name for name in sources if name not in known]:
            raise NotFound(f"{unknown[0]} is not in the collection {collection!r}.")
        library.source_table.take_out(collection, _with_items(library, sources))
        return library.source_table.collections()


def rename(settings: Settings, collection: str, name: str) -> dict[str, int]:
    """Give a collection another name; if that is taken, both become one. Raises NotFound, or InputError."""
    with open_library(settings, is_writable=True) as library:
        library.source_table.papers_in(collection)
        library.source_table.rename(collection, name)
        return library.source_table.collections()


def _with_items(library: Library, listed: Iterable[str]) -> list[str]:
    """These names, with those of all sources that one of them stands for, as ``zotero:`` does for its items."""
    return [name for entry in listed for name in dict.fromkeys([entry, *library.catalogue.source_names(entry)])]
