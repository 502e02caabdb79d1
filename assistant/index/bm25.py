"""Word search: a BM25 index over papers and one over sentences, computed by bm25s and stored on disk.

An index is built once at the end of an ingest and loaded completely; a question never rebuilds it. Okapi BM25 as in
Robertson and Zaragoza (2009) with Lucene's idf, k1 = 1.2 and b = 0.75, over Snowball stems.
"""

from __future__ import annotations

import json
import math
import shutil
from array import array
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexDamaged
from assistant.system.disk import fsync_folder_and_files
from assistant.text.stemming import stems

_K1, _B = 1.2, 0.75


class WordIndex:
    """BM25 over texts known by their ids."""

    def __init__(self, ids: Sequence[str], model: bm25s.BM25 | None) -> None:
        self._ids = list(ids)
        self._model = model

    @classmethod
    def build(cls, texts: Iterable[tuple[str, str]]) -> WordIndex:
        """An index of pairs of an id and a text. A stem takes four bytes of memory; texts are not kept."""
        ids, corpus, vocabulary = [], [], dict[str, int]()
        for name, text in texts:
            ids.append(name)
            corpus.append(array("i", [vocabulary.setdefault(stem, len(vocabulary)) for stem in stems(text)]))
        if not vocabulary:
            return cls(ids, None)
        model = bm25s.BM25(method="lucene", k1=_K1, b=_B)
        model.index((corpus, vocabulary), show_progress=False)
        return cls(ids, model)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self._ids)}

    @property
    def ids(self) -> Sequence[str]:
        return self._ids

    def scores(self, question: str) -> NDArray[np.float32]:
        """BM25 of every text for a question, in the order of the ids."""
        known = self._known(question)
        if not known or self._model is None:
            return np.zeros(len(self._ids), dtype=np.float32)
        scores: NDArray[np.float32] = self._model.get_scores(known)
        return scores

    def best(self, question: str, count: int, ids: Collection[str] = ()) -> dict[str, float]:
        """The ``count`` best texts with a score above zero: id to score, best first, ties in the order of ids.

        With ``ids``, only these texts are ranked.
        """
        scores = self.scores(question)
        if ids:
            inside = np.zeros(len(scores), dtype=bool)
            inside[[self._rows[name] for name in ids if name in self._rows]] = True
            scores = np.where(inside, scores, 0)
        order = np.argsort(-scores, kind="stable")[:count]
        return {self._ids[place]: float(scores[place]) for place in order if scores[place] > 0}

    def scores_of(self, question: str, ids: Iterable[str]) -> dict[str, float]:
        """The BM25 scores of those of these texts that are indexed."""
        scores = self.scores(question)
        return {name: float(scores[self._rows[name]]) for name in ids if name in self._rows}

    def max_score(self, question: str) -> float:
        """An upper bound of the score of any text: the sum of the idf of the question's words; 1 if none is known.

        BM25's term weight stays below idf * (k1 + 1) / (k1 + 1) = idf in Lucene's form, which leaves out (k1 + 1).
        """
        return sum(self.idf(stem) for stem in set(self._known(question))) or 1.0

    @property
    def rarest_word_score(self) -> float:
        """The idf of a word that occurs in one text."""
        return self._idf(1)

    def idf(self, stem: str) -> float:
        """Lucene's inverse document frequency; for an unknown stem, that of a word that occurs in no text."""
        vocabulary = self._model.vocab_dict if self._model else {}
        column = vocabulary.get(stem)
        bounds = self._model.scores["indptr"] if self._model else ()
        return self._idf(0 if column is None else int(bounds[column + 1] - bounds[column]))

    def _idf(self, frequency: int) -> float:
        return math.log(1 + (len(self._ids) - frequency + 0.5) / (frequency + 0.5))

    def _known(self, question: str) -> list[str]:
        vocabulary = self._model.vocab_dict if self._model else {}
        return list(dict.fromkeys(stem for stem in stems(question) if stem in vocabulary))

    def save(self, folder: Path) -> None:
        """Write to ``folder``, replacing the previous index only when everything is written.

        At every moment, either the folder or the one of the last time is there and whole.
        """
        fresh, last = folder.with_name(f"{folder.name}.new"), _last(folder)
        if folder.exists():
            shutil.rmtree(last, ignore_errors=True)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        if self._model:
            self._model.save(str(fresh), show_progress=False)
        (fresh / "ids.json").write_text(json.dumps(self._ids), encoding="utf-8")
        fsync_folder_and_files(fresh)
        if folder.exists():
            folder.rename(last)
        fresh.rename(folder)
        shutil.rmtree(last, ignore_errors=True)

    @classmethod
    def load_last(cls, folder: Path) -> WordIndex:
        """Load what was saved last, also if replacing it was interrupted; an empty index if nothing was saved."""
        found = next((place for place in (folder, _last(folder)) if place.exists()), None)
        return cls.load(found) if found else cls([], None)

    @classmethod
    def load(cls, folder: Path) -> WordIndex:
        """Raises IndexDamaged if the folder is missing or its files are inconsistent."""
        try:
            ids = json.loads((folder / "ids.json").read_text(encoding="utf-8"))
            has_model = any(path.name != "ids.json" for path in folder.iterdir())
            model = bm25s.BM25.load(str(folder), show_progress=False) if has_model else None
            if not isinstance(ids, list):
                raise ValueError("ids.json holds no list")
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise IndexDamaged(
                f"The word index in {folder} cannot be read ({error}): run `footnote index rebuild`."
            ) from error
        if model and model.scores["num_docs"] != len(ids):
            raise IndexDamaged(f"The word index in {folder} is incomplete: run `footnote index rebuild`.")
        return cls(ids, model)


def _last(folder: Path) -> Path:
    """The folder of the previous index while it is being replaced."""
    return folder.with_name(f"{folder.name}.last")
