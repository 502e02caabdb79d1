"""Is there an answer? A calibrated probability, from how the sentences read and how the search went.

A logistic model over four signals of ``Reranker.rerank``, fitted on questions about the papers of ``tune`` by ``make
calibrate`` (evals/training/gate.py prints these numbers). The threshold is a setting, ``answer_above``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

COEFFICIENTS = {"evidence_logit": 0.2787, "best_paper_logit": 0.2488, "search_score": 0.943, "search_margin": 1.0776}
INTERCEPT = -3.3365


def answer_probability(signals: Mapping[str, float]) -> float:
    """Probability, 0 to 1, that the evidence answers the question; 0 when nothing was read."""
    logit = INTERCEPT + sum(weight * signals[name] for name, weight in COEFFICIENTS.items())
    return 0.0 if logit == -math.inf else 1.0 / (1.0 + math.exp(-max(-500.0, min(500.0, logit))))
