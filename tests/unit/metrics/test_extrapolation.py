"""Extrapolation of pass@k: the fit, what it predicts, and where there is nothing to fit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.extrapolation import extrapolate, fit_beta_binomial
from lintseq_core.metrics.pass_at_k import mean_pass_at_k


def drawn(alpha, beta, problems, n, seed=0):
    rng = np.random.default_rng(seed)
    return np.full(problems, n), rng.binomial(n, rng.beta(alpha, beta, size=problems))


@pytest.mark.parametrize(("alpha", "beta"), [(2.0, 3.0), (0.3, 0.9), (0.15, 2.0), (20.0, 5.0)])
def test_the_fit_finds_the_distribution_that_made_the_counts(alpha, beta):
    fit = fit_beta_binomial(*drawn(alpha, beta, 4000, 40))
    assert fit.mean == pytest.approx(alpha / (alpha + beta), abs=0.02)
    assert fit.alpha == pytest.approx(alpha, rel=0.15)


def test_the_fit_is_the_most_likely():
    n, c = drawn(0.4, 1.1, 120, 25, seed=3)

    def likelihood(alpha, beta):
        def log_beta(a, b):
            return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

        return sum(
            log_beta(alpha + y, beta + x - y) - log_beta(alpha, beta)
            for x, y in zip(n, c, strict=True)
        )

    fit = fit_beta_binomial(n, c)
    best = likelihood(fit.alpha, fit.beta)
    for by_alpha, by_beta in [(1.01, 1), (0.99, 1), (1, 1.01), (1, 0.99)]:
        assert likelihood(fit.alpha * by_alpha, fit.beta * by_beta) < best


def test_predictions_beyond_the_samples_come_near_the_truth():
    n, c = drawn(0.3, 1.2, 500, 100, seed=1)
    few = np.random.default_rng(2).hypergeometric(c, 100 - c, 20)
    (truth,) = mean_pass_at_k(n, c, ks=(100,))
    (model,) = extrapolate(np.full(500, 20), few, [100], n_resamples=100)
    assert model.low < truth.mean < model.high
    assert model.estimate == pytest.approx(truth.mean, abs=0.03)
    assert model.model == "beta-binomial"


def test_predictions_grow_with_k_and_agree_with_data_at_k_one():
    n, c = drawn(0.5, 1.0, 100, 30)
    curve = extrapolate(n, c, [1, 10, 100, 1000], n_resamples=20)
    estimates = [point.estimate for point in curve]
    assert estimates == sorted(estimates)
    assert estimates[0] == pytest.approx(c.mean() / 30, abs=0.01)
    assert all(point.low <= point.high for point in curve)


def test_problems_may_have_different_numbers_of_samples():
    n = np.array([5, 20, 100, 7, 50])
    fit = fit_beta_binomial(n, [1, 10, 20, 7, 0])
    assert 0 < fit.mean < 1


def test_problems_that_are_all_alike_have_a_narrow_fit():
    fit = fit_beta_binomial([10] * 50, [5] * 50)
    assert fit.mean == pytest.approx(0.5, abs=1e-3)
    assert fit.alpha > 100


@pytest.mark.parametrize(
    ("n", "c", "ks", "message"),
    [
        ([4, 4], [0, 0], [10], "extrapolation: no sample passes; there is no distribution to fit"),
        (
            [4, 4],
            [4, 4],
            [10],
            "extrapolation: every sample passes; there is no distribution to fit",
        ),
        ([], [], [10], "extrapolation: no samples"),
        ([4, 4], [1], [10], "extrapolation: n (2,) and c (1,): one of each a problem"),
        ([4], [5], [10], "pass@k: c = 5 of n = 4 samples pass; c is 0 to n"),
        ([4, 4], [1, 2], [0], "extrapolation: k = 0; k is at least 1"),
    ],
)
def test_counts_without_a_fit_are_refused(n, c, ks, message):
    with pytest.raises(MetricError) as caught:
        extrapolate(n, c, ks)
    assert str(caught.value) == message
