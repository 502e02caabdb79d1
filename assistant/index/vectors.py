"""Vectors on disk or on a server, by Chroma behind llama-index's vector-store interface.

Written anew because the stock integration adds instead of upserting and sends batches larger than Chroma takes.
Cosine space; a store a grain, because a metadata filter costs Chroma a linear scan. Chroma holds the graph of a whole
collection in memory, so a store spreads its vectors over collections of bounded size: who only adds needs one at a
time. Texts are not kept here: they are in the library, and Chroma would index every letter of them.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from heapq import nsmallest
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import BasePydanticVectorStore, VectorStoreQuery, VectorStoreQueryResult
from numpy.typing import NDArray
from pydantic import PrivateAttr

from assistant.errors import IndexDamaged, SettingsError, StoreError
from assistant.index.graph_copies import GraphCopies
from assistant.records import paper_of_chunk
from assistant.system.disk import is_disk_full_error

_BATCH_ROWS = 5_000  # Chroma refuses more than 5,461 rows at once
_COLLECTION_ROWS = 32_768  # 57 MB of graph with 384 numbers a vector; searching each takes 1 to 2 ms
_MOST_GRAPHS = 2  # in memory, for who does not search
_HNSW = {"space": "cosine", "batch_size": 100, "sync_threshold": 100, "ef_search": 400}
"""The graph is on disk after every 100 rows: those beyond would be put in it again whenever a program starts. With
Chroma's default ``ef_search`` of 100 the lists of neighbours differ between graphs of the same vectors, and so do
confidences; 400 finds all of 120 neighbours among 900 rows (0.99 before) and 0.94 among 9,000 (0.72), for 1 ms more."""

_T = TypeVar("_T")


class Chroma:
    """A connection to Chroma: embedded in a folder when the address is empty, else of the server there."""

    def __init__(self, address: str, folder: Path, *, is_alone: bool = False) -> None:
        """``is_alone``: nobody else uses this connection, so that it may be closed and opened again at any time, which
        is the only way to have Chroma give a graph's memory back. It reads a graph for whatever is asked of it, were
        it only the number of rows. So it may finish at once what another left cut short.

        Raises StoreError, IndexDamaged or SettingsError.
        """
        self._address, self._folder, self._is_alone = address, folder, is_alone
        self._copies = None if address else GraphCopies(folder)
        self._collections: dict[str, Any] = {}
        self._client = self._connect()
        self._askers = ThreadPoolExecutor(os.cpu_count(), "chroma")
        if is_alone:
            try:
                self.settle()
            except BaseException:
                self.close()
                raise

    def collection(self, name: str) -> Any:
        """Made when there is none of this name. For who is alone, good until the next is asked for."""
        if name not in self._collections:
            if len(self._collections) == _MOST_GRAPHS:
                self.let_go()
            with translated(_place(name)):
                # No embedding function: Chroma would otherwise download one.
                self._collections[name] = self._client.get_or_create_collection(
                    name, embedding_function=None, configuration={"hnsw": _HNSW}
                )
        return self._collections[name]

    @contextmanager
    def changing(self, name: str) -> Iterator[Any]:
        """A collection to be changed, which may be killed or fail at any moment. ``settle`` first."""
        collection = self.collection(name)
        with translated(_place(name)), self._copies.kept(name) if self._copies else nullcontext():
            yield collection

    def settle(self) -> None:
        """Finish the changes that were cut short, as far as Chroma had taken note of them. For one writer."""
        if not self._copies or not (left := self._copies.left()):
            return
        self._disconnect()
        with translated(f"the embedded store in {self._folder}"), self._copies.changing():
            for name in left:
                self._copies.put_back(name)
            self._client = self._connect()
            for name in left:
                self.collection(name).count()  # Chroma does what is in its log before it answers anything
                self._copies.forget(name)

    def of_each(self, names: Sequence[str], ask: Callable[[Any], _T]) -> list[_T]:
        """What is asked of collections, in their order; of several at once by who has all graphs in memory."""
        if self._is_alone or len(names) == 1:
            return [ask(self.collection(name)) for name in names]
        return list(self._askers.map(ask, [self.collection(name) for name in names]))

    def names(self, name: str) -> list[str]:
        """The collections that a store of this name has, in the order they were begun in."""
        from chromadb.errors import NotFoundError

        found: list[str] = []
        with translated(_place(name)), suppress(NotFoundError):
            while True:
                self._client.get_collection(_numbered(name, len(found)), embedding_function=None)
                found.append(_numbered(name, len(found)))
        return found

    def drop(self, name: str) -> None:
        """Delete the collections that a store of this name has."""
        for one in self.names(name):
            with translated(_place(one)):
                self._client.delete_collection(one)
            self._collections.pop(one, None)

    def let_go(self) -> None:
        """Give back the memory of all graphs, which are read again when they are needed; not if others use them."""
        if self._is_alone and self._collections and not self._address:
            self._disconnect()
            self._client = self._connect()

    def close(self) -> None:
        """Close all files. Chroma keeps them open for the whole program until each connection to a folder is closed,
        and whoever opens the folder after another program has written in it would otherwise see none of that.
        """
        self._askers.shutdown()
        self._disconnect()

    def _disconnect(self) -> None:
        self._collections.clear()
        self._client.close()

    def _connect(self) -> Any:
        import chromadb
        from chromadb.config import Settings as ChromaSettings

        quiet = ChromaSettings(anonymized_telemetry=False)
        if not self._address:
            with translated(f"the embedded store in {self._folder}"), _forgetting_failures(str(self._folder)):
                return chromadb.PersistentClient(path=str(self._folder), settings=quiet)
        scheme, host, port = _parts(self._address)
        with translated(f"the Chroma server at {self._address}"):
            return chromadb.HttpClient(host=host, port=port, ssl=scheme == "https", settings=quiet)


class ChromaStore(BasePydanticVectorStore):
    """Chunks and their vectors; a node's ``ref_doc_id`` is its paper's id."""

    stores_text: bool = False
    flat_metadata: bool = True
    _name: str = PrivateAttr()
    _chroma: Chroma = PrivateAttr()
    _names: list[str] = PrivateAttr()
    _counts: dict[str, int] = PrivateAttr()

    def __init__(self, chroma: Chroma, name: str) -> None:
        super().__init__(stores_text=False)
        self._chroma, self._name = chroma, name
        self._names, self._counts = chroma.names(name) or [name], {}

    @property
    def client(self) -> Iterator[Any]:
        """Chroma's collections, of which the last is being filled."""
        return map(self._chroma.collection, self._names)

    def __len__(self) -> int:
        return sum(map(self._count, self._names))

    def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
        """Store nodes with their embeddings, replacing those with the same ids."""
        ids = [node.node_id for node in nodes]
        vectors = np.array([node.get_embedding() for node in nodes], dtype=np.float32)
        if self.vectors_of(ids):
            self._delete(ids=ids)
        self.put(ids, vectors, [str(node.metadata["paper_id"]) for node in nodes])
        return ids

    def put(self, ids: Sequence[str], vectors: NDArray[np.float32], paper_ids: Sequence[str]) -> None:
        """Store ``(chunks, dimension)`` vectors by id, each of a paper, which has none here or had them deleted."""
        self._chroma.settle()
        first = 0
        while first < len(ids):
            name, room = self._with_room()
            some = slice(first, first + min(room, _BATCH_ROWS))
            self._counts.pop(name, None)
            with self._chroma.changing(name) as collection:
                collection.upsert(
                    ids=list(ids[some]),
                    embeddings=vectors[some],
                    metadatas=[{"paper_id": paper_id} for paper_id in paper_ids[some]],
                )
            first = some.stop

    def vectors_of(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of the chunks with these ids that exist."""
        if not ids:
            return {}  # Chroma refuses to look for nothing
        found = self._of_each(lambda one: one.get(ids=list(ids), include=["embeddings"]))
        return {name: vector for rows in found for name, vector in zip(rows["ids"], rows["embeddings"], strict=True)}

    def all_vectors(self) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
        """The vectors of all chunks, some thousands at a time: their papers' ids, and an array of one row a chunk."""
        for rows in self._all_rows("embeddings"):
            yield [*map(paper_of_chunk, rows["ids"])], np.asarray(rows["embeddings"], dtype=np.float32)

    def all_ids(self) -> Iterator[list[str]]:
        """The ids of all chunks, some thousands at a time."""
        for rows in self._all_rows():
            yield rows["ids"]

    def ids_of(self, paper_ids: Sequence[str]) -> list[str]:
        """The ids of all chunks of these papers."""
        where = {"paper_id": {"$in": list(paper_ids)}}
        return [name for rows in self._of_each(lambda one: one.get(where=where, include=[])) for name in rows["ids"]]

    def delete(self, ref_doc_id: str, **_: Any) -> None:
        self.delete_papers([ref_doc_id])

    def delete_papers(self, paper_ids: Sequence[str]) -> None:
        """Forget every chunk of these papers."""
        if paper_ids:
            self._delete(where={"paper_id": {"$in": list(paper_ids)}})

    def query(self, query: VectorStoreQuery, **_: Any) -> VectorStoreQueryResult:
        """The ``similarity_top_k`` nearest chunks, of the papers ``doc_ids`` if any, with their cosine similarities."""
        found = self._of_each(
            lambda one: one.query(
                query_embeddings=[query.query_embedding],
                n_results=query.similarity_top_k,
                where={"paper_id": {"$in": query.doc_ids}} if query.doc_ids else None,
                include=["distances"],
            )
        )
        chunks = [pair for rows in found for pair in zip(rows["distances"][0], rows["ids"][0], strict=True)]
        nearest = nsmallest(query.similarity_top_k, chunks, key=lambda chunk: chunk[0])
        return VectorStoreQueryResult(
            ids=[name for _, name in nearest], similarities=[1.0 - distance for distance, _ in nearest]
        )

    def let_go(self) -> None:
        """Give back the memory of what was added, if nobody else searches it."""
        self._chroma.let_go()

    def close(self) -> None:
        """Close the connection to Chroma, and with it the other stores that use it."""
        self._chroma.close()

    def _of_each(self, ask: Callable[[Any], _T]) -> list[_T]:
        with translated(_place(self._name)):
            return self._chroma.of_each(self._names, ask)

    def _with_room(self) -> tuple[str, int]:
        """The collection being filled, and how many rows it still takes; a new one when the last is full."""
        if self._count(self._names[-1]) >= _COLLECTION_ROWS:
            self._names = [*self._names, _numbered(self._name, len(self._names))]
        return self._names[-1], _COLLECTION_ROWS - self._count(self._names[-1])

    def _count(self, name: str) -> int:
        if name not in self._counts:
            with translated(_place(name)):
                self._counts[name] = self._chroma.collection(name).count()
        return self._counts[name]

    def _delete(self, **chosen: Any) -> None:
        self._chroma.settle()
        for name in self._names:
            with translated(_place(name)):
                ids = self._chroma.collection(name).get(include=[], **chosen)["ids"]
            for first in range(0, len(ids), _BATCH_ROWS):
                self._counts.pop(name, None)
                with self._chroma.changing(name) as collection:
                    collection.delete(ids=ids[first : first + _BATCH_ROWS])

    def _all_rows(self, *include: str) -> Iterator[dict[str, Any]]:
        for collection in self.client:
            first = 0
            while True:
                with translated(_place(self._name)):
                    rows = collection.get(limit=_BATCH_ROWS, offset=first, include=list(include))
                if not rows["ids"]:
                    break
                yield rows
                first += _BATCH_ROWS


def copy_chroma(folder: Path, to: Path) -> None:
    """Copy the folder of embedded Chroma while another program writes in it. Raises IndexInUse or IndexDamaged."""
    with translated(f"the embedded store in {folder}"):
        GraphCopies(folder).copy_all(to)


@contextmanager
def _forgetting_failures(folder: str) -> Iterator[None]:
    """Chroma keeps what it failed to start, and would give that to whoever opens the folder next, repaired or not."""
    from chromadb.api.shared_system_client import SharedSystemClient

    try:
        yield
    except BaseException:
        if folder not in SharedSystemClient._identifier_to_refcount:  # noqa: SLF001 - nothing public does this
            SharedSystemClient._identifier_to_system.pop(folder, None)  # noqa: SLF001
        raise


def _numbered(name: str, number: int) -> str:
    """The name of a store's collection; the first has that of the store."""
    return f"{name}-{number + 1}" if number else name


def _place(name: str) -> str:
    return f"collection {name} of Chroma"


def _parts(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of a server. Raises SettingsError."""
    try:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname:
            return parts.scheme, parts.hostname, parts.port or 8000
    except ValueError:
        pass  # the port is no number, or out of range
    raise SettingsError(f"store = {address!r} is no address: use http://host:port, or leave it empty.")


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
        if is_disk_full_error(error):
            raise IndexDamaged(
                f"{place} has no room left on its disk: make room and do the same again; nothing stored is lost."
            ) from error
        if "readonly" in reason or "read-only" in reason.casefold() or "ermission denied" in reason:
            raise IndexDamaged(
                f"{place} cannot be written ({reason}): make the folder writable, or set FOOTNOTE_HOME to another."
            ) from error
        raise IndexDamaged(f"{place} cannot be read ({reason}): run `footnote index rebuild`.") from error
    except ValueError as error:
        if "Could not connect" not in str(error):
            raise
        raise StoreError(f"{place} does not answer: start it with `chroma run`, or unset FOOTNOTE_STORE.") from error
