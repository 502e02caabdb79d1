"""Opens an index, for reading or for writing."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.errors import IndexDamaged, IndexInUse, IndexProblem
from assistant.index.checks import (
    COMPLETE,
    NEW,
    REBUILDING,
    check_counts,
    check_made_with,
    check_rebuilt,
    made_with,
    missing,
)
from assistant.index.chunking import CHUNKING
from assistant.index.graph_copies import GraphCopies
from assistant.index.index import Index, close_stores
from assistant.index.layout import GRAINS, chroma_folder, load_words, papers_file
from assistant.index.library import Library
from assistant.index.locks import IndexLock, NoLock
from assistant.index.vectors import Chroma, ChromaStore, copy_chroma
from assistant.interfaces import Embedder
from assistant.records import Grain
from assistant.settings import Settings
from assistant.system.disk import translating_full_disk


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
        return path.stat().st_size > 0  # if empty, it was only begun; otherwise opening it says what is wrong


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


def open_for_reading(settings: Settings, embedding: Embedder) -> Index:
    """Open an index for reading; one whose last ingest was interrupted says so by ``is_unfinished``.

    While another program writes, it is the papers that are stored and a copy of their vectors, as they are now. Raises
    IndexMissing, IndexMismatch, IndexInUse, IndexDamaged or StoreError, each saying what to do.
    """
    facts = made_with(embedding, CHUNKING)
    try:
        return _open_locked(settings, facts)
    except IndexInUse as error:
        return _open_beside_writer(settings, facts, error)


def open_to_verify(settings: Settings) -> Index:
    """Open an index that nobody writes, whatever its vectors were made with. Raises as ``open_for_reading`` does."""
    return _open_locked(settings, {})


def _open_locked(settings: Settings, facts: Mapping[str, str]) -> Index:
    """``facts``: what the vectors must have been made with."""
    require_index(settings)
    # The stack closes the lock and the files that are open when a later step fails.
    with translating_full_disk(settings.index_folder), ExitStack() as undo:
        _settle(settings)
        lock = IndexLock(settings.index_folder, is_writer=False)
        undo.callback(lock.release)
        library = Library(papers_file(settings), is_writable=False)
        undo.callback(library.close)
        check_made_with(library, facts)
        check_rebuilt(library)
        stores = _stores(settings, library)
        undo.callback(close_stores, stores)
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
                copy_chroma(chroma_folder(settings), folder)
            words = load_words(settings, is_complete=False)
        except (IndexInUse, IndexDamaged) as error:
            raise in_use from error
        stores = _stores(settings, library, folder)
        undo.pop_all()
    return Index(settings, library, stores, words, NoLock(), copy)


def open_for_removing(settings: Settings) -> Index:
    """Open an index for one writer who only takes papers away, for which no model is needed.

    Raises as ``open_for_reading`` does.
    """
    require_index(settings)
    return _open_exclusively(settings, None)


def open_for_writing(settings: Settings, embedding: Embedder, *, is_rebuild: bool = False) -> Index:
    """Open or make the index for one writer. With ``is_rebuild``, vectors start empty and any model is welcome.

    Raises as ``open_for_reading`` does, but for IndexMissing.
    """
    return _open_exclusively(settings, embedding, is_rebuild=is_rebuild)


def _open_exclusively(settings: Settings, embedding: Embedder | None, *, is_rebuild: bool = False) -> Index:
    with translating_full_disk(settings.index_folder), ExitStack() as undo:
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
        undo.callback(close_stores, stores)
        if not is_rebuild:
            check_counts(library, stores)  # papers added now would hide that the others have lost their vectors
        undo.pop_all()
    return Index(settings, library, stores, {}, lock)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexDamaged(
            f"{folder} cannot be made ({error.strerror}): set FOOTNOTE_HOME to a folder you can write."
        ) from error


def _begin_anew(library: Library, embedding: Embedder, state: str) -> None:
    """New collections, still without vectors."""
    empty = {f"{grain}_chunks": "0" for grain in GRAINS}
    library.state(
        collection=f"footnote-{uuid.uuid4().hex[:12]}", state=state, **made_with(embedding, CHUNKING), **empty
    )


def _stores(
    settings: Settings, library: Library, folder: Path | None = None, *, is_alone: bool = False
) -> dict[Grain, ChromaStore]:
    """Of the vectors on the settings' server, else in a folder, the index's own if no other is given."""
    chroma = Chroma(settings.store, folder or chroma_folder(settings), is_alone=is_alone)
    try:
        return {grain: ChromaStore(chroma, name) for grain, name in _collections(library).items()}
    except BaseException:
        chroma.close()
        raise


def _settle(settings: Settings) -> None:
    """Before it is read, finish what a writer that was killed left cut short. Raises IndexInUse."""
    if settings.store or not GraphCopies(chroma_folder(settings)).left():
        return
    lock = IndexLock(settings.index_folder, is_writer=True)
    try:
        Chroma("", chroma_folder(settings), is_alone=True).close()
    finally:
        lock.release()


def _collections(library: Library) -> dict[Grain, str]:
    """The names of the stores; their collections in Chroma begin with these."""
    return {grain: f"{library.fact('collection')}-{grain}" for grain in GRAINS}


def _forget_vectors(settings: Settings, library: Library) -> None:
    """Drop the old vectors: the whole folder of embedded Chroma (it may be damaged), or our collections on a server."""
    with GraphCopies(chroma_folder(settings)).changing():
        shutil.rmtree(chroma_folder(settings), ignore_errors=True)
    if settings.store and library.fact("collection"):
        with closing(Chroma(settings.store, chroma_folder(settings))) as chroma:
            for name in _collections(library).values():
                chroma.drop(name)
