"""Approximate nearest vectors by Chroma, embedded in a folder or on a server: a ``VectorStore``.

The stock integrations add instead of upserting and send batches larger than Chroma takes. Cosine space; one store per
grain, because a metadata filter costs Chroma a linear scan. Chroma holds the HNSW index of a whole collection in
memory, so a store spreads its vectors over collections (shards) of bounded size: a process that only adds needs one at
a time. Texts are not stored here: they are in the library, and Chroma would index every letter of them.

Embedded Chroma overwrites the files of an HNSW index in place. A process that is killed while it does so leaves a
collection that cannot be read, or that crashes the process that reads it. ``vectors.py`` therefore notes in
SQLite when a store is being changed, and a store that was being changed is discarded and filled again.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from heapq import nsmallest
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexDamaged, SettingsError, StoreError
from assistant.system.disk import fsync_folder_and_files, is_disk_full_error

_BATCH_ROWS = 5_000  # Chroma refuses more than 5,461 rows at once
_COLLECTION_ROWS = 32_768  # 57 MB of HNSW index with 384 numbers per vector; searching each takes 1 to 2 ms
_MOST_COLLECTIONS = 2  # in memory, of a process that does not search
_HNSW = {"space": "cosine", "batch_size": 100, "sync_threshold": 100, "ef_search": 400}
"""The HNSW index is on disk after every 100 rows: those beyond would be added to it again whenever a program starts.
With Chroma's default ``ef_search`` of 100 the lists of neighbours differ between indexes of the same vectors, and so do
confidences; 400 finds all of 120 neighbours among 900 rows (0.99 before) and 0.94 among 9,000 (0.72), for 1 ms more."""

_T = TypeVar("_T")


class Chroma:
    """A connection to Chroma: embedded in a folder when the address is empty, else to the server there."""

    def __init__(self, address: str, folder: Path, *, is_for_writing: bool = False) -> None:
        """``is_for_writing``: nothing is searched for, so that at most two HNSW indexes are held in memory. Chroma
        reads an index even to count its rows, and releases its memory only when the connection is closed.

        Raises StoreError, IndexDamaged or SettingsError.
        """
        self._address, self._folder, self._is_for_writing = address, folder, is_for_writing
        self._collections: dict[str, Any] = {}
        self._client = self._connect()
        self._threads = ThreadPoolExecutor(os.cpu_count(), "chroma")

    def collection(self, name: str) -> Any:
        """Created when there is none of this name. Opened for writing, it is valid until the next one is asked for."""
        if name not in self._collections:
            if len(self._collections) == _MOST_COLLECTIONS:
                self._release_memory()
            with translated(_place(name)):
                # No embedding function: Chroma would otherwise download one.
                self._collections[name] = self._client.get_or_create_collection(
                    name, embedding_function=None, configuration={"hnsw": _HNSW}
                )
        return self._collections[name]

    def map(self, names: Sequence[str], ask: Callable[[Any], _T]) -> list[_T]:
        """The results of a function over collections, in their order; several at once when all are in memory."""
        if self._is_for_writing or len(names) == 1:
            return [ask(self.collection(name)) for name in names]
        return list(self._threads.map(ask, [self.collection(name) for name in names]))

    def names(self, name: str) -> list[str]:
        """The collections of the store of this name, in the order they were created."""
        from chromadb.errors import NotFoundError

        found: list[str] = []
        with translated(_place(name)), suppress(NotFoundError):
            while True:
                self._client.get_collection(_numbered(name, len(found)), embedding_function=None)
                found.append(_numbered(name, len(found)))
        return found

    def drop(self, name: str) -> None:
        """Delete the collections of the store of this name."""
        for one in self.names(name):
            with translated(_place(one)):
                self._client.delete_collection(one)
            self._collections.pop(one, None)

    def close(self) -> None:
        """Close all files; safe to repeat. Chroma keeps them open for the whole process until each connection to a
        folder is closed, and a later connection would otherwise not see what another process wrote meanwhile.
        """
        self._threads.shutdown()
        self._disconnect()

    def _release_memory(self) -> None:
        if self._is_for_writing and not self._address:
            self._disconnect()
            self._client = self._connect()

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


class ChromaStore:
    """The vectors of one grain."""

    def __init__(self, chroma: Chroma, name: str) -> None:
        self._chroma, self._name = chroma, name
        self._names, self._counts = chroma.names(name) or [name], dict[str, int]()

    def put(self, ids: Sequence[str], vectors: NDArray[np.float32], paper_ids: Sequence[str]) -> None:
        first = 0
        while first < len(ids):
            name, room = self._with_room()
            some = slice(first, first + min(room, _BATCH_ROWS))
            self._counts.pop(name, None)
            with translated(_place(name)):
                self._chroma.collection(name).upsert(
                    ids=list(ids[some]),
                    embeddings=vectors[some],
                    metadatas=[{"paper_id": paper_id} for paper_id in paper_ids[some]],
                )
            first = some.stop

    def delete_papers(self, paper_ids: Sequence[str]) -> None:
        where = {"paper_id": {"$in": list(paper_ids)}}
        for name in self._names if paper_ids else ():
            with translated(_place(name)):
                ids = self._chroma.collection(name).get(include=[], where=where)["ids"]
                for first in range(0, len(ids), _BATCH_ROWS):
                    self._counts.pop(name, None)
                    self._chroma.collection(name).delete(ids=ids[first : first + _BATCH_ROWS])

    def query(self, vector: Sequence[float], count: int, paper_ids: Collection[str] = ()) -> dict[str, float]:
        with translated(_place(self._name)):
            found = self._chroma.map(
                self._names,
                lambda one: one.query(
                    query_embeddings=[list(vector)],
                    n_results=count,
                    where={"paper_id": {"$in": list(paper_ids)}} if paper_ids else None,
                    include=["distances"],
                ),
            )
        chunks = [pair for rows in found for pair in zip(rows["distances"][0], rows["ids"][0], strict=True)]
        nearest = nsmallest(count, chunks, key=lambda chunk: chunk[0])
        return {name: 1.0 - distance for distance, name in nearest}

    def count(self) -> int:
        return sum(map(self._count, self._names))

    def clear(self) -> None:
        self._chroma.drop(self._name)
        self._names, self._counts = [self._name], {}

    def close(self) -> None:
        """Close the connection to Chroma, and with it the other stores that use it."""
        self._chroma.close()

    def stored_rows(self) -> Iterator[tuple[list[str], NDArray[np.float32], list[str]]]:
        """Ids, vectors and paper ids of all chunks, some thousands at a time: to take over an index of version 4."""
        for name in self._names:
            first = 0
            with translated(_place(name)):
                while (
                    rows := self._chroma.collection(name).get(
                        limit=_BATCH_ROWS, offset=first, include=["embeddings", "metadatas"]
                    )
                )["ids"]:
                    vectors = np.asarray(rows["embeddings"], dtype=np.float32)
                    yield rows["ids"], vectors, [str(one["paper_id"]) for one in rows["metadatas"]]
                    first += _BATCH_ROWS

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


def discard_folder(folder: Path) -> None:
    """Delete all that embedded Chroma holds, which may be damaged. No connection to the folder may be open."""
    shutil.rmtree(folder, ignore_errors=True)


def fsync_store(folder: Path) -> None:
    """Make all that embedded Chroma wrote outlast a power cut. Raises OSError."""
    for path in (*filter(Path.is_dir, folder.iterdir()), folder):
        fsync_folder_and_files(path)


@contextmanager
def _forgetting_failures(folder: str) -> Iterator[None]:
    """Chroma caches a client that failed to start, and would return it for the same folder even after a repair."""
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
        pass  # the port is not a number, or out of range
    raise SettingsError(
        f"store = {address!r} is not an address: use http://host:port or module:Class, or leave it empty."
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
        if is_disk_full_error(error):
            raise IndexDamaged(
                f"{place} has no room left on its disk: make room and do the same again; nothing stored is lost."
            ) from error
        if "readonly" in reason or "read-only" in reason.casefold() or "ermission denied" in reason:
            raise IndexDamaged(
                f"{place} cannot be written ({reason}): make the folder writable, or set FOOTNOTE_HOME to another."
            ) from error
        raise IndexDamaged(
            f"{place} cannot be read ({reason}): delete the index's folder `chroma`, which the next ingest fills, "
            "or run `footnote index rebuild`."
        ) from error
    except ValueError as error:
        if "Could not connect" not in str(error):
            raise
        raise StoreError(f"{place} does not answer: start it with `chroma run`, or unset FOOTNOTE_STORE.") from error
