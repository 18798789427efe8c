"""Intervals and tests: they cover what they promise, and say so where they cannot."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.intervals import (
    mean_interval,
    paired_difference,
    score_band,
    score_interval,
    share_interval,
    sign_flip_test,
)


@pytest.mark.parametrize(
    ("scores", "low", "high"),
    [
        ([1.0] * 12, 0.7353515306, 1.0),
        ([0.0] * 40, 0.0, 0.0880973029),
        ([1.0] * 3 + [0.0] * 7, 0.0667395111, 0.6524528501),
    ],
)
def test_of_problems_solved_or_not_the_interval_is_clopper_and_pearsons(scores, low, high):
    found = score_interval(scores)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize("value", [0.0, 0.1, 0.5, 0.999, 1.0])
@pytest.mark.parametrize("n", [5, 24, 164])
def test_scores_that_are_all_alike_leave_doubt(value, n):
    found = score_interval([value] * n)
    spread = math.sqrt(value * (1 - value)) if 0 < value < 1 else 1.0
    assert found.high - found.low > 2 * spread / n
    assert found.low <= value <= found.high


@pytest.mark.parametrize("value", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("n", [5, 24, 164])
def test_differences_that_are_all_alike_leave_doubt(value, n):
    a = {str(task): max(value, 0.0) for task in range(n)}
    b = {str(task): max(-value, 0.0) for task in range(n)}
    found = paired_difference(a, b)
    assert found.difference.high - found.difference.low > 2 / n
    assert found.difference.low <= value <= found.difference.high


def test_two_runs_that_score_alike_say_how_little_is_known():
    scores = {str(task): float(task % 2) for task in range(40)}
    found = paired_difference(scores, scores)
    assert (found.difference.estimate, found.p_value, found.n_unlike) == (0.0, 1.0, 0)
    assert (found.difference.low, found.difference.high) == pytest.approx((-0.064, 0.064), abs=5e-4)
    assert not found.is_told_from_none


def test_a_gap_is_told_where_interval_and_test_both_leave_out_none():
    def won(n):
        return paired_difference({str(i): 1.0 for i in range(n)}, {str(i): 0.0 for i in range(n)})

    assert won(5).difference.low > 0 and won(5).p_value == 2 / 32
    assert not won(5).is_told_from_none
    assert won(6).is_told_from_none


def test_scores_of_many_samples_have_narrower_intervals_than_of_one():
    rng = np.random.default_rng(0)
    chances = rng.beta(2, 2, size=164)
    one = score_interval(rng.binomial(1, chances) / 1)
    many = score_interval(rng.binomial(100, chances) / 100)
    assert many.high - many.low < 0.6 * (one.high - one.low)


def test_a_band_is_the_interval_of_each_column():
    values = np.random.default_rng(0).random((40, 3))
    low, high = score_band(values)
    for column in range(3):
        single = score_interval(values[:, column])
        assert (low[column], high[column]) == pytest.approx((single.low, single.high), abs=1e-12)


def test_a_share_is_a_run_of_as_many_problems():
    assert share_interval(3, 10) == score_interval([1.0] * 3 + [0.0] * 7)


def test_a_lower_level_is_narrower():
    narrow, wide = (score_interval([0.0, 1.0] * 10, level=level) for level in (0.8, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_the_standard_error_is_that_of_a_mean_over_problems():
    values = np.random.default_rng(1).random(400)
    for interval in (score_interval(values), mean_interval(values)):
        assert interval.estimate == pytest.approx(values.mean())
        assert interval.standard_error == pytest.approx(values.std(ddof=1) / 20)
        assert interval.n_problems == 400


def test_measures_have_students_interval():
    values = [8.5, 4.0, 3.1, 2.0]
    found = mean_interval(values)
    half = stats.t.ppf(0.975, 3) * np.std(values, ddof=1) / 2
    assert (found.low, found.high) == pytest.approx((4.4 - half, 4.4 + half))


def test_problems_without_a_value_are_left_out():
    known = [0.2, 0.4, 0.1, 0.9, 0.5]
    assert score_interval([*known, math.nan]) == score_interval(known)
    assert mean_interval([*known, math.nan]) == mean_interval(known)


@pytest.mark.parametrize(
    ("values", "estimate"),
    [([], math.nan), ([math.nan], math.nan), ([0.3], 0.3), ([0.0, 1.0, 1.0, 0.0], 0.5)],
)
def test_too_few_problems_have_no_interval(values, estimate):
    interval = score_interval(values)
    assert interval.estimate == pytest.approx(estimate, nan_ok=True)
    assert math.isnan(interval.low) and math.isnan(interval.high)


@pytest.mark.parametrize("values", [[], [2.5], [2.5, 2.5, 2.5]])
def test_measures_that_show_no_spread_have_no_interval(values):
    interval = mean_interval(values)
    assert math.isnan(interval.low) and math.isnan(interval.high)


@pytest.mark.parametrize(
    ("differences", "p_value"),
    [
        ([1.0], 1.0),
        ([1.0] * 5, 2 / 32),
        ([0.5, -0.5], 1.0),
        ([0.0, 0.0], 1.0),
        ([3.0, 2.0, 1.0, -1.0], 6 / 16),
    ],
)
def test_the_exact_p_value_is_the_share_of_sign_patterns_as_extreme(differences, p_value):
    assert sign_flip_test(differences) == (p_value, True)


def test_drawn_patterns_come_near_to_all_of_them():
    differences = np.random.default_rng(4).normal(0.2, 1, size=17)
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in itertools.product((1, -1), repeat=17)
    ]
    exact = np.mean(np.array(sums) >= abs(differences.sum()) - 1e-9)
    p_value, is_exact = sign_flip_test(differences, n_resamples=40_000)
    assert not is_exact
    assert p_value == pytest.approx(exact, abs=0.01)


def test_no_difference_is_found_significant_as_rarely_as_the_level_says():
    rng = np.random.default_rng(5)
    found = sum(
        sign_flip_test(rng.normal(size=40), seed=i, n_resamples=400)[0] < 0.05 for i in range(300)
    )
    assert 4 <= found <= 27  # 5 % of 300 is 15, its standard deviation 3.8


def test_paired_difference_uses_the_shared_problems_and_counts_the_others():
    a = {"x": 1.0, "y": 0.5, "z": 0.5, "only a": 1.0, "no value": math.nan}
    b = {"x": 0.0, "y": 0.5, "z": 0.0, "no value": 0.3, "only b": 0.1}
    found = paired_difference(a, b)
    assert found.difference.estimate == pytest.approx(0.5)
    assert found.difference.n_problems == 3
    assert (found.n_only_a, found.n_only_b, found.p_value, found.is_exact) == (1, 2, 0.5, True)


def test_pairing_is_sharper_than_two_intervals():
    rng = np.random.default_rng(6)
    hard = rng.random(100)
    a = {str(i): 0.95 * value + 0.05 for i, value in enumerate(hard)}
    b = {str(i): 0.95 * value for i, value in enumerate(hard)}
    found, alone = paired_difference(a, b).difference, score_interval(hard)
    assert found.standard_error < alone.standard_error / 5
    assert found.high - found.low < alone.high - alone.low


def test_runs_without_a_shared_problem_have_no_difference():
    found = paired_difference({"x": 1.0}, {"y": 1.0})
    assert math.isnan(found.difference.estimate) and math.isnan(found.p_value)
    assert (found.n_only_a, found.n_only_b) == (1, 1)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([[0.1]], {}, "values of shape (1, 1): one number per problem is expected"),
        ([math.inf], {}, "values: infinite; a score is a finite number"),
        ([0.1], {"level": 95}, "level = 95: a share between 0 and 1, such as 0.95"),
        ([0.1, 1.2], {}, "a score below 0 or above 1: the share of samples that are right"),
    ],
)
def test_values_that_mean_nothing_are_refused(values, options, message):
    with pytest.raises(MetricError) as caught:
        score_interval(values, **options)
    assert str(caught.value) == message


def test_differences_that_no_scores_have_are_refused():
    with pytest.raises(MetricError, match="a difference of scores beyond -1 or 1"):
        paired_difference({"x": 2.0}, {"x": 0.5})
    with pytest.raises(MetricError, match="n_resamples = 0: at least 1"):
        sign_flip_test([0.1], n_resamples=0)
