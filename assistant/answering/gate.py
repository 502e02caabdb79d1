"""Estimates the calibrated probability that the retrieved papers answer the question at all (logistic regression).

Signals come from search, reranking and the wording of the question. ``evals/training/gate.py`` fits the coefficients of
``PACKAGED_GATE`` on questions of ``tune`` and on questions about other papers, and prints the threshold, the setting
``answer_above``, below which the pipeline declines. For other models, ``footnote calibrate`` fits them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.answering.question_signals import question_signals
from assistant.records import Retrieval

_LARGEST_LOGIT = 500.0  # beyond it, math.exp overflows or the probability is 0 or 1 anyway


@dataclass(frozen=True, slots=True)
class Gate:
    """``coefficients``: the weight of each signal of ``gate_signals``; ``intercept`` is added to their sum."""

    coefficients: Mapping[str, float]
    intercept: float

    def probability(self, signals: Mapping[str, float]) -> float:
        """Probability from 0 to 1 that the evidence answers the question; 0 when there is no evidence."""
        logit = self.intercept + sum(weight * signals[name] for name, weight in self.coefficients.items())
        if logit == -math.inf or math.isnan(logit):
            return 0.0
        return 1.0 / (1.0 + math.exp(-max(-_LARGEST_LOGIT, min(_LARGEST_LOGIT, logit))))


PACKAGED_GATE = Gate(
    {
        "evidence_logit": 0.2402,
        "best_paper_logit": 0.1637,
        "search_score": 0.6497,
        "missing_answer_type": -0.8455,
        "names_in_no_paper": -0.624,
        "is_comparison": 0.3953,
    },
    -0.8193,
)


def gate_signals(question: str, found: Retrieval, reranked: Retrieval) -> dict[str, float]:
    """The signals of the search and the reranker, and those from the wording of the question."""
    return reranked.signals | question_signals(question, found)
