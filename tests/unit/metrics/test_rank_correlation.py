"""Spearman's rank correlation: known values, its interval, and where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.rank_correlation import rank_correlation


@pytest.mark.parametrize(
    ("x", "y", "expected"),
    [
        ([1, 2, 3, 4], [10, 20, 30, 1000], 1.0),
        ([1, 2, 3, 4], [4, 3, 2, 1], -1.0),
        ([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], 0.8),  # 1 - 6 * 4 / (5 * 24)
        ([1, 1, 2], [1, 2, 2], 0.5),  # ranks 1.5 1.5 3 and 1 2.5 2.5
        ([1, math.nan, 2, 3], [1, 5, 2, 3], 1.0),
    ],
)
def test_known_values(x, y, expected):
    assert rank_correlation(x, y).estimate == pytest.approx(expected)


@pytest.mark.parametrize(("x", "y"), [([], []), ([1, 2], [1, 2]), ([1, 2, 3], [7, 7, 7])])
def test_too_few_pairs_or_no_spread_say_nothing(x, y):
    found = rank_correlation(x, y)
    assert math.isnan(found.estimate) and math.isnan(found.low)
    assert not found.is_told_from_none


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """For two normals with correlation r, Spearman's is 6 / pi * asin(r / 2)."""
    rng = np.random.default_rng(5)
    r = 0.6
    truth = 6 / math.pi * math.asin(r / 2)
    held = 0
    for run in range(200):
        x = rng.normal(size=60)
        y = r * x + math.sqrt(1 - r * r) * rng.normal(size=60)
        found = rank_correlation(x, y, seed=run, n_resamples=300)
        held += found.low <= truth <= found.high
    assert 0.88 <= held / 200 <= 0.99


def test_independent_sides_are_seldom_told_from_none():
    rng = np.random.default_rng(6)
    told = sum(
        rank_correlation(*rng.normal(size=(2, 40)), seed=run, n_resamples=300).is_told_from_none
        for run in range(200)
    )
    assert told / 200 < 0.12


def test_draws_in_which_a_side_never_varies_are_left_out():
    found = rank_correlation([0] * 30 + [1], list(range(31)), n_resamples=500)
    assert not math.isnan(found.estimate)
    # A draw without the odd one out has no correlation: about e^-1 of them, so there is one here.
    assert not math.isnan(found.low)
    with pytest.raises(MetricError, match="shapes"):
        rank_correlation([1, 2], [1])


def test_the_same_seed_gives_the_same_interval():
    x, y = np.random.default_rng(1).normal(size=(2, 20))
    assert rank_correlation(x, y, seed=3) == rank_correlation(x, y, seed=3)
