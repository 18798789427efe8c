"""How sure a score is: intervals over problems, and a test of the difference of two runs.

Samples of one problem are not independent, problems are: so problems are what is counted
(arXiv 2411.00640). docs/intervals.md says how often each interval holds the truth, and how wide it
is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.quantiles import beta_quantiles, t_quantile

Floats = NDArray[np.float64]
N_RESAMPLES = 10_000
LEVEL = 0.95
FEWEST_PROBLEMS = 5
"""Of fewer no interval is given: none was measured."""
TOO_FEW = "too few problems for an interval"
_MORE_SCORES, _MORE_DIFFERENCES = 6.0, 1.75
"""Problems that are counted beside those seen, as unlike as can be. Measured: with fewer of them,
intervals of scores that are nearly all alike hold the truth too rarely."""
_MOST_COUNTED = 100_000
_EXACT_UP_TO = 16  # problems: 65,536 sign patterns
_CHUNK = 1 << 22  # numbers held at a time


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over problems, and how far from it the mean over all such problems may lie."""

    estimate: float
    low: float
    high: float
    """Both NaN where there are too few problems."""
    standard_error: float
    level: float
    n_problems: int


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Run A less run B, on the problems that both have."""

    difference: Interval
    p_value: float
    """Two-sided, of the sign-flip permutation test: how often chance alone gives such a mean."""
    is_exact: bool
    """True if every sign pattern was counted, False if patterns were drawn."""
    n_only_a: int
    n_only_b: int
    n_unlike: int
    """Problems that the two score differently: all that the test has to go by."""

    @property
    def is_told_from_none(self) -> bool:
        """Whether interval and test both leave out "no difference"."""
        gap = self.difference
        return (gap.low > 0 or gap.high < 0) and self.p_value < 1 - gap.level


def score_interval(scores: ArrayLike, *, level: float = LEVEL) -> Interval:
    """Mean of `scores`, one from 0 to 1 a problem, as pass@k; NaN scores are left out.

    The ends are those of `score_band`. They are NaN for fewer than FEWEST_PROBLEMS.

    >>> found = score_interval([1.0] * 12)
    >>> round(found.low, 2), found.high
    (0.74, 1.0)
    """
    values = _known(scores)
    low, high = score_band(values[:, None], level=level)
    return _interval(values, float(low[0]), float(high[0]), level)


def share_interval(hits: int, n: int, *, level: float = LEVEL) -> Interval:
    """The share of `n` independent things that are hits, with Clopper and Pearson's interval."""
    return score_interval(np.repeat([1.0, 0.0], [hits, n - hits]), level=level)


