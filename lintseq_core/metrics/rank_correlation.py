"""Spearman's rank correlation over problems, and where drawing the problems anew puts it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.intervals import LEVEL

N_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """-1 to 1; NaN where it cannot be said: fewer than three pairs, or a side that never varies."""

    estimate: float
    low: float
    high: float
    level: float
    n: int
    """Pairs that have both numbers."""

    @property
    def is_told_from_none(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def rank_correlation(
    x: ArrayLike,
    y: ArrayLike,
    *,
    seed: int = 0,
    level: float = LEVEL,
    n_resamples: int = N_RESAMPLES,
) -> RankCorrelation:
    """The correlation of the ranks of `x` and `y`, ties sharing theirs, with a bootstrap interval.

    Pairs with a NaN are left out. Draws in which a side is constant have no correlation and are
    left out too; if they are most of all draws there is no interval.

    >>> rank_correlation([1, 2, 3, 4], [1, 4, 9, 16]).estimate
    1.0
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise MetricError(f"rank correlation: shapes {first.shape} and {second.shape}")
    known = ~(np.isnan(first) | np.isnan(second))
    first, second = first[known], second[known]
    n, nan = int(first.size), float("nan")
    estimate = _spearman(first, second) if n >= 3 else nan
    if np.isnan(estimate):
        return RankCorrelation(nan, nan, nan, level, n)
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, n, (n_resamples, n))
    found = np.array([_spearman(first[drawn], second[drawn]) for drawn in draws])
    found = found[~np.isnan(found)]
    if 2 * found.size < n_resamples:
        return RankCorrelation(estimate, nan, nan, level, n)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return RankCorrelation(estimate, float(low), float(high), level, n)


def _spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    first, second = _ranks(x), _ranks(y)
    first, second = first - first.mean(), second - second.mean()
    spread = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / spread if spread > 0 else float("nan")


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle: NDArray[np.float64] = np.cumsum(counts) - (counts - 1) / 2
    return middle[which.ravel()]
