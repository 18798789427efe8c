"""pass@k beyond the samples at hand: a model, not data.

Each problem's chance to be solved is taken as drawn from one beta distribution, its passed samples
as binomial. What the fit adds to the data is a guess about problems that were never solved: two
kinds of problems (some hopeless, some easy) are one beta distribution only roughly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.intervals import LEVEL
from lintseq_core.metrics.pass_at_k import Ints, pass_at_k

_LOG_BOUND = 12.0  # alpha, beta within e^-12 .. e^12: beyond, only the ratio matters
_STEPS = 200


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """The distribution of the chance of success over problems."""

    alpha: float
    beta: float

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)


@dataclass(frozen=True, slots=True)
class Extrapolation:
    """pass@k by a model, for one k."""

    k: int
    estimate: float
    low: float
    high: float
    level: float
    model: str
    """"beta-binomial": the label to draw it with."""


def fit_beta_binomial(n: ArrayLike, c: ArrayLike) -> BetaBinomial:
    """The maximum likelihood fit to `c` of `n` passed samples per problem.

    MetricError where all samples pass or none: then no beta distribution is most likely.

    >>> fit = fit_beta_binomial([20] * 6, [2, 5, 9, 11, 14, 19])
    >>> round(fit.mean, 2)
    0.51
    """
    totals, passed = _counts(n, c)
    if totals.sum() == 0:
        raise MetricError("extrapolation: no samples")
    if passed.sum() in (0, totals.sum()):
        what = "no sample passes" if passed.sum() == 0 else "every sample passes"
        raise MetricError(f"extrapolation: {what}; there is no distribution to fit")
    return _fit(totals, passed)


def fit_covariance(fit: BetaBinomial, n: ArrayLike, c: ArrayLike) -> NDArray[np.float64]:
    """How sure a fit to these counts is: the covariance of log alpha and log beta, shape (2, 2)."""
    totals, passed = _counts(n, c)
    more = [_more_than(passed), _more_than(totals - passed), _more_than(totals)]
    _, hessian = _slopes(np.log([fit.alpha, fit.beta]), more)
    values, axes = np.linalg.eigh(-hessian)
    # Flat where problems are all alike: there only the ratio of the two matters.
    return np.asarray((axes / np.maximum(values, 1e-3)) @ axes.T)


def extrapolate(
    n: ArrayLike,
    c: ArrayLike,
    ks: Sequence[int],
    *,
    seed: int = 0,
    level: float = LEVEL,
    n_resamples: int = 200,
) -> tuple[Extrapolation, ...]:
    """pass@k for any k, also beyond n, averaged over problems given what each has shown.

    A problem with c of n counts with Beta(alpha + c, beta + n - c). The band comes from drawing
    problems anew and fitting again; it holds how sure the fit is, not whether the model is right.
    """
    totals, passed = _counts(n, c)
    if any(k < 1 for k in ks):
        raise MetricError(f"extrapolation: k = {min(ks)}; k is at least 1")
    estimates = _predict(fit_beta_binomial(totals, passed), totals, passed, ks)
    rng = np.random.default_rng(seed)
    resampled = []
    for _ in range(n_resamples):
        drawn = rng.integers(0, totals.size, size=totals.size)
        some_n, some_c = totals[drawn], passed[drawn]
        if some_c.sum() in (0, some_n.sum()):
            resampled.append([float(some_c.sum() > 0)] * len(ks))
        else:
            resampled.append(_predict(_fit(some_n, some_c), some_n, some_c, ks))
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(np.array(resampled), tails, axis=0)
    return tuple(
        Extrapolation(k, estimate, float(under), float(over), level, "beta-binomial")
        for k, estimate, under, over in zip(ks, estimates, low, high, strict=True)
    )


def _predict(fit: BetaBinomial, totals: Ints, passed: Ints, ks: Sequence[int]) -> list[float]:
    cases, weights = np.unique(np.stack([totals, passed]), axis=1, return_counts=True)
    means = []
    for k in ks:
        fails = [
            _log_beta(fit.alpha + c, fit.beta + n - c + k)
            - _log_beta(fit.alpha + c, fit.beta + n - c)
            for n, c in cases.T.tolist()
        ]
        means.append(1.0 - float(np.average(np.exp(fails), weights=weights)))
    return means


def _fit(totals: Ints, passed: Ints) -> BetaBinomial:
    """Newton's method on the logarithms of alpha and beta, with steps that never lower the fit.

    The likelihood needs only how many problems have more than j successes, failures, samples.
    """
    more = [_more_than(passed), _more_than(totals - passed), _more_than(totals)]
    share = passed.sum() / totals.sum()
    point = np.log([max(share, 1e-3), max(1 - share, 1e-3)])
    value = _likelihood(point, more)
    for _ in range(_STEPS):
        gradient, hessian = _slopes(point, more)
        step = _ascent(gradient, hessian)
        while True:
            ahead = np.clip(point + step, -_LOG_BOUND, _LOG_BOUND)
            there = _likelihood(ahead, more)
            if there >= value or np.abs(step).max() < 1e-10:
                break
            step = step / 2
        moved = np.abs(ahead - point).max()
        if there < value or moved < 1e-9:
            break
        point, value = ahead, there
    alpha, beta = np.exp(point)
    return BetaBinomial(float(alpha), float(beta))


def _ascent(gradient: NDArray[np.float64], hessian: NDArray[np.float64]) -> NDArray[np.float64]:
    """Newton's step where the surface is concave, else one along the gradient; at most 2 long."""
    values = np.linalg.eigvalsh(hessian)
    step = -np.linalg.solve(hessian, gradient) if values.max() < -1e-12 else gradient
    longest = float(np.abs(step).max())
    return np.asarray(step * min(1.0, 2.0 / longest) if longest else step, dtype=np.float64)


