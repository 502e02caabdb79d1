"""Confidence intervals and paired tests, by resampling questions (scipy)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from scipy import stats

SEED = 0
Item = TypeVar("Item")
_RESAMPLES = 9_999
_RESAMPLES_OF_ALL = 499  # each computes the measures over all items
_NUMBERS_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean (or median) over ``count`` questions with its 95% interval; NaN without questions."""

    mean: float
    low: float
    high: float
    count: int


def estimate(values: Sequence[float], statistic: Callable[..., Any] = np.mean) -> Estimate:
    """A statistic and its 95% percentile bootstrap interval (Efron and Tibshirani, 1993); questions are resampled."""
    return _estimate(tuple(values), statistic)


@lru_cache(maxsize=1024)  # the table, page and plots of a report use the same ones
def _estimate(values: tuple[float, ...], statistic: Callable[..., Any]) -> Estimate:
    if not values:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    mean = float(statistic(values))
    if len(set(values)) == 1:
        return Estimate(mean, mean, mean, len(values))
    found = stats.bootstrap(
        (values,), statistic, n_resamples=_RESAMPLES, method="percentile", batch=_batch(values), rng=SEED
    )
    low, high = (float(bound) for bound in found.confidence_interval)
    return Estimate(mean, low, high, len(values))


def upper_bound_of_share(count: int, of: int, confidence: float = 0.95) -> float:
    """The upper end of the one-sided interval of a share (Clopper and Pearson, 1934)."""
    return 1.0 if count >= of else float(stats.beta.ppf(confidence, count + 1, of - count))


def estimates_of(
    items: Sequence[Item], measures: Callable[[Sequence[Item]], Mapping[str, float]]
) -> dict[str, Estimate]:
    """Measures that exist only for all items together, such as AUROC, with 95% percentile bootstrap intervals.

    A resample in which a measure is undefined (NaN) is ignored.
    """
    chance = np.random.default_rng(SEED)
    resampled = [
        measures([items[place] for place in chance.integers(len(items), size=len(items))])
        for _ in range(_RESAMPLES_OF_ALL)
    ]
    found = {}
    for name, value in measures(items).items():
        values = [one.get(name, float("nan")) for one in resampled]
        known = [one for one in values if not np.isnan(one)] or [value]
        low, high = np.percentile(known, [2.5, 97.5])
        found[name] = Estimate(value, float(low), float(high), len(items))
    return found


def paired_p_value(one: Sequence[float], other: Sequence[float]) -> float:
    """Two-sided p of a paired permutation test on the mean difference: signs of the differences are flipped.

    The test that Smucker, Allan and Carterette (2007) recommend for retrieval. 1 if no question differs.
    """
    differences = np.subtract(one, other)
    if not differences.any() or len(differences) == 1:  # the sign of one difference says nothing
        return 1.0
    found = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=_RESAMPLES, batch=_batch(one), rng=SEED
    )
    return float(found.pvalue)


def _batch(values: Sequence[float]) -> int:
    """Resamples at a time, so that memory does not grow with the number of questions."""
    return max(1, _NUMBERS_AT_ONCE // len(values))
