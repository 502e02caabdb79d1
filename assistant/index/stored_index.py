"""What an index has in common whether it is open for reading or for writing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from assistant.index.checks import COMPLETE
from assistant.index.chunking import CHUNKING
from assistant.index.exact import ExactStore
from assistant.index.layout import GRAINS
from assistant.index.library import Library
from assistant.records import Grain
from assistant.settings import Settings


@dataclass
class StoredIndex:
    settings: Settings
    library: Library
    exact: Mapping[Grain, ExactStore]

    @property
    def fingerprint(self) -> str:
        """A hash of the papers, the embedding model and the chunking after the last finished change."""
        return self.library.fact("fingerprint")

    def store_released(self) -> AbstractContextManager[None]:
        """Within it, this index does not use the vector store, which some stores allow to one user only."""
        return nullcontext()

    @property
    def is_complete(self) -> bool:
        """Is the last change finished, including the BM25 indexes?"""
        return self.library.fact("state") == COMPLETE


def exact_stores(settings: Settings, library: Library) -> dict[Grain, ExactStore]:
    """The exact store of each grain, for the dimension that the index has."""
    dimension = int(library.fact("dimension") or 0)
    return {grain: ExactStore(library.database, settings.index_folder, grain, dimension) for grain in GRAINS}


def fingerprint_of(library: Library) -> str:
    """A hash of all papers, the embedding model and the chunking."""
    digest = hashlib.sha256("\n".join((CHUNKING, library.fact("embedding"))).encode())
    for paper_id, content_hash in library.each_content_hash():
        digest.update(f"\n{paper_id}={content_hash}".encode())
    return digest.hexdigest()
