"""Copies of what embedded Chroma keeps: of a graph that is being changed, and of everything for who reads meanwhile.

Chroma writes a collection's graph over the old one, file after file (1.5.9 even begins its list of ids by emptying
it), and refuses the collection for ever if that was cut short. It puts every change into its SQLite log first, and
takes it out again when the number up to which the graph is written has been noted there. So the copy made before a
change belongs to the log exactly as long as that number is still the one of the copy: then it is put back, and Chroma
does from the log what was cut short.

Two programs must not use one folder of Chroma: who reads puts what it finds in the log into the graph as well.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from assistant.errors import IndexInUse
from assistant.index.locks import between_changes
from assistant.system.disk import fsync_folder_and_files

_DATABASE = "chroma.sqlite3"
_FIND = """SELECT segments.id, COALESCE(max_seq_id.seq_id, 0) FROM collections
    JOIN segments ON segments.collection = collections.id AND segments.scope = 'VECTOR'
    LEFT JOIN max_seq_id ON max_seq_id.segment_id = segments.id WHERE collections.name = ?"""


class GraphCopies:
    """What fails raises OSError or sqlite3.Error, or IndexInUse when a lock is not to be had for a minute."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is Chroma's; the copies are in a folder of their own in it, one for each collection."""
        self._folder, self._copies = folder, folder / "copies"

    def left(self) -> list[str]:
        """The collections whose change did not end, or is under way."""
        return sorted(path.stem for path in self._copies.glob("*.graph"))

    @contextmanager
    def kept(self, collection: str) -> Iterator[None]:
        """Keep a copy until the graph has been changed and is on disk; it is left if that fails."""
        with self.changing():
            self._keep(collection)
            yield
            self.forget(collection)

    def changing(self) -> AbstractContextManager[None]:
        """While a writer changes anything, so that nobody copies it."""
        return between_changes(self._folder.parent, is_writer=True)

    def copy_all(self, to: Path) -> None:
        """Copy the whole folder as it is between two changes of the writer."""
        with between_changes(self._folder.parent):
            if self.left():
                raise IndexInUse("The vectors are being written: try again.")
            shutil.copytree(self._folder, to, ignore=shutil.ignore_patterns("copies", f"{_DATABASE}*"))
            with closing(self._database()) as database, closing(sqlite3.connect(to / _DATABASE)) as copy:
                database.backup(copy)

    def _keep(self, collection: str) -> None:
        graph, written = self._find(collection)
        made = self._copies / "made"
        shutil.rmtree(made, ignore_errors=True)
        try:
            made.mkdir(parents=True)
            (made / "written").write_text(str(written))
            if graph.is_dir():
                shutil.copytree(graph, made / "graph")
                fsync_folder_and_files(made / "graph")
            fsync_folder_and_files(made)
            made.rename(self._copy(collection))
        except OSError:
            shutil.rmtree(made, ignore_errors=True)  # it may be what fills the disk
            raise
        fsync_folder_and_files(self._copies)

    def put_back(self, collection: str) -> None:
        """Have the graph as it was before a change that was cut short; the copy stays. Chroma must not have read it."""
        graph, written = self._find(collection)
        copy = self._copy(collection)
        if (copy / "written").read_text() != str(written):
            return
        shutil.rmtree(graph, ignore_errors=True)
        if (copy / "graph").is_dir():
            shutil.copytree(copy / "graph", graph)

    def forget(self, collection: str) -> None:
        """Have the graph on disk for good, and no copy."""
        graph, _ = self._find(collection)
        if graph.is_dir():
            fsync_folder_and_files(graph)
        gone = self._copies / "gone"
        shutil.rmtree(gone, ignore_errors=True)
        self._copy(collection).rename(gone)  # at once: half a copy must never be put back
        shutil.rmtree(gone, ignore_errors=True)

    def _copy(self, collection: str) -> Path:
        return self._copies / f"{collection}.graph"

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(self._folder / _DATABASE)

    def _find(self, collection: str) -> tuple[Path, int]:
        """A collection's folder, and the number in the log up to which its graph is written."""
        with closing(self._database()) as connection:
            for segment, written in connection.execute(_FIND, [collection]):
                return self._folder / segment, written
        raise FileNotFoundError(f"Chroma knows of no graph of {collection}")
