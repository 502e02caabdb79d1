"""The fit of the gate: it minimises the documented objective, and finds coefficients that generated its data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import check_grad

from assistant.answering.gate import PACKAGED_GATE
from evals.statistics import upper_bound_of_share
from evals.training.gate import MOST_DECLINED, RIDGE, Example, fit, threshold

NAMES = list(PACKAGED_GATE.coefficients)


def examples(count: int) -> list[Example]:
    """Two classes of signals that overlap; a third of the unanswerable questions have weight 0."""
    chance = np.random.default_rng(5)
    answerable = chance.integers(0, 2, count).astype(bool)
    signals = chance.normal(answerable[:, None] * [1.5, 1.0, 0.1, -0.1, -0.2, 0.1], [2.0, 2.5, 0.2, 0.4, 0.5, 0.3])
    weights = np.where(answerable | (chance.random(count) > 1 / 3), 1.0, 0.0)
    return [
        (dict(zip(NAMES, map(float, row), strict=True)), bool(label), float(weight))
        for row, label, weight in zip(signals, answerable, weights, strict=True)
    ]


def loss(parameters: np.ndarray, found: list[Example]) -> float:
    """Weighted log loss with a ridge on standardised coefficients, as the module's documentation states it."""
    matrix = np.array([[signals[name] for name in NAMES] for signals, _, _ in found])
    label = np.array([answerable for _, answerable, _ in found])
    is_real = np.array([weight > 0 for _, _, weight in found])
    weight = np.select(
        [label, is_real], [1 / label.sum(), 0.7 / (~label & is_real).sum()], 0.3 / (~label & ~is_real).sum()
    )
    margins = np.where(label, 1, -1) * (matrix @ parameters[:-1] + parameters[-1])
    standardised = parameters[:-1] * matrix.std(axis=0)
    return float(weight @ np.logaddexp(0, -margins) + RIDGE * standardised @ standardised)


def test_no_small_change_of_the_fitted_coefficients_lowers_the_loss():
    found = examples(300)
    weights, intercept = fit(found, NAMES)
    best = np.array([*weights, intercept])
    assert check_grad(lambda x: loss(x, found), lambda x: np.zeros_like(x), best) == pytest.approx(0, abs=1e-3)
    for place in range(len(best)):
        for step in (-0.05, 0.05):
            other = best.copy()
            other[place] += step
            assert loss(other, found) > loss(best, found)


def test_a_signal_that_tells_answerable_questions_apart_gets_a_positive_weight():
    weights, _ = fit(examples(600), NAMES)
    assert weights[0] > 0.1


def test_as_many_answerable_questions_are_below_the_threshold_as_the_bound_allows():
    lowest = threshold([*map(float, range(200))])
    assert upper_bound_of_share(int(lowest), 200) <= MOST_DECLINED < upper_bound_of_share(int(lowest) + 1, 200)


def test_of_few_questions_none_is_declined():
    assert threshold([3.0, 1.0, 2.0]) == 1.0
