"""pass@k over k: curves with bands, differences of two runs, and what lies beyond n by a model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.extrapolation import extrapolate
from lintseq_core.metrics.intervals import TOO_FEW, difference_band, score_band
from lintseq_core.metrics.pass_at_k import pass_at_k
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.scores.tally import Tally

MEASURED, MODEL = "measured", "beta-binomial model"
MOST_POINTS, MODEL_POINTS = 240, 40
"""Of a curve that is measured, and of one that a model draws, from k = 1 on."""
_COLUMNS = ("run", "k", "pass_at_k", "low", "high", "kind")


def draws_up_to(most: int, points: int = MOST_POINTS) -> list[int]:
    """Every k from 1 to `most`, or `points` of them evenly spaced on a logarithmic axis.

    >>> draws_up_to(5)
    [1, 2, 3, 4, 5]
    """
    if most <= points:
        return list(range(1, most + 1))
    return sorted({round(k) for k in np.geomspace(1, most, points).tolist()})


def curve_frame(runs: Mapping[str, Tally], *, beyond: int = 0, seed: int = 0) -> Frame:
    """run, k, pass_at_k, low, high, kind: one row for each run and k.

    k goes to the fewest samples that a problem of the run has, so that every point is a mean over
    all its problems; its ends are those of `score` for that k. With `beyond`, points of the
    beta-binomial model follow up to that k; a run that solves all or nothing has none.
    """
    rows = []
    for run, found in runs.items():
        ks = draws_up_to(min(found.n, default=0))
        if not ks:
            continue
        values = _by_problem(found, ks)
        low, high = score_band(values)
        means = values.mean(axis=0)
        for at, k in enumerate(ks):
            rows.append(_row(run, k, means[at], low[at], high[at], MEASURED))
        if beyond > ks[-1]:
            rows += _modelled(run, found, ks[-1], beyond, seed)
    return frame_of(rows, _COLUMNS)


def difference_frame(a: Tally, b: Tally) -> Frame:
    """k, difference, low, high: pass@k of `a` less that of `b` on the problems that both have.

    The ends are those of `compare` for that k.
    """
    in_a, in_b = _counts(a), _counts(b)
    shared = sorted(in_a.keys() & in_b.keys())
    if not shared:
        raise MetricError(f"{a.name} and {b.name} share no problem: nothing can be compared")
    n = [(in_a[task][0], in_b[task][0]) for task in shared]
    ks = draws_up_to(min(map(min, n)))
    values = _values([in_a[task] for task in shared], ks)
    values = values - _values([in_b[task] for task in shared], ks)
    low, high = difference_band(values)
    columns = zip(ks, values.mean(axis=0).tolist(), low.tolist(), high.tolist(), strict=True)
    names = ("k", "difference", "low", "high")
    return frame_of([dict(zip(names, row, strict=True)) for row in columns], names)


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
    return [_row(run, one.k, one.estimate, one.low, one.high, MODEL) for one in points]


def _row(run: str, k: int, mean: float, low: float, high: float, kind: str) -> dict[str, object]:
    ends = {"low": float(low), "high": float(high)}
    return {"run": run, "k": k, "pass_at_k": float(mean), **ends, "kind": kind}


def _counts(found: Tally) -> dict[str, tuple[int, int]]:
    return {task: (n, c) for task, n, c in zip(found.task_ids, found.n, found.c, strict=True) if n}


def _by_problem(found: Tally, ks: Sequence[int]) -> NDArray[np.float64]:
    return _values(list(zip(found.n, found.c, strict=True)), ks)


def _values(counts: Sequence[tuple[int, int]], ks: Sequence[int]) -> NDArray[np.float64]:
    """pass@k, shape (problems, ks); each pair of n and c is worked out once."""
    pairs, place = np.unique(np.array(counts), axis=0, return_inverse=True)
    n, c = pairs[:, :1], pairs[:, 1:]
    return pass_at_k(n, c, np.array(ks)[None, :])[place.ravel()]
