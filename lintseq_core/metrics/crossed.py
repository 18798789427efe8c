"""Intervals where scores vary over two things at once: what was trained anew, and what was asked.

A score of three trainings on two hundred tasks is no mean of six hundred: another seed moves all
tasks together. So seeds and tasks are both drawn anew, crossed (Owen 2007, "The pigeonhole
bootstrap"). Few seeds, drawn again from themselves, vary too little: their deviations are widened
by sqrt(S / (S - 1)), and the ends of the interval by what Student's t adds to the normal for as
many degrees of freedom as the two parts of the variance have together (Satterthwaite 1946). Of
scores from 0 to 1 it is never narrower than the interval over tasks alone, which does not collapse
where all of them are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.intervals import (
    FEWEST_PROBLEMS,
    LEVEL,
    Floats,
    Interval,
    difference_band,
    score_band,
)
from lintseq_core.metrics.quantiles import t_quantile

N_DRAWS = 4_000
_MOST_DEGREES = 1e6


@dataclass(frozen=True, slots=True)
class CrossedInterval:
    """A mean over seeds and tasks, and how far from it the mean over all such may lie."""

    estimate: float
    low: float
    high: float
    """Both NaN where there are fewer than FEWEST_PROBLEMS tasks."""
    seed_error: float
    """The standard error that the choice of seeds adds; NaN with one seed, which shows none."""
    task_error: float
    level: float
    n_seeds: int
    n_tasks: int

    def as_interval(self) -> Interval:
        """The same as an interval over problems."""
        error = float(np.sqrt(np.nan_to_num(self.seed_error) ** 2 + self.task_error**2))
        return Interval(self.estimate, self.low, self.high, error, self.level, self.n_tasks)


def crossed_interval(
    scores: ArrayLike,
    less: ArrayLike | None = None,
    *,
    bounds: tuple[float, float] = (-np.inf, np.inf),
    level: float = LEVEL,
    n_draws: int = N_DRAWS,
    seed: int = 0,
) -> CrossedInterval:
    """The mean of `scores`, shape (seeds, tasks), or of how far they are above those of `less`.

    `less` has the same tasks in the same order, and seeds of its own, which need not be as many.
    Tasks with a NaN anywhere are left out. With one seed the interval is over tasks alone.

    >>> found = crossed_interval([[0.2, 0.4, 0.4, 0.6, 0.9], [0.4, 0.6, 0.6, 0.8, 1.0]])
    >>> round(found.estimate, 2), found.n_seeds, found.n_tasks, found.low < 0.59 < found.high
    (0.59, 2, 5, True)

    MetricError for shapes that do not fit.
    """
    arms = [
        np.atleast_2d(np.asarray(one, dtype=float)) for one in (scores, less) if one is not None
    ]
    if len({arm.shape[1] for arm in arms}) != 1 or any(
        arm.ndim != 2 or not len(arm) for arm in arms
    ):
        shapes = " and ".join(str(arm.shape) for arm in arms)
        raise MetricError(f"scores of shape {shapes}: expected (seeds, tasks), with the same tasks")
    known = ~np.any([np.isnan(arm).any(axis=0) for arm in arms], axis=0)
    arms = [arm[:, known] for arm in arms]
    n_tasks, n_seeds = int(known.sum()), min(len(arm) for arm in arms)
    signs = (1.0, -1.0)
    by_task = np.sum(
        [sign * arm.mean(axis=0) for sign, arm in zip(signs, arms, strict=False)], axis=0
    )
    estimate = float(by_task.mean()) if n_tasks else np.nan
    seed_parts = [
        (float(arm.mean(axis=1).var(ddof=1)) / len(arm), len(arm) - 1)
        for arm in arms
        if len(arm) > 1 and n_tasks
    ]
    task_part = float(by_task.var(ddof=1)) / n_tasks if n_tasks > 1 else np.nan
    seed_error = float(np.sqrt(sum(part for part, _ in seed_parts))) if seed_parts else np.nan
    low = high = np.nan
    if n_tasks >= FEWEST_PROBLEMS:
        rng = np.random.default_rng(seed)
        tasks = rng.multinomial(n_tasks, np.full(n_tasks, 1 / n_tasks), size=n_draws) / n_tasks
        drawn = np.zeros(n_draws)
        for sign, arm in zip(signs, arms, strict=False):
            drawn += sign * _drawn_means(arm, tasks, rng)
        parts = [*seed_parts, (task_part, n_tasks - 1)]
        tail = (1 - level) / 2
        ends = np.quantile(drawn, [tail, 1 - tail])
        wider = _widening(parts, level)
        low, high = np.clip(estimate + (ends - estimate) * wider, *bounds).tolist()
        if all(arm.min() >= 0 and arm.max() <= 1 for arm in arms):
            # Scores that are nearly all alike show too little spread, drawn anew or not.
            band = score_band if less is None else difference_band
            ((least,), (most,)) = band(by_task[:, None], level=level)
            low, high = min(low, float(least)), max(high, float(most))
    return CrossedInterval(
        estimate, low, high, seed_error, float(np.sqrt(task_part)), level, n_seeds, n_tasks
    )


def _drawn_means(arm: Floats, tasks: Floats, rng: np.random.Generator) -> Floats:
    """The mean of `arm` for each row of weights of `tasks`, its seeds drawn anew."""
    n_seeds = len(arm)
    if n_seeds == 1:
        return np.asarray(tasks @ arm[0])
    center = arm.mean(axis=0)
    wide = center + (arm - center) * np.sqrt(n_seeds / (n_seeds - 1))
    seeds = rng.multinomial(n_seeds, np.full(n_seeds, 1 / n_seeds), size=len(tasks)) / n_seeds
    return np.asarray(((tasks @ wide.T) * seeds).sum(axis=1))


def _widening(parts: list[tuple[float, int]], level: float) -> float:
    """How much wider than the normal's the interval is, of variances with degrees of freedom."""
    total = sum(part for part, _ in parts)
    if total <= 0:
        return 1.0
    degrees = total**2 / sum(part**2 / freedom for part, freedom in parts)
    share = (1 + level) / 2
    return t_quantile(degrees, share) / t_quantile(_MOST_DEGREES, share)
