"""Spearman's rank correlation over problems, and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.intervals import FEWEST_PROBLEMS, LEVEL


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """-1 to 1; NaN where it is not defined: a side that never varies, fewer than three pairs.

    Of fewer than FEWEST_PROBLEMS pairs there is no interval.
    """

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


def rank_correlation(x: ArrayLike, y: ArrayLike, *, level: float = LEVEL) -> RankCorrelation:
    """The correlation of the ranks of `x` and `y`, ties sharing theirs, without NaN pairs.

    The interval is Fisher's with the standard error of Bonett and Wright (2000). Its end towards 0
    is that of n / (n + 1) times the correlation: ranks which all agree leave doubt. Simulated with
    5 to 164 pairs (normal; one side rounded; one side mostly 0) it held the truth in 93 % of runs
    or more up to a correlation of 0.9, and in 84 % or more at 0.99.

    >>> found = rank_correlation([1, 2, 3, 4, 5, 6], [1, 4, 9, 16, 25, 36])
    >>> found.estimate, round(found.low, 2), found.high
    (1.0, -0.04, 1.0)
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise MetricError(f"rank correlation: shapes {first.shape} and {second.shape}")
    known = ~(np.isnan(first) | np.isnan(second))
    first, second = first[known], second[known]
    n, nan = int(first.size), float("nan")
    estimate = _spearman(first, second) if n >= 3 else nan
    if np.isnan(estimate) or n < FEWEST_PROBLEMS:
        return RankCorrelation(estimate, nan, nan, level, n)
    size = min(1.0, abs(estimate))
    near = _fisher_end(size * n / (n + 1), n, -1, level)
    far = 1.0 if size > 1 - 1e-12 else _fisher_end(size, n, 1, level)
    low, high = (near, far) if estimate >= 0 else (-far, -near)
    return RankCorrelation(estimate, low, high, level, n)


def _fisher_end(correlation: float, n: int, side: int, level: float) -> float:
    error = math.sqrt((1 + correlation**2 / 2) / (n - 3))
    return math.tanh(math.atanh(correlation) + side * NormalDist().inv_cdf((1 + level) / 2) * error)


def _spearman(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    first, second = _ranks(x), _ranks(y)
    first, second = first - first.mean(), second - second.mean()
    spread = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / spread if spread > 0 else float("nan")


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle: NDArray[np.float64] = np.cumsum(counts) - (counts - 1) / 2
    return middle[which.ravel()]
