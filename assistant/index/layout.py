"""Where the parts of an index are in its folder.

papers.sqlite              the papers, what each source says of them, which rows of vectors are theirs, and named
                           facts about the index: the source of truth
vectors-GRAIN-NUMBER.f16   all vectors of a grain in 16 bits: what the vector store loses is filled from here
chroma/                    the vector store (or on a server): the same vectors, to be searched faster
words-GRAIN/               BM25 over whole papers (passage) and over sentences
lock.db, writer.db,
watch.db                   the locks (``locks.py``)
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from assistant.index.bm25 import WordIndex
from assistant.records import Grain
from assistant.settings import Settings

GRAINS: tuple[Grain, ...] = get_args(Grain)


def papers_file(settings: Settings) -> Path:
    return settings.index_folder / "papers.sqlite"


def chroma_folder(settings: Settings) -> Path:
    return settings.index_folder / "chroma"


def words_folder(settings: Settings, grain: Grain) -> Path:
    return settings.index_folder / f"words-{grain}"


def load_words(settings: Settings, *, is_complete: bool = True) -> dict[Grain, WordIndex]:
    """The word indexes; of an index that is not complete, those of the last time it was. Raises IndexDamaged."""
    load = WordIndex.load if is_complete else WordIndex.load_last
    return {grain: load(words_folder(settings, grain)) for grain in GRAINS}
