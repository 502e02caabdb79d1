"""Fits the gate (``assistant/answering/gate.py``) on ``tune`` questions and prints its coefficients.

``make calibrate`` runs it.

These are the questions of the ``tune`` split and those of ``gate.jsonl``, about the same papers, and with ``--outside``
questions about other papers in an index of their own (``evals.training.outside_corpus``). Every answerable one about
the bundled papers is used twice: as it is, and with its right papers removed from the results, which makes a question
that no paper answers. Real unanswerable questions have more weight, because the artificial ones are easy. The gate is
judged on ``test``, and on the questions of another author (``plain.jsonl``). The threshold is set so that, with a
confidence of 95%, at most ``MOST_DECLINED`` of the answerable questions like those of ``tune`` are declined.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from assistant.answering.gate import PACKAGED_GATE, gate_signals
from assistant.answering.question import standalone_question
from assistant.answering.reranking import worth_reading
from assistant.answering.retrieval import Retriever
from assistant.answering.selection import requested_form
from assistant.assistant import Assistant
from assistant.interfaces import Reranker
from assistant.records import Retrieval
from assistant.system.progress import Progress, no_progress
from evals.metrics import auroc
from evals.questions import GATE_PATH, PLAIN_PATH, EvalQuestion, load
from evals.statistics import upper_bound_of_share

RIDGE = 0.1  # of the squared, standardised coefficients
# What the share of answerable questions that are declined stays below, with a confidence of 95%.
MOST_DECLINED = 0.05
_OUTSIDE_QUESTIONS = 600  # of the outside questions are used, every nth


@dataclass(frozen=True, slots=True)
class Searcher:
    """The stages before the gate."""

    retriever: Retriever
    reranker: Reranker


Example = tuple[Mapping[str, float], bool, float]
"""Signals, whether it is answerable, weight."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outside", nargs=2, type=Path, metavar=("HOME", "QUESTIONS"))
    options = parser.parse_args()
    with Assistant.open() as assistant:
        searcher = Searcher(assistant.retriever, assistant.reranker)
        sets = {
            "tune": examples(searcher, [*load(splits=("tune",)), *load(GATE_PATH)]),
            "test": examples(searcher, load(splits=("test",))),
            "plain": examples(searcher, load(PLAIN_PATH)),
        }
    if options.outside:
        sets["outside"] = _outside_examples(*options.outside)
    names = list(PACKAGED_GATE.coefficients)
    weights, intercept = fit([*sets["tune"], *sets.get("outside", ())], names)
    print("coefficients", {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)})
    print("intercept", round(intercept, 4))
    lowest = threshold(logits_of(sets["tune"], names, weights, intercept)[0])
    print(f"threshold: probability {1 / (1 + np.exp(-lowest)):.3f}")
    for split, found in sets.items():
        positives, negatives = logits_of(found, names, weights, intercept)
        print(
            f"{split}: AUROC {auroc(positives, negatives):.3f}; declined at the threshold: "
            f"{np.mean(np.array(positives) < lowest):.0%} of {len(positives)} answerable, "
            f"{np.mean(np.array(negatives) < lowest):.0%} of {len(negatives)} unanswerable"
        )
    return 0


def threshold(answerable: Sequence[float]) -> float:
    """The highest logit below which so few of the answerable questions lie that ``MOST_DECLINED`` is kept."""
    logits = sorted(answerable)
    allowed = [number for number in range(len(logits)) if upper_bound_of_share(number, len(logits)) <= MOST_DECLINED]
    return logits[max(allowed, default=0)]


def logits_of(
    found: Sequence[Example], names: Sequence[str], weights: NDArray[np.float64], intercept: float
) -> tuple[list[float], list[float]]:
    """Of the real questions: the logits of those that are answerable, and of the others."""
    real = [(_logit(signals, names, weights, intercept), answerable) for signals, answerable, weight in found if weight]
    return [logit for logit, answerable in real if answerable], [logit for logit, answerable in real if not answerable]


def _outside_examples(home: Path, path: Path) -> list[Example]:
    questions = load(path)
    with Assistant.open(home=home) as assistant:
        searcher = Searcher(assistant.retriever, assistant.reranker)
        return examples(searcher, questions[:: max(1, len(questions) // _OUTSIDE_QUESTIONS)], artificial=False)


def examples(
    searcher: Searcher,
    questions: Sequence[EvalQuestion],
    progress: Progress = no_progress,
    *,
    artificial: bool = True,
) -> list[Example]:
    """The signals of every question.

    With ``artificial``, also of each answerable one without its right papers (weight 0: to fit only).
    """
    found: list[Example] = []
    for number, question in enumerate(questions, start=1):
        retrieval = searcher.retriever.retrieve(question.question, question.history)
        found.append((_signals(searcher, question, retrieval), question.is_answerable, 1.0))
        if artificial and question.is_answerable and question.kind != "find":
            others = Retrieval(
                tuple(ranked for ranked in retrieval.papers if ranked.paper.paper_id not in question.right),
                tuple(item for item in retrieval.evidence if item.paper.paper_id not in question.right),
            )
            found.append((_signals(searcher, question, others), False, 0.0))
        progress(number, len(questions))
    return found


def _signals(searcher: Searcher, question: EvalQuestion, found: Retrieval) -> dict[str, float]:
    asked = standalone_question(question.question, question.history)
    to_read = worth_reading(requested_form(question.question, found.sides).kind, found)
    return gate_signals(asked, found, searcher.reranker.rerank(asked, to_read))


def fit(found: Sequence[Example], names: Sequence[str]) -> tuple[NDArray[np.float64], float]:
    """Weights and intercept of an L2-regularised logistic regression in which both classes have the same weight.

    Signals are standardised for the fit; weights and intercept are for the signals as they are. 0.7 of the weight of
    the unanswerable questions is that of the real ones.
    """
    matrix = np.array([[signals[name] for name in names] for signals, _, _ in found])
    answerable = np.array([is_answerable for _, is_answerable, _ in found])
    is_real = np.array([weight > 0 for _, _, weight in found])
    weight = np.where(answerable, 1 / answerable.sum(), 0.0)
    weight += np.where(~answerable & is_real, 0.7 / max(1, (~answerable & is_real).sum()), 0.0)
    weight += np.where(~answerable & ~is_real, 0.3 / max(1, (~answerable & ~is_real).sum()), 0.0)
    scaler = StandardScaler().fit(matrix)
    # scikit-learn minimises w.w / 2 + C * loss, so C = 1 / (2 * ridge) gives loss + ridge * w.w
    model = LogisticRegression(C=1 / (2 * RIDGE), tol=1e-8, max_iter=1_000)
    model.fit(scaler.transform(matrix), answerable, sample_weight=weight)
    weights = model.coef_[0] / scaler.scale_
    return weights, float(model.intercept_[0] - weights @ scaler.mean_)


def _logit(signals: Mapping[str, float], names: Sequence[str], weights: NDArray[np.float64], intercept: float) -> float:
    return float(weights @ np.array([signals[name] for name in names])) + intercept


if __name__ == "__main__":
    sys.exit(main())
