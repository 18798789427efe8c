"""How many samples a problem, and how many problems, a pass@k of a given precision needs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from lintseq_core.metrics.extrapolation import fit_beta_binomial
from lintseq_core.metrics.intervals import LEVEL
from lintseq_core.metrics.pass_at_k import pass_at_k

_TRIALS = 200


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
