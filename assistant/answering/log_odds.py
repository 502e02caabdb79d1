"""Log-odds: those of several alternatives together, and a logistic regression over named signals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Name = TypeVar("Name")
_LARGEST_LOGIT = 500.0  # beyond it, math.exp overflows or the probability is 0 or 1 anyway


@dataclass(frozen=True, slots=True)
class LogisticModel:
    """``coefficients``: the weight of each signal, by name; ``intercept`` is added to their weighted sum."""

    coefficients: Mapping[str, float]
    intercept: float

    def logit(self, signals: Mapping[str, float]) -> float:
        return self.intercept + sum(weight * signals[name] for name, weight in self.coefficients.items())

    def probability(self, signals: Mapping[str, float]) -> float:
        """From 0 to 1; 0 when a signal is minus infinity, such as the logit of no evidence, or not a number."""
        logit = self.logit(signals)
        if logit == -math.inf or math.isnan(logit):
            return 0.0
        return 1.0 / (1.0 + math.exp(-max(-_LARGEST_LOGIT, min(_LARGEST_LOGIT, logit))))


def log_sum_exp(values: Sequence[float]) -> float:
    """log(sum(exp(values))), computed so that it does not overflow; minus infinity for no values."""
    top = max(values, default=-math.inf)
    return top + math.log(sum(math.exp(value - top) for value in values)) if values else top


def softmax(logits: Mapping[Name, float]) -> dict[Name, float]:
    """The share of each alternative; they sum to one."""
    total = log_sum_exp([*logits.values()])
    return {name: math.exp(logit - total) for name, logit in logits.items()}
