"""Opens the vector store that the settings name, one part per grain. A new kind of store is added here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import ExitStack

from assistant.index.chroma import Chroma, ChromaStore, discard_folder, fsync_store
from assistant.index.exact import ExactStore
from assistant.index.layout import GRAINS, chroma_folder
from assistant.interfaces import VectorStore
from assistant.records import Grain
from assistant.settings import Settings
from assistant.system.named_class import names_class, public

_EMBEDDED = "embedded Chroma"


def store_name(settings: Settings) -> str:
    """What tells one vector store from another; without secrets, since it is stored in the index."""
    if names_class(settings.store):
        options = json.dumps(public(settings.store_options), sort_keys=True, default=str)
        return f"{settings.store} {hashlib.sha256(options.encode()).hexdigest()[:8]}"
    return settings.store or _EMBEDDED


def open_stores(
    settings: Settings,
    collection: str,
    exact: Mapping[Grain, ExactStore],
    *,
    is_for_writing: bool = False,
    discards: bool = False,
) -> dict[Grain, VectorStore]:
    """The parts of the vector store, named after ``collection``; closing one may close all.

    ``is_for_writing``: nothing is searched for, and little memory used. ``discards``: whatever they hold is deleted
    first, and may be damaged.

    Raises StoreError, IndexDamaged or SettingsError.
    """
    if discards and not settings.store:
        discard_folder(chroma_folder(settings))
    with ExitStack() as undo:
        stores: dict[Grain, VectorStore] = {}
        if names_class(settings.store):
            from assistant.index.llama_index_store import open_llama_index_stores  # llama-index takes a second

            stores |= open_llama_index_stores(settings, collection, exact)
            undo.callback(next(iter(stores.values())).close)
        else:
            chroma = Chroma(settings.store, chroma_folder(settings), is_for_writing=is_for_writing)
            undo.callback(chroma.close)
            stores |= {grain: ChromaStore(chroma, f"{collection}-{grain}") for grain in GRAINS}
        for store in stores.values() if discards and settings.store else ():
            store.clear()
        undo.pop_all()
    return stores


def check_named_store(settings: Settings, collection: str, exact: Mapping[Grain, ExactStore]) -> None:
    """Open and close a store whose class the settings name, so that wrong options are found before papers are embedded.

    Raises SettingsError or StoreError.
    """
    if names_class(settings.store):
        for store in open_stores(settings, collection, exact, is_for_writing=True).values():
            store.close()


def fsync_stores(settings: Settings) -> None:
    """Make what an embedded store wrote outlast a power cut. Raises OSError."""
    if not settings.store:
        fsync_store(chroma_folder(settings))
