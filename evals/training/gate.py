"""Fits the gate (``assistant/answering/gate.py``) on ``tune`` questions and prints its coefficients: ``make
calibrate``.

These are the questions of the ``tune`` split and those of ``gate.jsonl``, about the same papers. Every answerable one
is used twice: as it is, and with its right papers removed from the results, which makes a question that no paper
answers. Real unanswerable questions have more weight, because the artificial ones are easy.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from assistant.answering.gate import COEFFICIENTS
from assistant.answering.question import standalone_question
from assistant.assistant import Assistant
from assistant.records import Retrieval
from evals.metrics import auroc
from evals.questions import GATE_PATH, EvalQuestion, load

RIDGE = 0.1  # of the squared, standardised coefficients
_FALSE_DECLINES = 0.1  # share of the answerable tune questions that may be declined

Example = tuple[Mapping[str, float], bool, float]
"""Signals, whether it is answerable, weight."""


def main() -> int:
    with Assistant.open() as assistant:
        sets = {
            "tune": examples(assistant, [*load(splits=("tune",)), *load(GATE_PATH)]),
            "test": examples(assistant, load(splits=("test",))),
        }
    names = list(COEFFICIENTS)
    weights, intercept = fit(sets["tune"], names)
    print("COEFFICIENTS =", {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)})
    print("INTERCEPT =", round(intercept, 4))
    for split, found in sets.items():
        real = [
            (_logit(signals, names, weights, intercept), answerable) for signals, answerable, weight in found if weight
        ]
        positives = [logit for logit, answerable in real if answerable]
        negatives = [logit for logit, answerable in real if not answerable]
        threshold = float(np.quantile(positives, _FALSE_DECLINES))
        declined = np.mean([logit < threshold for logit in negatives])
        print(
            f"{split}: AUROC {auroc(positives, negatives):.3f}; at {_FALSE_DECLINES:.0%} of the answerable declined "
            f"(probability {1 / (1 + np.exp(-threshold)):.3f}): {declined:.0%} of the unanswerable"
        )
    return 0


def examples(assistant: Assistant, questions: Sequence[EvalQuestion]) -> list[Example]:
    """The signals of every question, and of each answerable one without its right papers (weight 0: to fit only)."""
    found: list[Example] = []
    for question in questions:
        retrieval = assistant.retriever.retrieve(question.question, question.history)
        asked = standalone_question(question.question, question.history)
        found.append((assistant.reranker.rerank(asked, retrieval).signals, question.is_answerable, 1.0))
        if question.is_answerable and question.kind != "find":
            others = Retrieval(
                tuple(ranked for ranked in retrieval.papers if ranked.paper.paper_id not in question.right),
                tuple(item for item in retrieval.evidence if item.paper.paper_id not in question.right),
            )
            found.append((assistant.reranker.rerank(asked, others).signals, False, 0.0))
    return found


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
