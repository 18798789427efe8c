"""Which of k samples is handed over where no one sees the tests: the best scored, the most alike.

The samples of a problem come in groups, each as (samples, right ones): groups of one behaviour for
a majority, groups of one score, best first, for a ranking.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.pass_at_k import Floats, none_of

Group = tuple[int, int]
"""Samples, and how many of them are right."""
N_DRAWS = 1_000
MOST_ENUMERATED = 2_000
"""Ways in which k samples may spread over the behaviours of a problem: so many are all tried."""
_MOST_EXACT_N = 1_000  # binomials beyond are too large for a float


@dataclass(frozen=True, slots=True, eq=False)
class MajorityAtK:
    """majority@k of each problem."""

    values: Floats
    """Shape (problems, ks); NaN where n < k, and for a problem without groups."""
    simulation_errors: Floats
    """For each k the standard error that simulating adds to the mean over problems; 0 where all
    problems were enumerated."""


def best_at_k(problems: Sequence[Sequence[Group]], ks: Sequence[int]) -> Floats:
    """The chance that the best scored of k samples is right, shape (problems, ks), exact.

    Groups of equal score, best first; among those of one score any is as likely. NaN where n < k.

    >>> best_at_k([[(1, 0), (3, 3)]], [1, 2, 4]).tolist()
    [[0.75, 0.5, 0.0]]
    """
    values = np.full((len(problems), len(ks)), np.nan)
    totals = [sum(size for size, _ in _checked(groups)) for groups in problems]
    for n in set(totals):
        at = [place for place, k in enumerate(ks) if 1 <= k <= n]
        if not at:
            continue
        # The best comes after the first b samples where none of those is drawn.
        after = np.stack([none_of(n, ks[place], n) for place in at])
        for place, groups in enumerate(problems):
            if totals[place] == n:
                sizes, right = np.array(groups).T
                ends = np.concatenate([[0], sizes.cumsum()])
                values[place, at] = -np.diff(after[:, ends], axis=1) @ (right / sizes)
    return np.asarray(np.clip(values, 0.0, 1.0))  # rounding


def majority_at_k(
    problems: Sequence[Sequence[Group]],
    ks: Sequence[int],
    *,
    seed: int = 0,
    n_draws: int = N_DRAWS,
) -> MajorityAtK:
    """The chance that the most frequent behaviour among k samples is a right one (2203.11171).

    Drawn without replacement, ties split evenly; of a behaviour that holds right and wrong ones its
    share of right ones counts. Exact where k samples spread over the behaviours in at most
    MOST_ENUMERATED ways, else the mean of `n_draws` draws.

    >>> majority_at_k([[(2, 2), (1, 0)]], [1, 2, 3]).values.round(3).tolist()
    [[0.667, 0.667, 1.0]]
    """
    values = np.full((len(problems), len(ks)), np.nan)
    drawn = np.zeros((len(ks), n_draws))
    rng = np.random.default_rng(seed)
    draws: dict[tuple[int, int], np.ndarray] = {}
    for place, groups in enumerate(problems):
        n = sum(size for size, _ in _checked(groups))
        sizes, right = np.array(groups or [(0, 0)]).T
        for at, k in enumerate(ks):
            if k < 1 or k > n:
                continue
            if _n_spreads(sizes, k) <= MOST_ENUMERATED and n <= _MOST_EXACT_N:
                values[place, at] = _enumerated(sizes, right, k)
                continue
            if (n, k) not in draws:  # the same for all problems: what they cost is paid once
                draws[n, k] = _drawn_before(n, k, n_draws, rng)
            ends = np.concatenate([[0], sizes.cumsum()])
            results = _of_most(np.diff(draws[n, k][:, ends], axis=1), right / sizes)
            values[place, at] = results.mean()
            drawn[at] += results - results.mean()
    known = np.maximum((~np.isnan(values)).sum(axis=0), 1)
    errors = drawn.std(axis=1) / math.sqrt(n_draws) / known
    return MajorityAtK(np.clip(values, 0.0, 1.0), errors)  # rounding


def _n_spreads(sizes: np.ndarray, k: int) -> float:
    """In how many ways at most k samples spread over groups: the largest takes what is left."""
    if k == int(sizes.sum()):
        return 1.0
    most = np.sort(np.minimum(sizes, k))[:-1] + 1.0
    return float(np.exp(np.minimum(np.log(most).sum(), 700.0)))


def _enumerated(sizes: np.ndarray, right: np.ndarray, k: int) -> float:
    order = np.argsort(sizes, kind="stable")
    sizes, shares = sizes[order], (right / sizes)[order]
    if k == int(sizes.sum()):
        counts = sizes[None, :]
    elif sizes.size == 1:
        return float(shares[0])
    else:
        grids = np.indices([min(size, k) + 1 for size in sizes[:-1].tolist()])
        rest = grids.reshape(sizes.size - 1, -1).T
        last = k - rest.sum(axis=1, keepdims=True)
        counts = np.concatenate([rest, last], axis=1)
        counts = counts[(last[:, 0] >= 0) & (last[:, 0] <= sizes[-1])]
    weights = np.ones(len(counts))
    for size, column in zip(sizes.tolist(), counts.T, strict=True):
        ways = np.array([float(math.comb(size, drawn)) for drawn in range(min(size, k) + 1)])
        weights = weights * ways[column]
    return float(weights @ _of_most(counts, shares) / math.comb(int(sizes.sum()), k))


def _drawn_before(n: int, k: int, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """For draws of k of n samples: how many of the first 0, 1, .. n are drawn."""
    order = rng.random((n_draws, n)).argpartition(k - 1, axis=1)[:, :k]
    is_drawn = np.zeros((n_draws, n + 1), dtype=np.int64)
    np.put_along_axis(is_drawn, order + 1, 1, axis=1)
    return is_drawn.cumsum(axis=1)


def _of_most(counts: np.ndarray, shares: Floats) -> Floats:
    """The share of right ones in the largest group of each row of `counts`, over all if tied."""
    most = counts == counts.max(axis=1, keepdims=True)
    return np.asarray((most @ shares) / most.sum(axis=1))


def _checked(groups: Sequence[Group]) -> Sequence[Group]:
    for size, right in groups:
        if size < 1 or not 0 <= right <= size:
            raise MetricError(f"a group of {size} samples, {right} right: 0 to all of 1 at least")
    return groups
