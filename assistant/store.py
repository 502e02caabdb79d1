"""Vectors on disk or on a server, by Chroma behind llama-index's vector-store interface.

Written anew because the stock integration adds instead of upserting and sends batches larger than Chroma takes.
Cosine space; one collection a grain, because a metadata filter costs Chroma a linear scan.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from llama_index.core.schema import BaseNode, MetadataMode, TextNode
from llama_index.core.vector_stores.types import BasePydanticVectorStore, VectorStoreQuery, VectorStoreQueryResult
from numpy.typing import NDArray
from pydantic import PrivateAttr

from assistant.errors import IndexDamaged, SettingsError, StoreError

_BATCH_ROWS = 5_000  # Chroma refuses more than 5,461 rows at once


def connect(address: str, folder: Path) -> Any:
    """A Chroma client: embedded in ``folder`` when the address is empty, else of the server there.

    Raises StoreError, IndexDamaged or SettingsError.
    """
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    quiet = ChromaSettings(anonymized_telemetry=False)
    if not address:
        with translated(f"the embedded store in {folder}"):
            return chromadb.PersistentClient(path=str(folder), settings=quiet)
    scheme, host, port = _parts(address)
    with translated(f"the Chroma server at {address}"):
        return chromadb.HttpClient(host=host, port=port, ssl=scheme == "https", settings=quiet)


def _parts(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of a server. Raises SettingsError."""
    try:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname:
            return parts.scheme, parts.hostname, parts.port or 8000
    except ValueError:
        pass  # the port is no number, or out of range
    raise SettingsError(f"store = {address!r} is no address: use http://host:port, or leave it empty.")


def drop_collections(client: Any, names: Iterable[str]) -> None:
    """Delete these collections, where they exist."""
    from chromadb.errors import NotFoundError

    for name in names:
        with translated(f"collection {name} of Chroma"), suppress(NotFoundError):
            client.delete_collection(name)


class ChromaStore(BasePydanticVectorStore):
    """Chunks and their vectors in one Chroma collection; a node's ``ref_doc_id`` is its paper's id."""

    stores_text: bool = True
    flat_metadata: bool = True
    _place: str = PrivateAttr()
    _collection: Any = PrivateAttr()

    def __init__(self, client: Any, collection: str) -> None:
        super().__init__(stores_text=True)
        self._place = f"collection {collection} of Chroma"
        with translated(self._place):
            # No embedding function: Chroma would otherwise download one.
            self._collection = client.get_or_create_collection(
                collection, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
            )

    @property
    def client(self) -> Any:
        return self._collection

    def __len__(self) -> int:
        with translated(self._place):
            count: int = self._collection.count()
            return count

    def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
        """Store nodes with their embeddings, replacing those with the same ids."""
        with translated(self._place):
            for first in range(0, len(nodes), _BATCH_ROWS):
                batch = nodes[first : first + _BATCH_ROWS]
                self._collection.upsert(
                    ids=[node.node_id for node in batch],
                    embeddings=[node.get_embedding() for node in batch],
                    documents=[node.get_content(metadata_mode=MetadataMode.NONE) for node in batch],
                    metadatas=[node.metadata for node in batch],
                )
        return [node.node_id for node in nodes]

    def put(
        self, ids: Sequence[str], vectors: NDArray[np.float32], texts: Sequence[str], places: Sequence[dict[str, Any]]
    ) -> None:
        """Store chunks by id, with ``(chunks, dimension)`` vectors and metadata, replacing those with the same ids.

        As ``add`` does, without a node a chunk, which takes longer to make than to store.
        """
        with translated(self._place):
            for first in range(0, len(ids), _BATCH_ROWS):
                part = slice(first, first + _BATCH_ROWS)
                self._collection.upsert(
                    ids=list(ids[part]),
                    embeddings=vectors[part],
                    documents=list(texts[part]),
                    metadatas=list(places[part]),
                )

    def get_nodes(self, node_ids: list[str] | None = None, filters: Any = None) -> list[BaseNode]:  # noqa: ARG002 - the interface
        """The chunks with these ids that exist, with their embeddings."""
        if not node_ids:
            return []  # Chroma refuses to look for nothing
        with translated(self._place):
            found = self._collection.get(ids=node_ids, include=["documents", "metadatas", "embeddings"])
        rows = zip(found["ids"], found["documents"], found["metadatas"], found["embeddings"], strict=True)
        return [
            TextNode(id_=chunk_id, text=text, metadata=dict(metadata), embedding=list(vector))
            for chunk_id, text, metadata, vector in rows
        ]

    def all_vectors(self) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
        """The vectors of all chunks, some thousands at a time: their papers' ids, and an array of one row a chunk."""
        for first in range(0, len(self), _BATCH_ROWS):
            with translated(self._place):
                found = self._collection.get(limit=_BATCH_ROWS, offset=first, include=["metadatas", "embeddings"])
            if not found["ids"]:
                return  # some were removed since they were counted
            paper_ids = [str(metadata["paper_id"]) for metadata in found["metadatas"]]
            yield paper_ids, np.asarray(found["embeddings"], dtype=np.float32)

    def delete(self, ref_doc_id: str, **_: Any) -> None:
        self.delete_papers([ref_doc_id])

    def delete_papers(self, paper_ids: Sequence[str]) -> None:
        """Forget every chunk of these papers."""
        if paper_ids:
            with translated(self._place):
                self._collection.delete(where={"paper_id": {"$in": list(paper_ids)}})

    def query(self, query: VectorStoreQuery, **_: Any) -> VectorStoreQueryResult:
        """The ``similarity_top_k`` nearest chunks, of the papers ``doc_ids`` if any, with their cosine similarities."""
        with translated(self._place):
            found = self._collection.query(
                query_embeddings=[query.query_embedding],
                n_results=query.similarity_top_k,
                where={"paper_id": {"$in": query.doc_ids}} if query.doc_ids else None,
                include=["documents", "metadatas", "distances"],
            )
        rows = zip(found["ids"][0], found["documents"][0], found["metadatas"][0], strict=True)
        return VectorStoreQueryResult(
            ids=list(found["ids"][0]),
            nodes=[TextNode(id_=chunk_id, text=text, metadata=dict(metadata)) for chunk_id, text, metadata in rows],
            similarities=[1.0 - distance for distance in found["distances"][0]],
        )


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Chroma's errors as ours, each with what to do next."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except (httpx.HTTPError, ConnectionError) as error:
        raise StoreError(
            f"{place} does not answer ({error}): start it with `chroma run`, or unset FOOTNOTE_STORE."
        ) from error
    except (ChromaError, sqlite3.Error, OSError) as error:
        reason = str(error).split("\n")[0]
        if "readonly" in reason or "read-only" in reason.casefold() or "ermission denied" in reason:
            raise IndexDamaged(
                f"{place} cannot be written ({reason}): make the folder writable, or set FOOTNOTE_HOME to another."
            ) from error
        raise IndexDamaged(f"{place} cannot be read ({reason}): run `footnote index rebuild`.") from error
    except ValueError as error:
        if "Could not connect" not in str(error):
            raise
        raise StoreError(f"{place} does not answer: start it with `chroma run`, or unset FOOTNOTE_STORE.") from error
