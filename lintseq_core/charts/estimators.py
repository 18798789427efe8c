"""The naive and the unbiased estimate of pass@k of one problem, over the number of samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lintseq_core.charts.theme import (
    Theme,
    log_ticks,
    put_legend_below,
    series_colour,
    series_dash,
    series_symbol,
    style,
)
from lintseq_core.metrics.pass_at_k import pass_at_k
from lintseq_core.metrics.planning import expected_naive, naive_pass_at_k
from lintseq_core.results.frames import Frame, frame_of

if TYPE_CHECKING:
    import plotly.graph_objects as go


def estimator_frame(p: float, k: int, ns: Sequence[int], *, draws: int, seed: int) -> Frame:
    """n, c, unbiased, naive, truth, naive_mean: a row a drawn run of `estimators_figure`."""
    counts = _counts(p, ns, draws, seed)
    truth = 1 - (1 - p) ** k
    rows = [
        {"n": n, "c": c, "unbiased": unbiased, "naive": naive, "truth": truth, "naive_mean": mean}
        for n in ns
        for mean in [expected_naive(n, p, k)]
        for c, unbiased, naive in zip(
            counts[n].tolist(),
            pass_at_k(n, counts[n], k).tolist(),
            naive_pass_at_k(n, counts[n], k).tolist(),
            strict=True,
        )
    ]
    return frame_of(rows, ("n", "c", "unbiased", "naive", "truth", "naive_mean"))


def _counts(p: float, ns: Sequence[int], draws: int, seed: int) -> dict[int, NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    return {n: rng.binomial(n, p, draws) for n in ns}


def estimators_figure(
    p: float, k: int, ns: Sequence[int], theme: Theme, *, draws: int, seed: int
) -> go.Figure:
    """Means as lines, `draws` estimates of each as points, for each number of samples in `ns`."""
    import plotly.graph_objects as go

    figure = go.Figure()
    counts = _counts(p, ns, draws, seed)
    for number, (name, estimate, side) in enumerate(
        (("unbiased", pass_at_k, 1.0), ("naive", naive_pass_at_k, -1.0))
    ):
        figure.add_scatter(
            x=[n * (1 + side * 0.012) for n in ns for _ in range(draws)],
            y=[value for n in ns for value in estimate(n, counts[n], k).tolist()],
            mode="markers",
            name=f"{name}, single runs",
            marker={
                "color": series_colour(theme, number),
                "size": 5,
                "opacity": 0.35,
                "symbol": series_symbol(number),
            },
            hovertemplate=f"{name}: %{{y:.1%}}<extra></extra>",
        )
    truth = 1 - (1 - p) ** k
    figure.add_scatter(
        x=list(ns),
        y=[truth] * len(ns),
        mode="lines",
        name="truth, and the unbiased mean",
        line={"color": theme.blue, "width": 3},
        hovertemplate="truth: %{y:.1%}<extra></extra>",
    )
    figure.add_scatter(
        x=list(ns),
        y=[expected_naive(n, p, k) for n in ns],
        mode="lines+markers",
        name="naive mean",
        line={"color": theme.orange, "width": 3, "dash": series_dash(1)},
        marker={"symbol": series_symbol(1), "size": 8},
        hovertemplate="naive mean with %{x} samples: %{y:.1%}<extra></extra>",
    )
    style(figure, theme, x="n, samples", y=f"estimate of pass@{k}", height=420)
    figure.update_xaxes(type="log", **log_ticks())
    figure.update_yaxes(tickformat=".0%", range=[-0.03, 1.03])
    put_legend_below(figure, theme)
    return figure
