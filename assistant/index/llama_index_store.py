"""Any vector store of llama-index that the settings name, as a ``VectorStore``.

What llama-index leaves open is settled here. Ids: some stores take UUIDs only, so a chunk's id is kept in the metadata.
Similarities: stores return cosines, ``exp(-distance)`` or ``(1 + cosine) / 2``, so the store only says which chunks are
near, and the cosines are computed from the exact vectors. Names: each grain gets a collection of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
)
from numpy.typing import NDArray

from assistant.errors import SettingsError, StoreError
from assistant.index.exact import ExactStore
from assistant.records import Grain
from assistant.settings import Settings
from assistant.system.batching import batched
from assistant.system.named_class import Named, accepted_options, create, resolved

_NAMESPACE = uuid.UUID("2c1d0e6e-43a2-5f0b-9a53-6a1f6ad1c0de")  # of the UUIDs made from chunk ids; never change it
_COLLECTION_OPTIONS = ("collection_name", "table_name", "index_name")
_NODES_AT_ONCE = 1_000

VectorsOf = Callable[[Iterable[str]], Mapping[str, NDArray[np.float32]]]
"""Paper ids to the exact vectors of all chunks of these papers, by chunk id."""


def open_llama_index_stores(
    settings: Settings, collection: str, exact: Mapping[Grain, ExactStore]
) -> dict[Grain, LlamaIndexStore]:
    """A store per grain, in collections named after ``collection``; closing one closes all.

    Raises SettingsError when the class or its options cannot be used, or it does not answer.
    """
    options = resolved(settings.store_options, "store")
    connections = ExitStack()
    _close_with(connections, options.parts)
    try:
        option = _collection_option(settings.store)
        prefix = f"{options.arguments[option]}_" if option in options.arguments else ""
        base: Any = BasePydanticVectorStore
        stores: dict[Grain, LlamaIndexStore] = {}
        for grain, part in exact.items():
            name = f"{prefix}{collection}_{grain}".replace("-", "_")
            named: Named[BasePydanticVectorStore] = create(settings.store, base, options, "store", {option: name})
            client = getattr(named.instance, "client", None)
            _close_with(connections, [client] if client not in options.parts else [])
            stores[grain] = LlamaIndexStore(named, part.vectors_of, connections)
    except BaseException:
        connections.close()
        raise
    return stores


class LlamaIndexStore:
    """One collection of a llama-index vector store. Methods raise StoreError."""

    def __init__(
        self, named: Named[BasePydanticVectorStore], vectors_of: VectorsOf, connections: ExitStack | None = None
    ) -> None:
        """``connections`` are closed with this store. Raises SettingsError for a store without metadata."""
        self._named, self._vectors_of, self._connections = named, vectors_of, connections or ExitStack()
        self._is_empty = False  # known after ``clear`` only: many stores fail when asked for a collection that is gone
        if not named.instance.stores_text:
            raise SettingsError(f"store = {named.name} does not keep the metadata of chunks: name another class.")

    def put(self, ids: Sequence[str], vectors: NDArray[np.float32], paper_ids: Sequence[str]) -> None:
        """Store ``(chunks, dimension)`` vectors by id, each of a paper, which has none here or had them deleted."""
        nodes = map(_node, ids, vectors, paper_ids)
        with self._named.translated(StoreError, "to store vectors", _CHECK):
            for batch in batched(nodes, _NODES_AT_ONCE):
                self._is_empty = False
                self._named.instance.add(batch)

    def delete_papers(self, paper_ids: Sequence[str]) -> None:
        """Delete every chunk of these papers."""
        with self._named.translated(StoreError, "to delete vectors", _CHECK):
            for paper_id in [] if self._is_empty else paper_ids:
                self._named.instance.delete(paper_id)

    def query(self, vector: Sequence[float], count: int, paper_ids: Collection[str] = ()) -> dict[str, float]:
        """The ``count`` nearest chunks, of these papers if any are given: id to cosine, the nearest first."""
        if self._is_empty:
            return {}
        query = VectorStoreQuery(list(vector), similarity_top_k=count, filters=_filters(paper_ids))
        with self._named.translated(StoreError, "to search", _CHECK):
            nodes = self._named.instance.query(query).nodes or []
        exact = self._vectors_of({str(node.metadata["paper_id"]) for node in nodes})
        found = [str(node.metadata["chunk_id"]) for node in nodes]
        ids = [chunk_id for chunk_id in dict.fromkeys(found) if chunk_id in exact]
        length = float(np.linalg.norm(vector)) or 1.0
        cosines = {chunk_id: float(np.dot(exact[chunk_id], vector)) / length for chunk_id in ids}
        return dict(sorted(cosines.items(), key=lambda item: -item[1]))

    def count(self) -> None:
        """llama-index has no way to count."""

    def clear(self) -> None:
        """Delete the collection."""
        with self._named.translated(StoreError, "to delete its collection", _CHECK):
            self._named.instance.clear()
        self._is_empty = True

    def close(self) -> None:
        """Close the connections, which the other grain's store shares; safe to repeat."""
        with self._named.translated(StoreError, "to close", _CHECK):
            self._connections.close()


_CHECK = "check that it runs and store_options"


def _collection_option(name: str) -> str:
    known = accepted_options(name, "store")
    for option in _COLLECTION_OPTIONS:
        if option in known:
            return option
    wanted = f"{', '.join(_COLLECTION_OPTIONS[:-1])} or {_COLLECTION_OPTIONS[-1]}"
    raise SettingsError(
        f"store = {name} has no option {wanted}, so it cannot hold two collections: name another class."
    )


def _close_with(connections: ExitStack, objects: Iterable[Any]) -> None:
    for one in objects:
        if callable(getattr(one, "close", None)):
            connections.callback(one.close)


def _node(chunk_id: str, vector: NDArray[np.float32], paper_id: str) -> TextNode:
    return TextNode(
        id_=str(uuid.uuid5(_NAMESPACE, chunk_id)),
        text=chunk_id,  # some stores refuse an empty text; the words themselves are in the library
        embedding=vector.tolist(),
        metadata={"chunk_id": chunk_id, "paper_id": paper_id},
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=paper_id)},  # what ``delete`` goes by
    )


def _filters(paper_ids: Collection[str]) -> MetadataFilters | None:
    if not paper_ids:
        return None
    return MetadataFilters(
        filters=[MetadataFilter(key="paper_id", value=sorted(paper_ids), operator=FilterOperator.IN)]
    )
