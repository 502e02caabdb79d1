from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from evals.statistics import Estimate, estimate, estimates_of, paired_p_value, upper_bound_of_share


def test_equal_values_have_an_interval_of_no_width():
    assert estimate([0.25] * 4) == Estimate(0.25, 0.25, 0.25, 4)
    assert estimate([0.7]) == Estimate(0.7, 0.7, 0.7, 1)


def test_a_nought_and_a_one_can_be_resampled_as_both():
    # Two draws from {0, 1}: both 0 with chance 1/4 and both 1 with 1/4, more than the 2.5% cut off at each end.
    assert estimate([0.0, 1.0]) == Estimate(0.5, 0.0, 1.0, 2)


def test_an_interval_holds_the_mean_and_narrows_with_more_questions():
    few, many = estimate([0.0, 0.2, 0.4, 1.0]), estimate([0.0, 0.2, 0.4, 1.0] * 25)
    for found in (few, many):
        assert found.mean == pytest.approx(0.4)
        assert found.low < found.mean < found.high
    assert many.high - many.low < (few.high - few.low) / 4


def test_the_same_values_give_the_same_interval():
    values = [0.0, 0.1, 0.5, 0.9, 1.0]
    assert estimate(values) == estimate(values)


def test_a_statistic_other_than_the_mean_is_resampled_alike():
    found = estimate([1.0, 2.0, 9.0], np.median)
    assert (found.mean, found.low, found.high) == (2.0, 1.0, 9.0)


def test_no_questions_have_no_mean():
    found = estimate([])
    assert found.count == 0
    assert all(math.isnan(value) for value in (found.mean, found.low, found.high))


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([1, 1, 1, 1], 2 * 1 / 2**4),  # of 16 ways to set the signs, one reaches a sum of 4
        ([1, 1, 1, 1, 1], 2 * 1 / 2**5),
        ([1, 1, 1, -1], 2 * 5 / 2**4),  # a sum of 2: all of one sign, or any one of four flipped
        ([1, -1], 1.0),
        ([0, 0, 0], 1.0),
        ([], 1.0),
        ([1], 1.0),  # one question says nothing: either sign is as likely
    ],
)
def test_p_is_the_share_of_sign_flips_that_differ_as_much(differences, p):
    noughts = [0] * len(differences)
    assert paired_p_value(differences, noughts) == pytest.approx(p)
    assert paired_p_value(noughts, differences) == pytest.approx(p)


def test_p_over_many_questions_is_the_same_every_time():
    one = [number % 3 / 2 for number in range(60)]
    other = [number % 4 / 3 for number in range(60)]
    assert 0 < paired_p_value(one, other) == paired_p_value(one, other) < 1


def test_many_questions_are_resampled_within_memory_and_as_theory_says():
    values = [0.0, 1.0] * 1_000  # 9,999 resamples of 2,000 numbers at once are 160 MB, and their places as much
    tracemalloc.start()
    try:
        found = estimate(values)
        p = paired_p_value(values, [0.47] * len(values))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    error = 0.5 / math.sqrt(len(values))
    assert (found.low, found.high) == (
        pytest.approx(0.5 - 1.96 * error, abs=0.002),
        pytest.approx(0.5 + 1.96 * error, abs=0.002),
    )
    assert p == pytest.approx(math.erfc(0.03 / error / math.sqrt(2)), abs=0.01)
    assert peak < 200e6


def test_a_measure_of_all_items_together_gets_an_interval_from_resamples():
    found = estimates_of([0.0] * 50 + [1.0] * 50, lambda items: {"share": sum(items) / len(items), "one": 1.0})
    assert (found["share"].mean, found["share"].count, found["one"]) == (0.5, 100, Estimate(1.0, 1.0, 1.0, 100))
    # The binomial's deviation is 0.05, its 95% interval twice that to either side.
    assert found["share"].low == pytest.approx(0.4, abs=0.03)
    assert found["share"].high == pytest.approx(0.6, abs=0.03)


def test_resamples_in_which_a_measure_means_nothing_do_not_count():
    found = estimates_of([1, 2], lambda items: {"both": 1.0 if len(set(items)) == 2 else float("nan")})
    assert found["both"] == Estimate(1.0, 1.0, 1.0, 2)


@pytest.mark.parametrize("count", [0, 3, 7])
def test_a_share_at_its_upper_bound_would_give_so_few_only_once_in_twenty_times(count):
    bound = upper_bound_of_share(count, 40)
    assert sum(math.comb(40, k) * bound**k * (1 - bound) ** (40 - k) for k in range(count + 1)) == pytest.approx(0.05)


def test_a_share_of_all_has_no_lower_upper_bound_than_one():
    assert upper_bound_of_share(40, 40) == 1
