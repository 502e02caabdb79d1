"""What Footnote asks of the models and stores that can be exchanged, as Protocols with only the methods that are used.

Implementations are in ``models``, ``index`` and ``answering``; ``tests/support/fakes.py`` has small ones, whose results
can be worked out by hand.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.records import Retrieval, ShortWord
from prompts import Prompt, Style


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Identifies the model and its settings: equal fingerprints mean equal vectors of papers."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def device(self) -> str:
        """Where the model runs, for a person to read."""
        ...

    def vectors_of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of the shape ``(len(texts), dimension)`` to be stored."""
        ...

    def get_query_embedding(self, query: str) -> list[float]:
        """The vector of a question, to be compared with stored ones."""
        ...


class VectorStore(Protocol):
    """Unit vectors of the chunks of one grain, by the chunks' ids, in cosine space.

    Filled from the exact store (``index/exact.py``), which alone gives back all ids and all vectors: this one is only
    searched, and may be discarded and filled again at any time. Methods raise StoreError or IndexDamaged.
    """

    def put(self, ids: Sequence[str], vectors: NDArray[np.float32], paper_ids: Sequence[str]) -> None:
        """Store ``(chunks, dimension)`` vectors by id, each of a paper; an id that is stored already is replaced."""
        ...

    def delete_papers(self, paper_ids: Sequence[str]) -> None:
        """Delete every chunk of these papers; ids that are not stored are ignored."""
        ...

    def query(self, vector: Sequence[float], count: int, paper_ids: Collection[str] = ()) -> dict[str, float]:
        """The ``count`` nearest chunks, of these papers if any are given: id to cosine, the nearest first."""
        ...

    def count(self) -> int | None:
        """How many vectors are stored; None when the store cannot tell."""
        ...

    def clear(self) -> None:
        """Delete every chunk."""
        ...

    def close(self) -> None:
        """Release files and connections; safe to repeat."""
        ...


class LanguageModel(Protocol):
    """Answers prompts."""

    @property
    def label(self) -> str:
        """Names the model in answers."""
        ...

    @property
    def style(self) -> Style: ...

    @property
    def offload(self) -> str:
        """Where the model really runs, for a person to read."""
        ...

    def write(self, prompt: Prompt, stop: threading.Event) -> Iterator[str]:
        """The answer in pieces. Raises Stopped once ``stop`` is set, and ModelError when the model fails."""
        ...

    def close(self) -> None: ...


class Abstract(NamedTuple):
    """A title and the sentences of its abstract."""

    title: str
    sentences: tuple[str, ...]


class PairModel(Protocol):
    """Compares a question with a passage: a cross-encoder. Safe to call from several threads."""

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For each question and passage a score, on a scale of the model's own: higher for a better answer."""
        ...


class SentenceScorer(Protocol):
    """Scores every sentence of whole abstracts for questions."""

    def logits(self, questions: Sequence[str], abstracts: Sequence[Abstract]) -> list[list[list[float]]]:
        """For each question and each abstract one logit per sentence; 0 stands for "no sentence answers"."""
        ...


class Reranker(Protocol):
    """Puts what the search found into a better order."""

    def rerank(self, question: str, found: Retrieval) -> Retrieval:
        """The same papers and sentences reordered, with ``signals`` for the gate and the best paper for each side."""
        ...


class Judge(Protocol):
    """Compares a claim with its source: a verifier model."""

    def probability(self, source: str, claim: str) -> tuple[float, str]:
        """The probability that the source supports the claim, and the word it supports least, if known."""
        ...


class ShortAnswerModel(Protocol):
    """Answers yes/no questions from a text."""

    def shares(self, source: str, question: str) -> dict[ShortWord, float]:
        """The probability of each word to be the answer that the source gives; they sum to one."""
        ...