def _likelihood(point: NDArray[np.float64], more: list[NDArray[np.int64]]) -> float:
    alpha, beta = np.exp(point)
    starts = (alpha, beta, alpha + beta)
    parts = [
        float((counts * np.log(start + np.arange(counts.size))).sum())
        for counts, start in zip(more, starts, strict=True)
    ]
    return parts[0] + parts[1] - parts[2]


def _slopes(
    point: NDArray[np.float64], more: list[NDArray[np.int64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradient and Hessian by log alpha and log beta."""
    alpha, beta = np.exp(point)
    starts = (alpha, beta, alpha + beta)
    first, second = [], []
    for counts, start in zip(more, starts, strict=True):
        places = start + np.arange(counts.size)
        first.append(float((counts / places).sum()))
        second.append(float(-(counts / places**2).sum()))
    by_alpha, by_beta = first[0] - first[2], first[1] - first[2]
    gradient = np.array([alpha * by_alpha, beta * by_beta])
    mixed = -alpha * beta * second[2]
    hessian = np.array(
        [
            [alpha**2 * (second[0] - second[2]) + alpha * by_alpha, mixed],
            [mixed, beta**2 * (second[1] - second[2]) + beta * by_beta],
        ]
    )
    return gradient, hessian


def _more_than(values: Ints) -> NDArray[np.int64]:
    """How many of `values` exceed 0, 1, 2, ..."""
    return np.bincount(values, minlength=1)[::-1].cumsum()[::-1][1:].astype(np.int64)


def _counts(n: ArrayLike, c: ArrayLike) -> tuple[Ints, Ints]:
    totals, passed = np.atleast_1d(np.asarray(n)), np.atleast_1d(np.asarray(c))
    if totals.shape != passed.shape or totals.ndim != 1:
        raise MetricError(
            f"extrapolation: n {totals.shape} and c {passed.shape}: one of each a problem"
        )
    pass_at_k(totals, passed, 1)  # refuses counts that mean nothing
    return totals.astype(np.int64), passed.astype(np.int64)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
