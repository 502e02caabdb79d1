"""Estimates the calibrated probability that the retrieved papers answer the question at all (logistic regression).

The four signals come from the reranker. ``make calibrate`` fits the coefficients on the questions about the papers of
``tune`` (``evals/training/gate.py``), and prints the threshold that declines a tenth of the answerable ones: the
setting ``answer_above``, below which the pipeline declines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

COEFFICIENTS = {"evidence_logit": 0.2787, "best_paper_logit": 0.2488, "search_score": 0.943, "search_margin": 1.0776}
INTERCEPT = -3.3365
_LARGEST_LOGIT = 500.0  # beyond it, math.exp overflows or the probability is 0 or 1 anyway


def answer_probability(signals: Mapping[str, float]) -> float:
    """Probability from 0 to 1 that the evidence answers the question; 0 when there is no evidence."""
    logit = INTERCEPT + sum(weight * signals[name] for name, weight in COEFFICIENTS.items())
    if logit == -math.inf:
        return 0.0
    return 1.0 / (1.0 + math.exp(-max(-_LARGEST_LOGIT, min(_LARGEST_LOGIT, logit))))
