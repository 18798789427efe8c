"""How sure a score is: bootstrap over problems, and tests of the difference of two runs.

Samples of one problem are not independent, problems are: so whole problems are drawn
(arXiv 2411.00640, clustered standard errors).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lintseq_core.metrics.errors import MetricError

Floats = NDArray[np.float64]
N_RESAMPLES = 10_000
LEVEL = 0.95
_EXACT_UP_TO = 16  # problems: 65,536 sign patterns
_CHUNK = 1 << 22  # numbers held at a time


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over problems, and where resampling puts it."""

    estimate: float
    low: float
    high: float
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


def bootstrap_mean(
    values: ArrayLike,
    *,
    seed: int = 0,
    level: float = LEVEL,
    n_resamples: int = N_RESAMPLES,
) -> Interval:
    """Mean of `values`, one per problem, with a percentile interval; NaN values are left out.

    One problem has no spread to draw from: its interval is NaN, as is everything for none.
    """
    _check(level, n_resamples)
    scores = _scores(values)
    if scores.size == 0:
        return Interval(np.nan, np.nan, np.nan, np.nan, level, 0)
    estimate = float(scores.mean())
    if scores.size == 1:
        return Interval(estimate, np.nan, np.nan, np.nan, level, 1)
    rng = np.random.default_rng(seed)
    means = np.concatenate(
        [scores[drawn].mean(axis=1) for drawn in _draws(scores.size, n_resamples, rng)]
    )
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(
        estimate, float(low), float(high), float(means.std(ddof=1)), level, int(scores.size)
    )


def bootstrap_bands(
    values: NDArray[np.float64],
    *,
    seed: int = 0,
    level: float = LEVEL,
    n_resamples: int = N_RESAMPLES,
) -> tuple[Floats, Floats]:
    """Low and high ends for the mean of each column of `values`, shape (problems, columns).

    The same problems are drawn for all columns, so that the ends of a curve belong together; for
    one column they are those of `bootstrap_mean`. No NaN; NaN for fewer than two problems.
    """
    _check(level, n_resamples)
    n, width = values.shape
    if n < 2:
        return np.full(width, np.nan), np.full(width, np.nan)
    rng = np.random.default_rng(seed)
    means = []
    for drawn in _draws(n, n_resamples, rng):
        times = np.zeros((len(drawn), n))
        np.add.at(times, (np.arange(len(drawn))[:, None], drawn), 1.0)
        means.append(times @ values / n)
    low, high = np.quantile(
        np.concatenate(means), [(1 - level) / 2, (1 + level) / 2], axis=0, overwrite_input=True
    )
    return low, high


def paired_difference(
    a: Mapping[str, float],
    b: Mapping[str, float],
    *,
    seed: int = 0,
    level: float = LEVEL,
    n_resamples: int = N_RESAMPLES,
) -> PairedDifference:
    """The mean of a - b over shared problems (by id), its interval, and a permutation test.

    Problems where either is NaN count as not shared.
    """
    in_a = {task for task, value in a.items() if not np.isnan(value)}
    in_b = {task for task, value in b.items() if not np.isnan(value)}
    shared = sorted(in_a & in_b)
    differences = np.array([a[task] - b[task] for task in shared], dtype=np.float64)
    interval = bootstrap_mean(differences, seed=seed, level=level, n_resamples=n_resamples)
    p_value, is_exact = sign_flip_test(differences, seed=seed, n_resamples=n_resamples)
    return PairedDifference(interval, p_value, is_exact, len(in_a - in_b), len(in_b - in_a))


def sign_flip_test(
    differences: ArrayLike, *, seed: int = 0, n_resamples: int = N_RESAMPLES
) -> tuple[float, bool]:
    """Two-sided p value that flipping signs gives a mean this far from 0, and whether it is exact.

    Problems without a difference flip into themselves and are left out. Up to 16 others all sign
    patterns are counted; beyond, `n_resamples` are drawn and p is (hits + 1) / (draws + 1).

    >>> sign_flip_test([1.0, 1.0, 1.0, 0.0])
    (0.25, True)
    """
    _check(LEVEL, n_resamples)
    every = _scores(differences)
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


def _draws(n: int, n_resamples: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    left = n_resamples
    while left:
        rows = min(left, max(1, _CHUNK // n))
        yield rng.integers(0, n, size=(rows, n))
        left -= rows


def _scores(values: ArrayLike) -> Floats:
    scores = np.asarray(values, dtype=np.float64)
    if scores.ndim != 1:
        raise MetricError(f"values of shape {scores.shape}: one number per problem is expected")
    if np.isinf(scores).any():
        raise MetricError("values: infinite; a score is a finite number")
    return scores[~np.isnan(scores)]


def _check(level: float, n_resamples: int) -> None:
    if not 0 < level < 1:
        raise MetricError(f"level = {level}: a share between 0 and 1, such as 0.95")
    if n_resamples < 1:
        raise MetricError(f"n_resamples = {n_resamples}: at least 1")
