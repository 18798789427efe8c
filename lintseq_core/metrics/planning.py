"""How many samples a problem, and how many problems, a pass@k of a given precision needs.

And which problems to draw the next samples for, where pass@k is predicted beyond the samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.extrapolation import BetaBinomial, fit_beta_binomial, fit_covariance
from lintseq_core.metrics.intervals import LEVEL
from lintseq_core.metrics.pass_at_k import Floats, Ints, pass_at_k

_TRIALS = 200
_AHEAD = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Samples of a problem that are looked ahead."""
_SHIFT = 1e-3


@dataclass(frozen=True, slots=True)
class Precision:
    """What `n` samples a problem would give for pass@k."""

    k: int
    n: int
    half_width: float
    """Of the band if the problems stay: only the samples are drawn anew."""
    half_width_over_problems: float
    """Of the band if the problems count as drawn from many like them, as the clustered bootstrap
    takes it."""
    n_problems: int

    def problems_for(self, half_width: float) -> int:
        """Problems that `half_width_over_problems` of this size needs, with `n` samples each."""
        return math.ceil(self.n_problems * (self.half_width_over_problems / half_width) ** 2)


def plan(
    n: ArrayLike, c: ArrayLike, k: int, ns: Sequence[int], *, seed: int = 0, level: float = LEVEL
) -> list[Precision]:
    """The precision of pass@k for each number of samples in `ns`, all at least k.

    A beta-binomial is fitted to what a pilot run has shown, `c` of `n` samples passed for each
    problem; runs are then simulated from it. MetricError where the pilot passes all or nothing.
    """
    totals, passed = np.atleast_1d(np.asarray(n)), np.atleast_1d(np.asarray(c))
    fit = fit_beta_binomial(totals, passed)
    rng = np.random.default_rng(seed)
    failed = totals - passed
    chances = rng.beta(fit.alpha + passed, fit.beta + failed, (_TRIALS, totals.size))
    z = NormalDist().inv_cdf((1 + level) / 2)
    between = float((1 - (1 - chances) ** k).var(axis=1, ddof=1).mean()) / totals.size
    precisions = []
    for count in ns:
        # Twice from the same chances: half the squared difference is the variance of sampling.
        first, second = (
            pass_at_k(count, rng.binomial(count, chances), k).mean(axis=1) for _ in range(2)
        )
        within = float(((first - second) ** 2).mean()) / 2
        precisions.append(
            Precision(k, count, z * math.sqrt(within), z * math.sqrt(within + between), totals.size)
        )
    return precisions


@dataclass(frozen=True, slots=True)
class Prediction:
    """pass@k of the problems at hand, at a k beyond their samples."""

    k: int
    estimate: float
    low: float
    high: float


def predict(n: ArrayLike, c: ArrayLike, k: int, *, level: float = LEVEL) -> Prediction:
    """pass@k of these problems by a beta-binomial, `c` of `n` samples passed; any n for each.

    The estimate does not mind why a problem was sampled more often: it may follow `next_samples`.
    The band holds what is unknown of each problem and of the fit. MetricError where all samples
    pass or none does.
    """
    totals, passed, fit = _fitted(n, c, k)
    means, variances = _moments(fit, totals, passed, k)
    # What the fit leaves open, to first order in the logarithms of its parameters.
    point = np.log([fit.alpha, fit.beta])
    slopes = []
    for move in np.eye(2) * _SHIFT:
        up, down = (BetaBinomial(*np.exp(point + sign * move).tolist()) for sign in (1, -1))
        gap = _moments(up, totals, passed, k)[0] - _moments(down, totals, passed, k)[0]
        slopes.append(float(gap.mean()) / (2 * _SHIFT))
    of_fit = float(np.array(slopes) @ fit_covariance(fit, totals, passed) @ np.array(slopes))
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(
        float(variances.sum()) / totals.size**2 + max(of_fit, 0.0)
    )
    middle = float(means.mean())
    return Prediction(k, middle, max(middle - half, 0.0), min(middle + half, 1.0))


def next_samples(n: ArrayLike, c: ArrayLike, k: int, budget: int) -> NDArray[np.int64]:
    """How many of the next `budget` samples to draw for each problem, to predict pass@`k` best.

    Each goes where it lowers the expected variance of the prediction most (after 2510.05197): to
    problems that more samples may settle, none to those that are surely solved by k. MetricError as
    `predict`.

    >>> next_samples([10, 10, 10, 10], [0, 1, 5, 10], 100, 16).tolist()
    [16, 0, 0, 0]
    """
    if budget < 0:
        raise MetricError(f"planning: {budget} samples; a number from 0")
    totals, passed, fit = _fitted(n, c, k)
    cases, place = np.unique(np.stack([totals, passed]), axis=1, return_inverse=True)
    drops = np.stack(
        [_drops(fit, cases[0] * 1.0, cases[1] * 1.0, k, size) for size in _AHEAD], axis=1
    )
    steps = [
        (rate, case, size)
        for case, of_case in enumerate(drops.tolist())
        for rate, size in _steps(of_case)
    ]
    more = np.zeros(totals.size, dtype=np.int64)
    left = budget
    for _, case, size in sorted(steps, key=lambda step: -step[0]):
        alike = np.flatnonzero(place.ravel() == case)
        given = np.minimum(size, np.maximum(left - size * np.arange(alike.size), 0))
        more[alike] += given
        left -= int(given.sum())
    if left:  # nothing more can be looked ahead to: as many for each
        more += np.bincount(np.arange(left) % more.size, minlength=more.size)
    return more


