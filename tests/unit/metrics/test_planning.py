"""Planned precision against runs that are really drawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.extrapolation import BetaBinomial
from lintseq_core.metrics.pass_at_k import pass_at_k
from lintseq_core.metrics.planning import (
    _drops,
    expected_naive,
    naive_pass_at_k,
    next_samples,
    plan,
    predict,
)


def pilot(n: int = 50, problems: int = 164, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    chances = rng.beta(0.6, 2.0, problems)
    return np.full(problems, n), rng.binomial(n, chances)


def test_more_samples_narrow_the_band_of_these_problems_only() -> None:
    n, c = pilot()
    few, more, many = plan(n, c, 10, [10, 100, 5_000])
    assert few.half_width > more.half_width > many.half_width
    assert many.half_width < 0.005
    # What differs between problems stays, however often each is sampled.
    assert 0.04 < many.half_width_over_problems < few.half_width_over_problems < 0.09
    assert many.problems_for(many.half_width_over_problems / 2) == 4 * 164


def test_the_planned_band_is_that_of_runs_drawn_from_the_same_chances() -> None:
    rng = np.random.default_rng(1)
    chances = rng.beta(0.6, 2.0, 164)
    (found,) = plan(np.full(164, 1_000), rng.binomial(1_000, chances), 5, [20])
    means = [pass_at_k(20, rng.binomial(20, chances), 5).mean() for _ in range(3_000)]
    assert found.half_width == pytest.approx(1.96 * np.std(means), rel=0.15)


def test_a_pilot_that_passes_nothing_plans_nothing() -> None:
    with pytest.raises(MetricError):
        plan([10, 10], [0, 0], 1, [10])


@pytest.mark.parametrize(("n", "p", "k"), [(5, 0.2, 3), (40, 0.03, 10), (10, 1.0, 4), (10, 0.0, 4)])
def test_the_naive_estimate_is_too_low_by_what_is_expected(n: int, p: float, k: int) -> None:
    counts = np.random.default_rng(0).binomial(n, p, 200_000)
    assert expected_naive(n, p, k) == pytest.approx(naive_pass_at_k(n, counts, k).mean(), abs=3e-3)
    assert expected_naive(n, p, k) <= 1 - (1 - p) ** k + 1e-12
    assert pass_at_k(n, counts, k).mean() == pytest.approx(1 - (1 - p) ** k, abs=3e-3)


def test_next_samples_go_to_problems_that_they_may_settle() -> None:
    n, c = np.array([10] * 30), np.array([0] * 10 + [1] * 10 + [9] * 10)
    more = next_samples(n, c, 1_000, 300)
    assert more.sum() == 300 and more.min() >= 0
    assert more[:10].sum() == 300  # the others are as good as solved by 1,000
    assert (next_samples(n, c, 1_000, 0) == 0).all()
    assert next_samples(n, c, 1_000, 10**6).sum() == 10**6


def test_a_prediction_does_not_mind_why_a_problem_was_drawn_more_often() -> None:
    """Planned draws are as right as equal ones, in a narrower band, with 30 % fewer samples."""
    rng = np.random.default_rng(4)
    gaps, widths, held = [], [], []
    for _ in range(16):
        rates = rng.beta(0.3, 1.2, 164)
        truth = (1 - (1 - rates) ** 1_000).mean()
        n = np.full(164, 10)
        c = rng.binomial(n, rates)
        for _ in range(4):
            more = next_samples(n, c, 1_000, (28 - 10) * 164 // 4)
            n, c = n + more, c + rng.binomial(more, rates)
        equal_n = np.full(164, 40)
        planned = predict(n, c, 1_000)
        equal = predict(equal_n, rng.binomial(equal_n, rates), 1_000)
        assert n.sum() <= 0.7 * equal_n.sum()
        gaps.append(planned.estimate - truth)
        widths.append((planned.high - planned.low, equal.high - equal.low))
        held.append(planned.low <= truth <= planned.high)
    planned_width, equal_width = np.mean(widths, axis=0)
    assert planned_width <= equal_width
    assert abs(np.mean(gaps)) < 3 * np.std(gaps) / np.sqrt(len(gaps))
    assert np.mean(held) >= 0.85


def test_the_drop_in_variance_is_that_of_draws() -> None:
    fit = BetaBinomial(0.5, 2.0)
    a, b, k, more = 0.5 + 1, 2.0 + 9, 50, 8
    rates = np.random.default_rng(0).beta(a, b, 400_000)
    passed = np.random.default_rng(1).binomial(more, rates)
    solved = 1 - (1 - rates) ** k
    means = [solved[passed == one].mean() for one in range(more + 1)]
    shares = np.bincount(passed, minlength=more + 1) / rates.size
    expected = shares @ (np.array(means) - solved.mean()) ** 2
    (drop,) = _drops(fit, np.array([10.0]), np.array([1.0]), k, more)
    assert drop == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: next_samples([4, 4], [1, 2], 10, -1), "planning: -1 samples; a number from 0"),
        (lambda: predict([4, 4], [1, 2], 0), "planning: k = 0; k is at least 1"),
    ],
)
def test_plans_that_mean_nothing_are_refused(asked: Callable[[], object], message: str) -> None:
    with pytest.raises(MetricError) as caught:
        asked()
    assert str(caught.value) == message