def score_band(scores: Floats, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Low and high ends for the mean of each column of `scores`, shape (problems, columns), no NaN.

    Clopper and Pearson's interval, for as many problems solved or not as would leave the mean as
    uncertain as these scores, and six more as unlike as can be, leave it (Korn and Graubard 1998
    count so). For scores that are 0 or 1 it is Clopper and Pearson's own. NaN for fewer than
    FEWEST_PROBLEMS; MetricError for a score below 0 or above 1.
    """
    _check(level)
    n, width = scores.shape
    if (scores < 0).any() or (scores > 1).any():
        raise MetricError("a score below 0 or above 1: the share of samples that are right")
    if n < FEWEST_PROBLEMS:
        return np.full(width, np.nan), np.full(width, np.nan)
    mean, variance = scores.mean(axis=0), scores.var(axis=0)
    most = mean * (1 - mean)  # the variance of 0s and 1s with this mean
    spread = (n * variance + _MORE_SCORES * most) / (n + _MORE_SCORES)
    counted = np.full(width, float(n))
    np.divide(n * most, spread, out=counted, where=most > 1e-12)
    counted = np.clip(counted, n, max(n, _MOST_COUNTED))
    solved = mean * counted
    unsolved = counted - solved
    low, high = np.zeros(width), np.ones(width)
    some, open_ = solved > 1e-9, unsolved > 1e-9
    tail = (1 - level) / 2
    low[some] = beta_quantiles(solved[some], unsolved[some] + 1, tail)
    high[open_] = beta_quantiles(solved[open_] + 1, unsolved[open_], 1 - tail)
    return low, high


def difference_band(differences: Floats, *, level: float = LEVEL) -> tuple[Floats, Floats]:
    """Low and high ends for the mean of each column of `differences`, from -1 to 1.

    Shape (problems, columns), no NaN. Student's interval with 1.75 problems more, half of them won
    by each run (Bonett and Price 2012 add two, for scores that are 0 or 1). NaN for fewer than
    FEWEST_PROBLEMS; MetricError for a difference beyond -1 or 1.
    """
    _check(level)
    n, width = differences.shape
    if (np.abs(differences) > 1).any():
        raise MetricError("a difference of scores beyond -1 or 1: scores go from 0 to 1")
    if n < FEWEST_PROBLEMS:
        return np.full(width, np.nan), np.full(width, np.nan)
    counted = n + _MORE_DIFFERENCES
    mean = differences.sum(axis=0) / counted
    variance = ((differences**2).sum(axis=0) + _MORE_DIFFERENCES) / counted - mean**2
    half = t_quantile(counted - 1, (1 + level) / 2) * np.sqrt(variance / counted)
    return np.maximum(mean - half, -1.0), np.minimum(mean + half, 1.0)


def mean_interval(values: ArrayLike, *, level: float = LEVEL) -> Interval:
    """Mean of `values` that have no bounds, one a problem, with Student's interval; no NaN counts.

    Values that are all alike show no spread to judge by: their ends are NaN, as for fewer than two.

    >>> found = mean_interval([1.0, 2.0, 3.0])
    >>> round(found.low, 2), round(found.high, 2)
    (-0.48, 4.48)
    """
    _check(level)
    known = _known(values)
    if known.size < 2 or np.ptp(known) == 0:
        return _interval(known, np.nan, np.nan, level)
    half = t_quantile(known.size - 1, (1 + level) / 2) * _standard_error(known)
    mean = float(known.mean())
    return _interval(known, mean - half, mean + half, level)


def paired_difference(
    a: Mapping[str, float],
    b: Mapping[str, float],
    *,
    seed: int = 0,
    level: float = LEVEL,
    n_resamples: int = N_RESAMPLES,
) -> PairedDifference:
    """The mean of a - b over shared problems (by id), its interval, and a permutation test.

    Scores from 0 to 1. Problems where either is NaN count as not shared. `seed` and `n_resamples`
    are of the test alone. The ends are those of `difference_band`.
    """
    in_a = {task for task, value in a.items() if not np.isnan(value)}
    in_b = {task for task, value in b.items() if not np.isnan(value)}
    shared = sorted(in_a & in_b)
    differences = np.array([a[task] - b[task] for task in shared], dtype=np.float64)
    low, high = difference_band(differences[:, None], level=level)
    interval = _interval(differences, float(low[0]), float(high[0]), level)
    p_value, is_exact = sign_flip_test(differences, seed=seed, n_resamples=n_resamples)
    n_only_a, n_only_b = len(in_a - in_b), len(in_b - in_a)
    n_unlike = int(np.count_nonzero(differences))
    return PairedDifference(interval, p_value, is_exact, n_only_a, n_only_b, n_unlike)


def sign_flip_test(
    differences: ArrayLike, *, seed: int = 0, n_resamples: int = N_RESAMPLES
) -> tuple[float, bool]:
    """Two-sided p value that flipping signs gives a mean this far from 0, and whether it is exact.

    Problems without a difference flip into themselves and are left out. Up to 16 others all sign
    patterns are counted; beyond, `n_resamples` are drawn and p is (hits + 1) / (draws + 1).

    >>> sign_flip_test([1.0, 1.0, 1.0, 0.0])
    (0.25, True)
    """
    if n_resamples < 1:
        raise MetricError(f"n_resamples = {n_resamples}: at least 1")
    every = _known(differences)
    if every.size == 0:
        return float("nan"), True
    moved = every[every != 0]
    if moved.size == 0:
        return 1.0, True
    observed = abs(moved.sum()) * (1 - 1e-12)  # sums in another order count as equal
    if moved.size <= _EXACT_UP_TO:
        patterns = np.arange(1 << moved.size)[:, None] >> np.arange(moved.size) & 1
        sums = np.abs((1 - 2 * patterns) @ moved)
        return float((sums >= observed).mean()), True
    rng = np.random.default_rng(seed)
    hits, left = 0, n_resamples
    while left:
        rows = min(left, max(1, _CHUNK // moved.size))
        signs = 1 - 2 * rng.integers(0, 2, size=(rows, moved.size), dtype=np.int8)
        hits += int((np.abs(signs @ moved) >= observed).sum())
        left -= rows
    return (hits + 1) / (n_resamples + 1), False


def _interval(values: Floats, low: float, high: float, level: float) -> Interval:
    """With the mean of `values` between the ends; rounding does not put it outside."""
    estimate = float(values.mean()) if values.size else np.nan
    low, high = min(low, estimate), max(high, estimate)
    return Interval(estimate, low, high, _standard_error(values), level, int(values.size))


def _standard_error(values: Floats) -> float:
    """Of the mean over problems, NaN for fewer than two."""
    return float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else np.nan


def _known(values: ArrayLike) -> Floats:
    known = np.asarray(values, dtype=np.float64)
    if known.ndim != 1:
        raise MetricError(f"values of shape {known.shape}: one number per problem is expected")
    if np.isinf(known).any():
        raise MetricError("values: infinite; a score is a finite number")
    return known[~np.isnan(known)]


def _check(level: float) -> None:
    if not 0 < level < 1:
        raise MetricError(f"level = {level}: a share between 0 and 1, such as 0.95")
