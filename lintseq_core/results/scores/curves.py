"""pass@k over k: curves with bands, differences of two runs, and what lies beyond n by a model."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.extrapolation import extrapolate
from lintseq_core.metrics.intervals import TOO_FEW, difference_band, score_band
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.scores.family import PASS_AT_K, Metric, metric_values
from lintseq_core.results.scores.tally import Tally

MEASURED, MODEL = "measured", "beta-binomial model"
MOST_POINTS, MODEL_POINTS, MAJORITY_POINTS = 240, 40, 12
"""Of a curve that is measured, of one that a model draws, from k = 1 on, and of majority@k, which
may have to be simulated."""
_COLUMNS = ("run", "k", "pass_at_k", "low", "high", "kind", "metric")


def draws_up_to(most: int, points: int = MOST_POINTS) -> list[int]:
    """Every k from 1 to `most`, or `points` of them evenly spaced on a logarithmic axis.

    >>> draws_up_to(5)
    [1, 2, 3, 4, 5]
    """
    if most <= points:
        return list(range(1, most + 1))
    return sorted({round(k) for k in np.geomspace(1, most, points).tolist()})


def curve_frame(
    runs: Mapping[str, Tally], *, beyond: int = 0, seed: int = 0, metric: Metric = PASS_AT_K
) -> Frame:
    """run, k, pass_at_k, low, high, kind, metric: one row for each run and k.

    k goes to the fewest samples that a problem of the run has, so that every point is a mean over
    all its problems; its ends are those of `score` for that k. With `beyond`, points of the
    beta-binomial model follow up to that k; a run that solves all or nothing has none. `metric`
    stands in the column pass_at_k where it is another one, of which no model goes on; bayes@n has
    one point, and a run that lacks what the metric takes has none.
    """
    rows = []
    for run, found in runs.items():
        ks = metric_draws(min(found.n, default=0), metric)
        if not ks or metric.missing(found):
            continue
        values = metric_values(found, ks, metric).values
        low, high = score_band(values)
        means = values.mean(axis=0)
        for at, k in enumerate(ks):
            rows.append(_row(run, k, means[at], low[at], high[at], MEASURED, metric.label))
        if beyond > ks[-1] and metric.name == "pass@k":
            rows += _modelled(run, found, ks[-1], beyond, seed)
    return frame_of(rows, _COLUMNS)


def metric_draws(most: int, metric: Metric = PASS_AT_K) -> list[int]:
    """The k up to `most` that a curve of `metric` is drawn at."""
    if metric.name == "bayes@n":
        return [most] if most else []
    return draws_up_to(most, MAJORITY_POINTS if metric.name == "majority@k" else MOST_POINTS)


def difference_frame(a: Tally, b: Tally, *, metric: Metric = PASS_AT_K) -> Frame:
    """k, difference, low, high, metric: `metric` of `a` less that of `b`, on shared problems.

    The ends are those of `compare` for that k.
    """
    in_a, in_b = _places(a), _places(b)
    shared = sorted(in_a.keys() & in_b.keys())
    if not shared:
        raise MetricError(f"{a.name} and {b.name} share no problem: nothing can be compared")
    for one in (a, b):
        if missing := metric.missing(one):
            raise MetricError(f"{metric.name} of {one.name}: {missing}")
    ks = metric_draws(min(min(a.n[in_a[task]], b.n[in_b[task]]) for task in shared), metric)
    values = metric_values(a, ks, metric).values[[in_a[task] for task in shared]]
    values = values - metric_values(b, ks, metric).values[[in_b[task] for task in shared]]
    low, high = difference_band(values)
    columns = zip(ks, values.mean(axis=0).tolist(), low.tolist(), high.tolist(), strict=True)
    names = ("k", "difference", "low", "high")
    rows = [dict(zip(names, row, strict=True)) | {"metric": metric.label} for row in columns]
    return frame_of(rows, (*names, "metric"))


def told_ends(low: float, high: float) -> str:
    """The ends of an interval of pass@k in words.

    >>> told_ends(0.0, 0.088)
    '0.0% to 8.8%'
    """
    return TOO_FEW if math.isnan(low) else f"{low:.1%} to {high:.1%}"


def _modelled(
    run: str, found: Tally, start: int, beyond: int, seed: int
) -> list[dict[str, object]]:
    # The same k for runs of any number of samples, so that all can be read at one.
    ks = [start, *(k for k in draws_up_to(beyond, MODEL_POINTS) if k > start)]
    try:
        points = extrapolate(found.n, found.c, ks, seed=seed)
    except MetricError:  # all samples pass, or none
        return []
    return [
        _row(run, one.k, one.estimate, one.low, one.high, MODEL, PASS_AT_K.label) for one in points
    ]


def _row(
    run: str, k: int, mean: float, low: float, high: float, kind: str, metric: str
) -> dict[str, object]:
    ends = {"low": float(low), "high": float(high)}
    return {"run": run, "k": k, "pass_at_k": float(mean), **ends, "kind": kind, "metric": metric}


def _places(found: Tally) -> dict[str, int]:
    """Where each problem that has samples stands."""
    return {task: place for place, task in enumerate(found.task_ids) if found.n[place]}
