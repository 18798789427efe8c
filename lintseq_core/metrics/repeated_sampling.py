"""What repeated sampling is scored by besides pass@k: how reliable, how sure, at which cost.

Each is a function of n samples of a problem of which c are right, and is unbiased for k draws
without replacement, but for Bayes@N, which is about the model and not about draws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.pass_at_k import Floats, Ints, none_of, of_counts, pass_at_k


def pass_hat_k(n: ArrayLike, c: ArrayLike, k: ArrayLike) -> Floats:
    """pass^k = C(c, k) / C(n, k): the chance that all k pass (tau-bench, arXiv 2406.12045).

    NaN where n < k.

    >>> pass_hat_k(4, 3, [1, 2, 4, 5]).round(3).tolist()
    [0.75, 0.5, 0.0, nan]
    """
    # All k are right where none is wrong.
    return of_counts(n, c, k, lambda n, k, c_most: none_of(n, k, n)[n - np.arange(c_most + 1)])


def g_pass_at_k(n: ArrayLike, c: ArrayLike, k: ArrayLike, tau: float = 0.5) -> Floats:
    """G-Pass@k at `tau`: the chance that at least ceil(tau k) of k pass (arXiv 2412.13147).

    `tau` from 0 to 1: at 0, where one must pass, it is pass@k, at 1 pass^k. NaN where n < k.

    >>> g_pass_at_k(4, 2, 2, 0.5).round(3).item()
    0.833
    """
    if not 0 <= tau <= 1:
        raise MetricError(f"G-Pass@k: tau = {tau}; a share from 0 to 1")
    return of_counts(
        n, c, k, lambda n, k, c_most: _at_least(n, k, np.array([_threshold(tau, k)]), c_most)[0]
    )


def mg_pass_at_k(n: ArrayLike, c: ArrayLike, k: ArrayLike) -> Floats:
    """mG-Pass@k: G-Pass@k averaged over thresholds above a half (arXiv 2412.13147).

    2/k times the sum over i from ceil(k/2) + 1 to k of the chance that at least i of k pass; 0 at
    k = 1, where there is no such i. NaN where n < k.

    >>> mg_pass_at_k(5, [3, 4], 2).round(3).tolist()
    [0.3, 0.6]
    """

    def table(n: int, k: int, c_most: int) -> Floats:
        thresholds = np.arange((k + 1) // 2 + 1, k + 1)
        return np.asarray(2 / k * _at_least(n, k, thresholds, c_most).sum(axis=0))

    return of_counts(n, c, k, table)


@dataclass(frozen=True, slots=True)
class BayesAtN:
    """Bayes@N of a run: the mean chance that one sample passes, before any was seen uniform."""

    mean: float
    standard_deviation: float
    """Of the posterior, with the problems as they are."""


def bayes_scores(n: ArrayLike, c: ArrayLike) -> Floats:
    """(c + 1) / (n + 2), the posterior mean of each problem; NaN without samples.

    >>> bayes_scores([5, 5, 0], [3, 4, 0]).round(3).tolist()
    [0.571, 0.714, nan]
    """
    return of_counts(n, c, 1, lambda n, _, c_most: (np.arange(c_most + 1) + 1.0) / (n + 2))


def bayes_at_n(n: ArrayLike, c: ArrayLike) -> BayesAtN:
    """Bayes@N with a uniform prior over problems with samples (arXiv 2510.04265).

    >>> found = bayes_at_n([5, 5], [3, 4])
    >>> round(found.mean, 6), round(found.standard_deviation, 6)
    (0.642857, 0.118451)
    """
    means = np.atleast_1d(bayes_scores(n, c))
    known = ~np.isnan(means)
    if not known.any():
        return BayesAtN(math.nan, math.nan)
    totals = np.broadcast_to(np.asarray(n, dtype=np.float64), means.shape)[known]
    variances = means[known] * (1 - means[known]) / (totals + 3)
    return BayesAtN(float(means[known].mean()), float(math.sqrt(variances.sum()) / known.sum()))


def pass_at_cost(n: ArrayLike, c: ArrayLike, cost: float, budget: ArrayLike) -> Floats:
    """pass@k at k = `budget` / `cost` of a sample, linear between whole k, from 0 at k = 0.

    Both in one unit: tokens, FLOPs, seconds. NaN where k is more than n.

    >>> pass_at_cost(4, 1, 100.0, [50.0, 100.0, 150.0, 500.0]).tolist()
    [0.125, 0.25, 0.375, nan]
    """
    budgets = np.asarray(budget, dtype=np.float64)
    if not (math.isfinite(cost) and cost > 0):
        raise MetricError(f"pass@k at a cost: {cost} a sample; a number above 0")
    if not np.isfinite(budgets).all() or (budgets < 0).any():
        raise MetricError("pass@k at a cost: a budget is a number from 0")
    draws = budgets / cost
    below = np.floor(draws).astype(np.int64)
    share = draws - below
    low = np.where(below > 0, pass_at_k(n, c, np.maximum(below, 1)), 0.0)
    high = pass_at_k(n, c, below + 1)
    return np.where(share == 0, low, low + share * (high - low))


def _threshold(tau: float, k: int) -> int:
    """ceil(tau k), at least 1; for `tau` = j / k it is j, whatever tau times k is rounded to."""
    least = math.floor(tau * k)
    return max(1, least + (tau > least / k))


def _at_least(n: int, k: int, thresholds: Ints, c_most: int) -> Floats:
    """The chance that at least m of k drawn are among the right ones, shape (thresholds, c).

    For c = 0 .. `c_most` right ones of `n`. One more right one matters where it is drawn and just
    m - 1 others are: so the chance grows by k/n times a hypergeometric probability, and it is a sum
    of positive terms, exact to about 1e-12.
    """
    chances = np.zeros((thresholds.size, c_most + 1))
    if not thresholds.size or not c_most:
        return chances
    left, drawn = n - 1, k - 1
    among = thresholds[:, None] - 1
    right = np.arange(c_most)[None, :]
    # Logarithms: for large n the first ones are too small for a number.
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.arange(int(among.max()))
        first = np.concatenate([[0.0], np.log((drawn - steps) / (left - steps)).cumsum()])
        growth = np.log(
            (right + 1) * np.maximum(left - right - drawn + among, 0)
            / ((right + 1 - among) * (left - right))
        )  # fmt: skip
    growth = np.where(right >= among, growth, 0.0)
    logs = first[among] + np.concatenate(
        [np.zeros((thresholds.size, 1)), growth[:, :-1].cumsum(axis=1)], axis=1
    )
    just = np.where(right >= among, np.exp(logs), 0.0)
    chances[:, 1:] = np.minimum(k / n * just.cumsum(axis=1), 1.0)
    return chances
