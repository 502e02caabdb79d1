"""The index as one thing: the papers, their vectors at two grains, their words, and what all of it was made with.

On disk, in one folder::

    papers.sqlite    the papers, and the facts below: the source of truth
    chroma/          vectors (or on a Chroma server)
    words-passage/   BM25 over whole papers
    words-sentence/  BM25 over sentences
    lock.db          many readers or one writer
    writer.db        whose turn it is to write
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from assistant.embedding import SentenceTransformerEmbedding
from assistant.errors import IndexDamaged, IndexMismatch, IndexMissing, IndexProblem
from assistant.lexical import WordIndex
from assistant.library import Library
from assistant.locking import IndexLock
from assistant.records import Grain, Paper
from assistant.settings import Settings
from assistant.store import ChromaStore, connect, drop_collections

# Change this name whenever the chunks or the embedded text change: an index made otherwise is then refused.
CHUNKING = "passage140-sentence-1"
GRAINS: tuple[Grain, ...] = get_args(Grain)
REBUILD = "run `footnote index rebuild`"
_UNFINISHED, _REBUILDING = "unfinished", "rebuilding"


@dataclass
class Index:
    """An open index. Use ``open_index``; ``close`` it when done."""

    settings: Settings
    library: Library
    stores: dict[Grain, ChromaStore]
    words: dict[Grain, WordIndex]
    lock: IndexLock

    @property
    def fingerprint(self) -> str:
        """Changes when a paper, the embedding model or the chunking does, as soon as all of the change is stored."""
        return self.library.fact("fingerprint")

    @property
    def label(self) -> str:
        """How answers name the index they came from."""
        return f"{len(self.library)} papers, {self.fingerprint[:12]}"

    def begin(self) -> None:
        """State that an ingest is under way; until ``seal``, the index is refused to readers."""
        if self.library.fact("state") != _REBUILDING:
            self.library.state(state=_UNFINISHED)

    def seal(self, texts: dict[Grain, dict[str, str]]) -> None:
        """Build the word indexes from ``{grain: {id: text}}``, note the counts, and state that all is complete."""
        for grain, named_texts in texts.items():
            WordIndex.build(list(named_texts), list(named_texts.values())).save(_words_folder(self.settings, grain))
        facts = (CHUNKING, self.library.fact("embedding"), *map("=".join, self.library.content_hashes().items()))
        self.library.state(
            **{f"{grain}_chunks": str(len(store)) for grain, store in self.stores.items()},
            fingerprint=hashlib.sha256("\n".join(facts).encode()).hexdigest(),
            state="complete",
        )

    @property
    def is_complete(self) -> bool:
        return self.library.fact("state") == "complete"

    @property
    def is_unfinished(self) -> bool:
        """Was something begun and not sealed? A rebuild that was begun is another matter: it has lost all vectors."""
        return self.library.fact("state") == _UNFINISHED

    @contextmanager
    def writing(self) -> Iterator[Index]:
        """This index, open for reading, once more and open for writing, while this one goes on answering.

        Papers are found here as soon as they are stored, and by their words once all of it is sealed. Raises
        IndexInUse when another thread or process writes, or another process reads. Do not close what is yielded.
        """
        with self.lock.as_writer(), closing(Library(_papers_file(self.settings), is_writable=True)) as library:
            writer = Index(self.settings, library, self.stores, {}, self.lock)
            try:
                yield writer
            finally:
                if writer.is_complete:
                    self.words = _words(self.settings)

    def close(self) -> None:
        self.library.close()
        self.lock.release()


def is_indexed(settings: Settings) -> bool:
    """Is there any index in the settings' home? An ingest that found no file to read leaves none.

    One whose papers were all removed is an index still: nothing is put in it that nobody asked for.
    """
    path = _papers_file(settings)
    if not path.exists():
        return False
    try:
        with closing(Library(path, is_writable=False)) as library:
            return len(library) > 0 or library.fact("state") not in ("", "new")
    except IndexProblem:
        return True  # ``open_index`` says what is wrong with it


def all_papers_of(settings: Settings) -> list[Paper]:
    """Every indexed paper, in the order of ids. Raises IndexMissing, IndexInUse or IndexDamaged."""
    if not is_indexed(settings):
        raise _missing(settings)
    lock = IndexLock(settings.index_folder, is_writer=False)
    try:
        with closing(Library(_papers_file(settings), is_writable=False)) as library:
            return list(library.all_papers())
    finally:
        lock.release()


def open_index(settings: Settings, embedding: SentenceTransformerEmbedding) -> Index:
    """Open a finished index for reading.

    Raises IndexMissing, IndexMismatch, IndexInUse, IndexDamaged or StoreError, each saying what to do.
    """
    if not is_indexed(settings):
        raise _missing(settings)
    with ExitStack() as undo:  # whatever fails, neither the lock nor the file stays open
        lock = IndexLock(settings.index_folder, is_writer=False)
        undo.callback(lock.release)
        library = Library(_papers_file(settings), is_writable=False)
        undo.callback(library.close)
        _check_made_with(library, embedding)
        _check_rebuilt(library)
        if library.fact("state") != "complete":
            raise IndexDamaged(f"The last ingest did not finish: run the same command again, or {REBUILD}.")
        stores = _stores(settings, library)
        _check_counts(library, stores)
        words = _words(settings)
        undo.pop_all()
    return Index(settings, library, stores, words, lock)


def open_for_writing(settings: Settings, embedding: SentenceTransformerEmbedding, *, is_rebuild: bool = False) -> Index:
    """Open or make the index for one writer. With ``is_rebuild``, vectors start empty and any model is welcome.

    Raises as ``open_index`` does, but for IndexMissing.
    """
    try:
        settings.index_folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise IndexDamaged(
            f"{settings.index_folder} cannot be made ({error.strerror}): set FOOTNOTE_HOME to a folder you can write."
        ) from error
    with ExitStack() as undo:
        lock = IndexLock(settings.index_folder, is_writer=True)
        undo.callback(lock.release)
        library = Library(_papers_file(settings), is_writable=True)
        undo.callback(library.close)
        if is_rebuild:
            _forget_vectors(settings, library)
        else:
            _check_rebuilt(library)
        if is_rebuild or not library.fact("collection"):
            library.state(
                collection=f"footnote-{uuid.uuid4().hex[:12]}",
                embedding=embedding.fingerprint,
                dimension=str(embedding.dimension),
                chunking=CHUNKING,
                state=_REBUILDING if is_rebuild else "new",
            )
        _check_made_with(library, embedding)
        stores = _stores(settings, library)
        if library.fact("state") == "complete":
            _check_counts(library, stores)  # papers added now would hide that the others have lost their vectors
        undo.pop_all()
    return Index(settings, library, stores, {}, lock)


def _missing(settings: Settings) -> IndexMissing:
    return IndexMissing(
        f"Nothing is indexed in {settings.index_folder} yet: run `footnote ingest PATH...` with your papers, "
        "or `footnote ingest --bundled` for the bundled ones."
    )


def _stores(settings: Settings, library: Library) -> dict[Grain, ChromaStore]:
    client = connect(settings.store, settings.index_folder / "chroma")
    return {grain: ChromaStore(client, name) for grain, name in _collections(library).items()}


def _collections(library: Library) -> dict[Grain, str]:
    return {grain: f"{library.fact('collection')}-{grain}" for grain in GRAINS}


def _forget_vectors(settings: Settings, library: Library) -> None:
    """Drop the old vectors: the whole folder of embedded Chroma (it may be damaged), or our collections on a server."""
    shutil.rmtree(settings.index_folder / "chroma", ignore_errors=True)
    if settings.store and library.fact("collection"):
        drop_collections(connect(settings.store, settings.index_folder), _collections(library).values())


def _papers_file(settings: Settings) -> Path:
    return settings.index_folder / "papers.sqlite"


def _words(settings: Settings) -> dict[Grain, WordIndex]:
    return {grain: WordIndex.load(_words_folder(settings, grain)) for grain in GRAINS}


def _words_folder(settings: Settings, grain: Grain) -> Path:
    return settings.index_folder / f"words-{grain}"


def _check_rebuilt(library: Library) -> None:
    if library.fact("state") == _REBUILDING:
        raise IndexDamaged(f"The last rebuild did not finish: {REBUILD} again.")


def _check_counts(library: Library, stores: dict[Grain, ChromaStore]) -> None:
    for grain, store in stores.items():
        expected = int(library.fact(f"{grain}_chunks") or 0)
        if len(store) != expected:
            raise IndexDamaged(f"The index holds {len(store)} of {expected} {grain} vectors: {REBUILD}.")


def _check_made_with(library: Library, embedding: SentenceTransformerEmbedding) -> None:
    made_with = {name: library.fact(name) for name in ("embedding", "dimension", "chunking")}
    asked = {"embedding": embedding.fingerprint, "dimension": str(embedding.dimension), "chunking": CHUNKING}
    for name, value in asked.items():
        if made_with[name] != value:
            raise IndexMismatch(
                f"The index was made with {name} {made_with[name] or 'unknown'}, and {value} was asked for: "
                f"use the old setting again, or {REBUILD} to change the index."
            )