def _fitted(n: ArrayLike, c: ArrayLike, k: int) -> tuple[Ints, Ints, BetaBinomial]:
    totals, passed = np.atleast_1d(np.asarray(n)), np.atleast_1d(np.asarray(c))
    if k < 1:
        raise MetricError(f"planning: k = {k}; k is at least 1")
    return totals, passed, fit_beta_binomial(totals, passed)


def _moments(fit: BetaBinomial, n: Ints, c: Ints, k: int) -> tuple[Floats, Floats]:
    """Mean and variance of 1 - (1 - p)^k of each problem, p as its samples leave it."""
    a, b = (fit.alpha + c).astype(np.float64), (fit.beta + n - c).astype(np.float64)
    unsolved = _failing(a, b, k)
    return 1 - unsolved, np.maximum(_failing(a, b, 2 * k) - unsolved**2, 0.0)


def _steps(drops: list[float]) -> list[tuple[float, int]]:
    """The drop in variance per sample, falling, and for how many samples each holds.

    A few samples may say nothing alone and much together: so it is the concave hull of the drop
    over the number of samples.
    """
    hull: list[tuple[int, float]] = []
    for size, drop in zip((0, *_AHEAD), (0.0, *drops), strict=True):
        while len(hull) > 1 and (drop - hull[-1][1]) * (hull[-1][0] - hull[-2][0]) >= (
            hull[-1][1] - hull[-2][1]
        ) * (size - hull[-1][0]):
            hull.pop()
        hull.append((size, drop))
    return [
        ((there - here) / (end - start), end - start)
        for (start, here), (end, there) in pairwise(hull)
        if there > here
    ]


def _drops(fit: BetaBinomial, n: Floats, c: Floats, k: int, more: int) -> Floats:
    """By how much `more` samples are expected to lower the variance of each problem's pass@k."""
    a, b = (fit.alpha + c)[:, None], (fit.beta + n - c)[:, None]
    passed = np.arange(more + 1, dtype=np.float64)
    ways = -_log_beta(passed + 1, more - passed + 1) - math.log(more + 1)  # binomials
    chances = np.exp(ways + _log_beta(a + passed, b + more - passed) - _log_beta(a, b))
    after = _failing(a + passed, b + more - passed, k)
    mean = (chances * after).sum(axis=1, keepdims=True)
    return np.asarray((chances * (after - mean) ** 2).sum(axis=1))


def _failing(a: Floats, b: Floats, k: int) -> Floats:
    """The mean of (1 - p)^k where p is Beta(a, b)."""
    return np.asarray(np.exp(_log_beta(a, b + k) - _log_beta(a, b)))


def _log_beta(a: Floats, b: Floats) -> Floats:
    return np.asarray(_log_gamma(a) + _log_gamma(b) - _log_gamma(a + b))


def _log_gamma(x: Floats) -> Floats:
    """To about 1e-11: Stirling's series, eight steps up from `x`."""
    y = x + 8.0
    steps = np.log(np.multiply.accumulate(np.stack([x + step for step in range(8)]), axis=0)[-1])
    series = 1 / (12 * y) - 1 / (360 * y**3) + 1 / (1260 * y**5) - 1 / (1680 * y**7)
    return np.asarray((y - 0.5) * np.log(y) - y + math.log(2 * math.pi) / 2 + series - steps)


def naive_pass_at_k(n: ArrayLike, c: ArrayLike, k: ArrayLike) -> np.ndarray:
    """1 - (1 - c/n)^k: what comes to mind first, and is too low; for teaching.

    >>> float(naive_pass_at_k(4, 1, 2)), float(pass_at_k(4, 1, 2))
    (0.4375, 0.5)
    """
    totals, passed, draws = map(np.asarray, (n, c, k))
    return np.asarray(1.0 - (1.0 - passed / totals) ** draws)


def expected_naive(n: int, p: float, k: int) -> float:
    """The mean of `naive_pass_at_k` over all runs of `n` samples that each pass with chance `p`."""
    counts = np.arange(n + 1)
    logs = [
        math.lgamma(n + 1) - math.lgamma(c + 1) - math.lgamma(n - c + 1) for c in counts.tolist()
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.exp(
            np.array(logs)
            + np.where(counts, counts * np.log(p), 0.0)
            + np.where(n - counts, (n - counts) * np.log1p(-p), 0.0)
        )
    return float((weights * naive_pass_at_k(n, counts, k)).sum())
