"""pass@k and its family of tallied results with intervals, and the difference of two runs.

The estimators and their intervals are in `metrics`; `curves` gives the same for every k, as tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lintseq_core.metrics.crossed import crossed_interval
from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.intervals import (
    FEWEST_PROBLEMS,
    LEVEL,
    TOO_FEW,
    Interval,
    PairedDifference,
    paired_difference,
    score_interval,
)
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.scores.family import PASS_AT_K, Metric, metric_values
from lintseq_core.results.scores.tally import Tally


@dataclass(frozen=True, slots=True)
class Score:
    """pass@k, or another metric, of one run; all is NaN where no problem has k samples."""

    k: int
    value: float
    low: float
    high: float
    """Both NaN too where fewer than FEWEST_PROBLEMS have k samples."""
    standard_error: float
    level: float
    n_problems: int
    """Problems with at least k samples: the mean is over these."""
    reason: str = ""
    """Why the value, or its interval, is NaN."""
    simulation_error: float = 0.0
    """The standard error that simulating adds to the value."""
    n_seeds: int = 1
    """Runs that the mean is over too."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """pass@k of two runs on the problems that both have."""

    k: int
    a: float
    b: float
    paired: PairedDifference


def score(
    found: Tally, ks: Sequence[int], *, level: float = LEVEL, metric: Metric = PASS_AT_K
) -> list[Score]:
    """`metric` for each of `ks`, with an interval over the problems."""
    return score_of_seeds([found], ks, level=level, metric=metric)


def score_of_seeds(
    seeds: Sequence[Tally], ks: Sequence[int], *, level: float = LEVEL, metric: Metric = PASS_AT_K
) -> list[Score]:
    """`metric` of runs that differ in their seed alone, with an interval over seeds and problems.

    Over the problems that all have. MetricError where they share none.
    """
    tasks = [task for task in seeds[0].task_ids if all(task in one.task_ids for one in seeds[1:])]
    if not tasks:
        raise MetricError("runs of several seeds share no problem: are they of one benchmark?")
    measured = [metric_values(one, ks, metric) for one in seeds]
    places = [{task: place for place, task in enumerate(one.task_ids)} for one in seeds]
    values = np.stack(
        [one.values[[at[task] for task in tasks]] for one, at in zip(measured, places, strict=True)]
    )
    errors = np.sqrt(sum(one.simulation_errors**2 for one in measured)) / len(seeds)
    missing = next(filter(None, map(metric.missing, seeds)), "")
    scores = []
    for at, k in enumerate(ks):
        interval = _interval(values[:, :, at], level)
        reason = missing
        if not interval.n_problems:
            reason = missing or f"no problem has the samples that {metric.at(k)} takes"
        elif interval.n_problems < FEWEST_PROBLEMS:
            reason = TOO_FEW
        ends = interval.low, interval.high, interval.standard_error
        scores.append(
            Score(
                k, interval.estimate, *ends, level, interval.n_problems, reason,
                float(errors[at]), len(seeds),
            )
        )  # fmt: skip
    return scores


def score_frame(
    runs: Mapping[str, Tally], ks: Sequence[int], metrics: Sequence[Metric] = (PASS_AT_K,)
) -> Frame:
    """run, metric, k, value, low, high, problems, reason: a row a run, metric and k."""
    rows = [
        {"run": run, "metric": metric.at(one.k), "k": one.k, "value": one.value, "low": one.low}
        | {"high": one.high, "problems": one.n_problems, "reason": one.reason}
        for run, found in runs.items()
        for metric in metrics
        for one in score(found, metric.draws(ks), metric=metric)
    ]
    return frame_of(rows, ("run", "metric", "k", "value", "low", "high", "problems", "reason"))


def _interval(values: np.ndarray, level: float) -> Interval:
    """Of scores of shape (seeds, problems)."""
    if len(values) == 1:
        return score_interval(values[0], level=level)
    return crossed_interval(values, bounds=(0.0, 1.0), level=level).as_interval()


def compare(
    a: Tally,
    b: Tally,
    ks: Sequence[int],
    *,
    seed: int = 0,
    level: float = LEVEL,
    metric: Metric = PASS_AT_K,
) -> list[Comparison]:
    """`metric` of `a` less that of `b` for each of `ks`, on the problems that both can score.

    `seed` is of the permutation test.
    """
    found = []
    for k in ks:
        in_a, in_b = _by_problem(a, k, metric), _by_problem(b, k, metric)
        paired = paired_difference(in_a, in_b, seed=seed, level=level)
        shared = in_a.keys() & in_b.keys()
        found.append(Comparison(k, _mean(in_a, shared), _mean(in_b, shared), paired))
    return found


def _by_problem(found: Tally, k: int, metric: Metric) -> dict[str, float]:
    """`metric` by problem, of the problems that have it."""
    values = metric_values(found, [k], metric).values[:, 0].tolist()
    return {
        task_id: value
        for task_id, value in zip(found.task_ids, values, strict=True)
        if not math.isnan(value)
    }


def _mean(values: Mapping[str, float], shared: set[str]) -> float:
    return math.fsum(values[task_id] for task_id in shared) / len(shared) if shared else math.nan
