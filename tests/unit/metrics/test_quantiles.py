"""Quantiles without scipy: those of scipy, from the smallest to the largest counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from lintseq_core.metrics.quantiles import beta_quantiles, t_quantile


@pytest.mark.parametrize("share", [0.0005, 0.025, 0.5, 0.975, 0.9995])
def test_quantiles_of_the_beta_are_those_of_scipy(share: float) -> None:
    rng = np.random.default_rng(0)
    shapes = [rng.random((2, 50)) * size + 1e-3 for size in (1, 10, 1_000, 1_000_000)]
    a, b = np.concatenate(shapes, axis=1)
    assert beta_quantiles(a, b, share) == pytest.approx(special.betaincinv(a, b, share), abs=1e-9)


@pytest.mark.parametrize("degrees", [1, 2, 4, 5.75, 163, 100_000])
@pytest.mark.parametrize("share", [0.75, 0.975, 0.995])
def test_quantiles_of_students_t_are_those_of_scipy(degrees: float, share: float) -> None:
    assert t_quantile(degrees, share) == pytest.approx(stats.t.ppf(share, degrees), rel=1e-7)
