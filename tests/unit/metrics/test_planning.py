"""Planned precision against runs that are really drawn."""

from __future__ import annotations

import numpy as np
import pytest

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.pass_at_k import pass_at_k
from lintseq_core.metrics.planning import expected_naive, naive_pass_at_k, plan


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
