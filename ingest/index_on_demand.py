"""An index that is opened for each change only, so that other programs can use it in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from assistant.index.checks import check_computed_with, computed_with
from assistant.index.chunking import CHUNKING
from assistant.index.layout import papers_file
from assistant.index.library import Library
from assistant.index.opening import open_for_writing
from assistant.index.writer import IndexWriter
from assistant.interfaces import Embedder
from assistant.settings import Settings
from ingest.watch_list import can_be_changed


class IndexOnDemand:
    """``library`` is open for reading all the time, which hinders nobody."""

    def __init__(self, settings: Settings, embedding: Embedder) -> None:
        """An index that is missing is made; one of an earlier version is brought up to date.

        Raises IndexMismatch for an index of another embedding model, and otherwise as ``open_for_writing``.
        """
        self.settings, self._embedding = settings, embedding
        if not can_be_changed(settings):
            open_for_writing(settings, embedding).close()
        self.library = Library(papers_file(settings), is_writable=False)
        try:
            check_computed_with(self.library, computed_with(embedding, CHUNKING))
        except BaseException:
            self.library.close()
            raise

    @contextmanager
    def writing(self) -> Iterator[IndexWriter]:
        """A writer of the index. Raises IndexInUse when others read or write it."""
        with closing(open_for_writing(self.settings, self._embedding)) as writer:
            yield writer

    def close(self) -> None:
        self.library.close()
