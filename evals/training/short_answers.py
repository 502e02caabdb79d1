"""Fits the short answers (``assistant/answering/short_answers.py``) on questions that the reader was not trained on.

``python -m evals.training.short_answers --abstracts FILE... --medicine FILE`` prints the coefficients, and, with ten
parts of the documents left out in turn, how many words are right among those that are said. The questions: those of
PubMedQA with their conclusions, the same turned round (``verifier_data/turned_questions.jsonl``), without which a
regression learns how a conclusion sounds when the answer is no, and the yes/no questions held out in training.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from assistant.answering.short_answers import PackagedShortAnswers
from assistant.records import ShortWord
from evals.training.claim_rows import held_out_questions, lines_of

SEED = 0
_PARTS = 10
_SHARES = (0.3, 0.5, 0.7)  # of the questions, the surest first
_THRESHOLDS = (0.65, 0.7, 0.75, 0.8)
_WORDS: tuple[ShortWord, ...] = ("yes", "no", "mixed", "unclear")


@dataclass(frozen=True, slots=True)
class Item:
    """``kind`` names the set; ``doc`` what may not be in two parts."""

    kind: str
    doc: str
    question: str
    source: str
    word: ShortWord


def load(abstracts: Sequence[Path], medicine: Path) -> list[Item]:
    """Raises KeyError for a document that is not in ``abstracts`` or a question that is not in ``medicine``."""
    with gzip.open(medicine, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    conclusions = {record["question"]: _conclusion(record["sections"]) for record in records}
    decisions: dict[str, ShortWord] = {"yes": "yes", "no": "no", "maybe": "mixed"}
    items = [
        Item("medicine", question, question, conclusions[question], decisions[record["decision"]])
        for record in records
        for question in [record["question"]]
    ]
    items += [
        Item("medicine, turned", line["of"], line["q"], conclusions[line["of"]], line["verdict"])
        for line in lines_of("turned_questions.jsonl")
    ]
    items += [
        Item("held out in training", doc, question, source, word)
        for doc, question, source, word in held_out_questions(abstracts)
    ]
    return items


def _conclusion(sections: Sequence[tuple[str, str]]) -> str:
    return " ".join(text for name, text in sections if "CONCLU" in name.upper()) or sections[-1][1]


def signals_of(items: Sequence[Item]) -> tuple[list[str], NDArray[np.float64]]:
    """The names of the signals, and their values ``(items, signals)``."""
    model = PackagedShortAnswers()
    found = [model.signals(item.source, item.question) for item in tqdm(items, desc="reading")]
    names = list(found[0])
    return names, np.array([[signals[name] for name in names] for signals in found])


def fitted(matrix: NDArray[np.float64], words: Sequence[str]) -> LogisticRegression:
    return LogisticRegression(max_iter=5000).fit(matrix, words)


def left_out_shares(items: Sequence[Item], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of each of ``_WORDS`` for each item, by a regression that has not seen its document."""
    documents = sorted({item.doc for item in items})
    random.Random(SEED).shuffle(documents)
    part_of = {doc: place % _PARTS for place, doc in enumerate(documents)}
    parts = np.array([part_of[item.doc] for item in items])
    words = np.array([item.word for item in items])
    shares = np.zeros((len(items), len(_WORDS)))
    for part in range(_PARTS):
        model = fitted(matrix[parts != part], words[parts != part])
        columns = [_WORDS.index(word) for word in model.classes_]
        shares[np.ix_(parts == part, columns)] = model.predict_proba(matrix[parts == part])
    return shares


def report(items: Sequence[Item], shares: NDArray[np.float64]) -> Iterator[str]:
    """Per set, the share of right words among the surest, and at some thresholds."""
    for kind in dict.fromkeys(item.kind for item in items):
        rows = np.array([item.kind == kind for item in items])
        right = np.array([_WORDS.index(item.word) for item in items])[rows] == shares[rows].argmax(axis=1)
        sure = shares[rows].max(axis=1)
        surest = np.argsort(-sure)
        of_shares = ", ".join(
            f"surest {share:.0%} {right[surest[: int(share * len(right))]].mean():.3f}" for share in _SHARES
        )
        yield f"{kind} ({len(right)}): {of_shares}"
        for threshold in _THRESHOLDS:
            said = sure >= threshold
            yield f"  at {threshold}: {said.mean():.2f} said, {right[said].mean():.3f} right"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--abstracts", nargs="+", type=Path, required=True)
    parser.add_argument("--medicine", type=Path, required=True, help="PubMedQA")
    options = parser.parse_args()
    items = load(options.abstracts, options.medicine)
    names, matrix = signals_of(items)
    for line in report(items, left_out_shares(items, matrix)):
        print(line)
    model = fitted(matrix, [item.word for item in items])
    for word, weights, intercept in zip(model.classes_, model.coef_, model.intercept_, strict=True):
        print(f"{word}: {dict(zip(names, weights.round(4).tolist(), strict=True))}, {intercept:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
