"""pass@k of tallied results with intervals, and the difference of two runs.

The estimator and its intervals are in `metrics`; `curves` gives the same for every k, as tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lintseq_core.metrics.intervals import (
    LEVEL,
    PairedDifference,
    paired_difference,
    score_interval,
)
from lintseq_core.metrics.pass_at_k import mean_pass_at_k, pass_at_k
from lintseq_core.results.scores.tally import Tally


@dataclass(frozen=True, slots=True)
class Score:
    """pass@k of one run; everything is NaN where no problem has k samples."""

    k: int
    value: float
    low: float
    high: float
    """Both NaN too where fewer than FEWEST_PROBLEMS have k samples."""
    standard_error: float
    level: float
    n_problems: int
    """Problems with at least k samples: the mean is over these."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """pass@k of two runs on the problems that both have."""

    k: int
    a: float
    b: float
    paired: PairedDifference


def score(found: Tally, ks: Sequence[int], *, level: float = LEVEL) -> list[Score]:
    """pass@k for each of `ks`, with an interval over the problems."""
    scores = []
    for one in mean_pass_at_k(found.n, found.c, ks):
        values = pass_at_k(found.n, found.c, one.k)
        interval = score_interval(values, level=level)
        scores.append(
            Score(
                one.k,
                one.mean,
                interval.low,
                interval.high,
                interval.standard_error,
                level,
                one.n_problems,
            )
        )
    return scores


def compare(
    a: Tally, b: Tally, ks: Sequence[int], *, seed: int = 0, level: float = LEVEL
) -> list[Comparison]:
    """pass@k of `a` less that of `b` for each of `ks`, on the problems that both can score.

    `seed` is of the permutation test.
    """
    found = []
    for k in ks:
        in_a, in_b = _by_problem(a, k), _by_problem(b, k)
        paired = paired_difference(in_a, in_b, seed=seed, level=level)
        shared = in_a.keys() & in_b.keys()
        found.append(Comparison(k, _mean(in_a, shared), _mean(in_b, shared), paired))
    return found


def _by_problem(found: Tally, k: int) -> dict[str, float]:
    """pass@k by problem, of the problems with at least k samples."""
    values = pass_at_k(found.n, found.c, k).tolist()
    return {
        task_id: value
        for task_id, value in zip(found.task_ids, values, strict=True)
        if not math.isnan(value)
    }


def _mean(values: Mapping[str, float], shared: set[str]) -> float:
    return math.fsum(values[task_id] for task_id in shared) / len(shared) if shared else math.nan
