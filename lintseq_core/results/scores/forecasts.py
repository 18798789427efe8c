"""Forecasts of a counted run as tables: what is measured, and what each model says beyond."""

from __future__ import annotations

from collections.abc import Sequence

from lintseq_core.metrics.forecast import MODEL_NAMES, ModelName, forecast, rate_densities
from lintseq_core.metrics.planning import next_samples
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.scores.curves import MEASURED, MODEL_POINTS, curve_frame, draws_up_to
from lintseq_core.results.scores.tally import Tally


def forecast_frame(
    found: Tally, beyond: int, models: Sequence[ModelName] = MODEL_NAMES, *, seed: int = 0
) -> Frame:
    """model, k, pass_at_k, low, high, never, exponent: what is measured, then each model.

    Models begin at the samples that are there and go on to `beyond`; `never` and `exponent` as of
    `Forecast`. MetricError where all samples pass or none does.
    """
    names = ("model", "k", "pass_at_k", "low", "high", "never", "exponent")
    rows = [row | {"model": MEASURED} for row in curve_frame({found.name: found}).rows()]
    start = rows[-1]["k"] if rows else 1
    ks = [start, *(k for k in draws_up_to(beyond, MODEL_POINTS) if k > start)]
    for one in forecast(found.n, found.c, ks, models, seed=seed):
        ends = zip(ks, one.estimate.tolist(), one.low.tolist(), one.high.tolist(), strict=True)
        facts = {"model": one.model, "never": one.never, "exponent": one.exponent}
        rows += [
            {"k": k, "pass_at_k": middle, "low": low, "high": high} | facts
            for k, middle, low, high in ends
        ]
    return frame_of(rows, names)


def rate_frame(found: Tally) -> Frame:
    """model, rate, density, never: how each model has the solve rates of problems spread.

    `density` is the share of problems per factor of e of the rate. MetricError as `forecast_frame`.
    """
    rows = [
        {"model": one.model, "rate": rate, "density": density, "never": one.never}
        for one in rate_densities(found.n, found.c)
        for rate, density in zip(one.rates.tolist(), one.density.tolist(), strict=True)
    ]
    return frame_of(rows, ("model", "rate", "density", "never"))


def draw_next(found: Tally, k: int, budget: int) -> Frame:
    """task_id, n, c, more: how many of the next `budget` samples each problem gets, most first.

    As `next_samples`; MetricError where all samples pass or none does.
    """
    more = next_samples(found.n, found.c, k, budget).tolist()
    rows = [
        {"task_id": task, "n": n, "c": c, "more": extra}
        for task, n, c, extra in zip(found.task_ids, found.n, found.c, more, strict=True)
    ]
    rows.sort(key=lambda row: -row["more"])
    return frame_of(rows, ("task_id", "n", "c", "more"))
