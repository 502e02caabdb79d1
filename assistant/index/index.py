"""The index as one thing: the papers, their vectors at two grains, their words, and what all of it was made with.

On disk, in one folder::

    papers.sqlite    the papers, what each source says of them, and the facts below: the source of truth
    chroma/          vectors (or on a Chroma server), and copies of the graphs that are being written
    words-passage/   BM25 over whole papers
    words-sentence/  BM25 over sentences
    lock.db          many readers or one writer
    writer.db        whose turn it is to write
    changes.db       whether the vectors are being changed or copied

While papers are added, and when that was interrupted, the index answers from the papers that are stored. A program
that finds another one writing answers from a copy of the vectors.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from assistant.errors import IndexDamaged, IndexInUse, IndexProblem
from assistant.index.bm25 import WordIndex
from assistant.index.checks import (
    COMPLETE,
    NEW,
    REBUILDING,
    UNFINISHED,
    check_counts,
    check_made_with,
    check_rebuilt,
    made_with,
    missing,
)
from assistant.index.chunking import CHUNKING
from assistant.index.graph_copies import GraphCopies
from assistant.index.identity import Notice, Record
from assistant.index.library import Library
from assistant.index.locks import IndexLock, NoLock
from assistant.index.vectors import Chroma, ChromaStore, copy_chroma
from assistant.models.embedding import SentenceTransformerEmbedding
from assistant.records import Grain, Paper
from assistant.settings import Settings
from assistant.system.disk import needing_room

GRAINS: tuple[Grain, ...] = get_args(Grain)


@dataclass
class Index:
    """An open index. Use ``open_index``; ``close`` it when done."""

    settings: Settings
    library: Library
    stores: dict[Grain, ChromaStore]
    words: dict[Grain, WordIndex]
    lock: IndexLock | NoLock
    copy: TemporaryDirectory[str] | None = None
    _is_written: bool = False
    _is_closed: bool = False

    @property
    def fingerprint(self) -> str:
        """Changes when a paper, the embedding model or the chunking does, as soon as all of the change is stored."""
        return self.library.fact("fingerprint")

    @property
    def label(self) -> str:
        """How answers name the index they came from."""
        name = f"{len(self.library)} papers, {self.fingerprint[:12]}"
        return f"{name} (the last ingest did not finish: run it again)" if self.is_unfinished else name

    @property
    def is_complete(self) -> bool:
        return self.library.fact("state") == COMPLETE

    @property
    def is_unfinished(self) -> bool:
        """Was the last ingest or removal interrupted? It answers from what is stored; the same again finishes it."""
        return self.library.fact("state") == UNFINISHED and not self.lock.is_writing

    @property
    def is_at_rest(self) -> bool:
        """Is all stored, and nobody writing? Then each sentence of each paper has its vector and its words."""
        return self.is_complete and not self.lock.is_writing

    @property
    def is_stored(self) -> bool:
        """Has something changed since the last ``seal``, and is all of it stored? Then ``seal`` is what is left."""
        return self.library.fact("state") == UNFINISHED and not self.library.catalogue.pending()

    @property
    def is_beside_writer(self) -> bool:
        """Was it opened while another program wrote, to be read only?"""
        return isinstance(self.lock, NoLock)

    def note(
        self,
        stored: Sequence[Record],
        dropped: Sequence[Record],
        pending: Mapping[str, str],
        notices: Iterable[Notice] = (),
        dropped_notices: Iterable[Notice] = (),
    ) -> None:
        """State what is about to change, as ``Catalogue.note`` does; unfinished until ``show`` and then ``seal``."""
        is_rebuild = self.library.fact("state") == REBUILDING
        state = REBUILDING if is_rebuild else UNFINISHED
        self.library.catalogue.note(stored, dropped, pending, state, notices, dropped_notices)

    def show(self, papers: Iterable[Paper], gone: Iterable[str]) -> None:
        """Show papers whose vectors are stored, and no longer those that are gone."""
        counts = {f"{grain}_chunks": str(len(store)) for grain, store in self.stores.items()}
        self.library.show(papers, gone, **counts)

    def seal(self, texts: Callable[[Grain], Iterable[tuple[str, str]]]) -> None:
        """Build the word indexes of ids and texts, and state that all is complete."""
        for store in self.stores.values():
            store.let_go()
        for grain in GRAINS:
            WordIndex.build(texts(grain)).save(_words_folder(self.settings, grain))
        self.library.state(fingerprint=_fingerprint(self.library), state=COMPLETE)

    @contextmanager
    def writing(self) -> Iterator[Index]:
        """This index, open for reading, once more and open for writing, while this one goes on answering.

        Papers are found here as soon as they are stored, and by their words once all of it is sealed. Raises
        IndexInUse when another thread or process writes, or another process reads. Do not close what is yielded.
        """
        path = papers_file(self.settings)
        with needing_room(path.parent), self.lock.as_writer(), closing(Library(path, is_writable=True)) as library:
            writer = Index(self.settings, library, self.stores, {}, self.lock)
            self._is_written = True
            try:
                yield writer
            finally:
                self._is_written = False
                if self._is_closed:
                    _close(self.stores)
                elif writer.is_complete:
                    self.words = load_words(self.settings)

    def close(self) -> None:
        """Close all files; those of the vectors, while ``writing`` is under way, as soon as it ends."""
        self._is_closed = True
        if not self._is_written:
            _close(self.stores)
        self.library.close()
        self.lock.release()
        if self.copy:
            self.copy.cleanup()


def is_indexed(settings: Settings) -> bool:
    """Is there any index in the settings' home? An ingest that found no file to read leaves none.

    One whose papers were all removed is an index still: nothing is put in it that nobody asked for.
    """
    path = papers_file(settings)
    if not path.exists():
        return False
    try:
        with closing(Library(path, is_writable=False)) as library:
            return len(library) > 0 or library.fact("state") not in ("", NEW)
    except IndexProblem:
        return path.stat().st_size > 0  # else it was only begun; of another, ``open_index`` says what is wrong with it


def require_index(settings: Settings) -> None:
    """Raises IndexMissing where there is no index."""
    if not is_indexed(settings):
        raise missing(settings)


@contextmanager
def open_library(settings: Settings) -> Iterator[Library]:
    """The papers of an index alone, for reading, whoever writes. Raises IndexMissing or IndexDamaged."""
    require_index(settings)
    with closing(Library(papers_file(settings), is_writable=False)) as library:
        yield library


def open_index(settings: Settings, embedding: SentenceTransformerEmbedding) -> Index:
    """Open an index for reading; one whose last ingest was interrupted says so by ``is_unfinished``.

    While another program writes, it is the papers that are stored and a copy of their vectors, as they are now. Raises
    IndexMissing, IndexMismatch, IndexInUse, IndexDamaged or StoreError, each saying what to do.
    """
    facts = made_with(embedding, CHUNKING)
    try:
        return _open_for_reading(settings, facts)
    except IndexInUse as error:
        return _open_beside_writer(settings, facts, error)


def open_to_verify(settings: Settings) -> Index:
    """Open an index that nobody writes, whatever its vectors were made with. Raises as ``open_index`` does."""
    return _open_for_reading(settings, {})


def _open_for_reading(settings: Settings, facts: Mapping[str, str]) -> Index:
    """``facts``: what the vectors must have been made with."""
    require_index(settings)
    with needing_room(settings.index_folder), ExitStack() as undo:  # what fails leaves neither lock nor file open
        _settle(settings)
        lock = IndexLock(settings.index_folder, is_writer=False)
        undo.callback(lock.release)
        library = Library(papers_file(settings), is_writable=False)
        undo.callback(library.close)
        check_made_with(library, facts)
        check_rebuilt(library)
        stores = _stores(settings, library)
        undo.callback(_close, stores)
        check_counts(library, stores)
        words = load_words(settings, is_complete=library.fact("state") == COMPLETE)
        undo.pop_all()
    return Index(settings, library, stores, words, lock)


def _open_beside_writer(settings: Settings, facts: Mapping[str, str], in_use: IndexInUse) -> Index:
    """Vectors and papers may differ by what the writer does meanwhile, so their numbers are not compared.

    Raises ``in_use`` when there is nothing to be read yet, or no room for a copy.
    """
    with ExitStack() as undo:
        library = Library(papers_file(settings), is_writable=False)
        undo.callback(library.close)
        if library.fact("state") == REBUILDING:
            raise in_use
        check_made_with(library, facts)
        copy = TemporaryDirectory(prefix="footnote-")  # stays empty where a server keeps the vectors
        undo.callback(copy.cleanup)
        folder = Path(copy.name) / "chroma"
        try:
            if not settings.store:
                copy_chroma(_chroma_folder(settings), folder)
            words = load_words(settings, is_complete=False)
        except (IndexInUse, IndexDamaged) as error:
            raise in_use from error
        stores = _stores(settings, library, folder)
        undo.pop_all()
    return Index(settings, library, stores, words, NoLock(), copy)


def open_for_removing(settings: Settings) -> Index:
    """Open an index for one writer who only takes papers away, for which no model is needed.

    Raises as ``open_index`` does.
    """
    require_index(settings)
    return _open_for_writing(settings, None)


def open_for_writing(settings: Settings, embedding: SentenceTransformerEmbedding, *, is_rebuild: bool = False) -> Index:
    """Open or make the index for one writer. With ``is_rebuild``, vectors start empty and any model is welcome.

    Raises as ``open_index`` does, but for IndexMissing.
    """
    return _open_for_writing(settings, embedding, is_rebuild=is_rebuild)


def _open_for_writing(
    settings: Settings, embedding: SentenceTransformerEmbedding | None, *, is_rebuild: bool = False
) -> Index:
    with needing_room(settings.index_folder), ExitStack() as undo:
        _make_folder(settings.index_folder)
        lock = IndexLock(settings.index_folder, is_writer=True)
        undo.callback(lock.release)
        library = Library(papers_file(settings), is_writable=True)
        undo.callback(library.close)
        if is_rebuild:
            _forget_vectors(settings, library)
        else:
            check_rebuilt(library)
        if embedding:
            if is_rebuild or not library.fact("collection"):
                _begin_anew(library, embedding, REBUILDING if is_rebuild else NEW)
            check_made_with(library, made_with(embedding, CHUNKING))
        stores = _stores(settings, library, is_alone=True)
        undo.callback(_close, stores)
        if not is_rebuild:
            check_counts(library, stores)  # papers added now would hide that the others have lost their vectors
        undo.pop_all()
    return Index(settings, library, stores, {}, lock)


def load_words(settings: Settings, *, is_complete: bool = True) -> dict[Grain, WordIndex]:
    """The word indexes; of an index that is not complete, those of the last time it was. Raises IndexDamaged."""
    load = WordIndex.load if is_complete else WordIndex.load_last
    return {grain: load(_words_folder(settings, grain)) for grain in GRAINS}


def papers_file(settings: Settings) -> Path:
    return settings.index_folder / "papers.sqlite"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexDamaged(
            f"{folder} cannot be made ({error.strerror}): set FOOTNOTE_HOME to a folder you can write."
        ) from error


def _begin_anew(library: Library, embedding: SentenceTransformerEmbedding, state: str) -> None:
    """New collections, still without vectors."""
    empty = {f"{grain}_chunks": "0" for grain in GRAINS}
    library.state(
        collection=f"footnote-{uuid.uuid4().hex[:12]}", state=state, **made_with(embedding, CHUNKING), **empty
    )


def _stores(
    settings: Settings, library: Library, folder: Path | None = None, *, is_alone: bool = False
) -> dict[Grain, ChromaStore]:
    """Of the vectors on the settings' server, else in a folder, the index's own if no other is given."""
    chroma = Chroma(settings.store, folder or _chroma_folder(settings), is_alone=is_alone)
    try:
        return {grain: ChromaStore(chroma, name) for grain, name in _collections(library).items()}
    except BaseException:
        chroma.close()
        raise


def _close(stores: Mapping[Grain, ChromaStore]) -> None:
    for store in stores.values():
        store.close()


def _settle(settings: Settings) -> None:
    """Before it is read, finish what a writer that was killed left cut short. Raises IndexInUse."""
    if settings.store or not GraphCopies(_chroma_folder(settings)).left():
        return
    lock = IndexLock(settings.index_folder, is_writer=True)
    try:
        Chroma("", _chroma_folder(settings), is_alone=True).close()
    finally:
        lock.release()


def _chroma_folder(settings: Settings) -> Path:
    return settings.index_folder / "chroma"


def _collections(library: Library) -> dict[Grain, str]:
    """The names of the stores; their collections in Chroma begin with these."""
    return {grain: f"{library.fact('collection')}-{grain}" for grain in GRAINS}


def _forget_vectors(settings: Settings, library: Library) -> None:
    """Drop the old vectors: the whole folder of embedded Chroma (it may be damaged), or our collections on a server."""
    with GraphCopies(_chroma_folder(settings)).changing():
        shutil.rmtree(_chroma_folder(settings), ignore_errors=True)
    if settings.store and library.fact("collection"):
        with closing(Chroma(settings.store, _chroma_folder(settings))) as chroma:
            for name in _collections(library).values():
                chroma.drop(name)


def _words_folder(settings: Settings, grain: Grain) -> Path:
    return settings.index_folder / f"words-{grain}"


def _fingerprint(library: Library) -> str:
    digest = hashlib.sha256("\n".join((CHUNKING, library.fact("embedding"))).encode())
    for paper_id, content_hash in library.each_content_hash():
        digest.update(f"\n{paper_id}={content_hash}".encode())
    return digest.hexdigest()
