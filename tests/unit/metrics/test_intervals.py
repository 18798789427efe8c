"""Intervals and tests: they cover what they promise, and say so where they cannot."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.intervals import bootstrap_mean, paired_difference, sign_flip_test


def test_the_interval_covers_the_true_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    inside = 0
    for trial in range(200):
        interval = bootstrap_mean(rng.beta(2, 3, size=80), seed=trial, n_resamples=600)
        inside += interval.low <= 0.4 <= interval.high
    assert 182 <= inside <= 198  # 95 % of 200 is 190, its standard deviation 3.1


def test_the_standard_error_is_that_of_a_mean_over_problems():
    values = np.random.default_rng(1).random(400)
    interval = bootstrap_mean(values)
    assert interval.estimate == pytest.approx(values.mean())
    assert interval.standard_error == pytest.approx(values.std() / 20, rel=0.03)
    assert interval.n_problems == 400


def test_problems_without_a_value_are_left_out():
    assert bootstrap_mean([0.2, math.nan, 0.4]) == bootstrap_mean([0.2, 0.4])


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(2).random(50)
    assert bootstrap_mean(values, seed=7) == bootstrap_mean(values, seed=7)
    assert bootstrap_mean(values, seed=7) != bootstrap_mean(values, seed=8)


def test_resampling_in_parts_is_resampling(monkeypatch):
    values = np.random.default_rng(3).random(30)
    whole = bootstrap_mean(values)
    monkeypatch.setattr("lintseq_core.metrics.intervals._CHUNK", 1000)
    assert bootstrap_mean(values) == whole


@pytest.mark.parametrize(
    ("values", "estimate"), [([], math.nan), ([math.nan], math.nan), ([0.3], 0.3)]
)
def test_too_few_problems_have_no_interval(values, estimate):
    interval = bootstrap_mean(values)
    assert interval.estimate == pytest.approx(estimate, nan_ok=True)
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
    a = {str(i): value + 0.05 for i, value in enumerate(hard)}
    b = {str(i): value + rng.normal(0, 0.02) for i, value in enumerate(hard)}
    assert (
        paired_difference(a, b).difference.standard_error < bootstrap_mean(hard).standard_error / 5
    )


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
        ([0.1], {"n_resamples": 0}, "n_resamples = 0: at least 1"),
    ],
)
def test_values_that_mean_nothing_are_refused(values, options, message):
    with pytest.raises(MetricError) as caught:
        bootstrap_mean(values, **options)
    assert str(caught.value) == message
