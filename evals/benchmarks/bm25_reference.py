"""BM25 as retrieval papers report it: the reference for our own BM25 in every retrieval eval.

Lucene's analysis (lower-cased letters and digits, its 33 English stop words, Porter stems) and its default k1 = 1.2
and b = 0.75 over title and text. Ours differs in a longer list of stop words, in Snowball's stems, and in asking for
each word of a query once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import bm25s
import numpy as np
import Stemmer

from assistant.records import Paper

_K1, _B = 1.2, 0.75
_STOP_WORDS = frozenset(
    """a an and are as at be but by for if in into is it no not of on or such that the their then there these they
    this to was will with""".split()
)
_STEMMER = Stemmer.Stemmer("porter")


class ReferenceBM25:
    """Ranks papers for a query, in memory."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._ids = [paper.paper_id for paper in papers]
        self._model = bm25s.BM25(method="lucene", k1=_K1, b=_B)
        terms = [_terms(_text(paper)) for paper in papers]
        self._model.index(terms if any(terms) else [[""]], show_progress=False)  # it refuses an empty vocabulary

    def rank(self, query: str, count: int) -> dict[str, float]:
        """The ids of at most ``count`` papers that hold a word of it, with their scores, best first."""
        known = [term for term in _terms(query) if term in self._model.vocab_dict]
        scores = self._model.get_scores(known) if known else np.zeros(len(self._ids))
        order = np.argsort(-scores, kind="stable")[:count]
        return {self._ids[place]: float(scores[place]) for place in order if scores[place] > 0}


def _terms(text: str) -> list[str]:
    found: list[str] = _STEMMER.stemWords(
        [word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _STOP_WORDS]
    )
    return found


def _text(paper: Paper) -> str:
    """Title and abstract; the title once where the abstract opens with it, as Cranfield's do."""
    return paper.abstract if paper.abstract.startswith(paper.title) else f"{paper.title} {paper.abstract}"
