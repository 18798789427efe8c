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
    for n in (5, 12, 60):
        held = 0
        for _ in range(1_000):
            x = rng.normal(size=n)
            y = r * x + math.sqrt(1 - r * r) * rng.normal(size=n)
            found = rank_correlation(x, y)
            held += found.low <= truth <= found.high
        assert held / 1_000 >= 0.93


def test_independent_sides_are_seldom_told_from_none():
    rng = np.random.default_rng(6)
    told = [rank_correlation(*rng.normal(size=(2, 40))).is_told_from_none for _ in range(1_000)]
    assert sum(told) / 1_000 < 0.07


@pytest.mark.parametrize(
    ("n", "low"),
    [(5, -0.388), (6, -0.040), (10, 0.564), (40, 0.947)],
)
@pytest.mark.parametrize("side", [1, -1])
def test_ranks_that_all_agree_leave_doubt(n, low, side):
    found = rank_correlation(range(n), [side * i for i in range(n)])
    assert found.estimate == pytest.approx(side)
    assert (side * found.low, side * found.high)[::side] == pytest.approx((low, 1.0), abs=2e-3)


def test_too_few_pairs_have_a_correlation_without_an_interval():
    found = rank_correlation([1, 2, 3, 4], [1, 2, 3, 4])
    assert found.estimate == pytest.approx(1.0) and math.isnan(found.low)
    assert not found.is_told_from_none


def test_sides_of_different_lengths_are_refused():
    with pytest.raises(MetricError, match="shapes"):
        rank_correlation([1, 2], [1])
