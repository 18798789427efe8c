"""pass@k beyond the samples by several models, and how each has solve rates spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan, log
from typing import TYPE_CHECKING, Any

from lintseq_core.charts.line_ends import read_all_lines
from lintseq_core.charts.theme import (
    Theme,
    faint,
    log_ticks,
    plain,
    put_legend_below,
    series_colour,
    series_dash,
    style,
)
from lintseq_core.results.frames import Frame
from lintseq_core.results.scores.curves import MEASURED

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT, DENSITY_HEIGHT = 460, 320
LEAST_RATE = 1e-6
"""Of the axis of solve rates: what lies below is the same for any k up to a million."""
_CLOSE = 1e-6  # to 0 and 1, on logarithmic axes


def forecast_figure(frame: Frame, theme: Theme, *, logarithmic: bool = False) -> go.Figure:
    """What is measured as a full line, each model with its band dashed, from a `forecast_frame`.

    `logarithmic`: −log pass@k on logarithmic axes, where a power law is a straight line.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    rows = list(frame.rows())
    models = list(dict.fromkeys(row["model"] for row in rows))
    for model in models:
        part = [row for row in rows if row["model"] == model]
        is_measured = model == MEASURED
        # Models are told apart by colours after that of the first run, and by their dashes.
        colour = theme.text if is_measured else series_colour(theme, models.index(model))
        dash = "solid" if is_measured else series_dash(models.index(model))
        _add(figure, model, part, colour, dash, logarithmic)
    y = "−log pass@k" if logarithmic else "pass@k"
    style(figure, theme, x="k, samples a problem", y=y, height=HEIGHT)
    most = max((row["k"] for row in rows), default=1)
    figure.update_xaxes(type="log", **log_ticks(most, beyond=False))
    if logarithmic:
        figure.update_yaxes(type="log", exponentformat="power")
    else:
        figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    read_all_lines(figure, theme, x="k, samples a problem: %{x:,}")
    put_legend_below(figure, theme)
    return figure


def rate_figure(frame: Frame, theme: Theme) -> go.Figure:
    """The density of solve rates by each model over a logarithmic axis, from a `rate_frame`."""
    import plotly.graph_objects as go

    figure = go.Figure()
    rows = [row for row in frame.rows() if row["rate"] >= LEAST_RATE]
    models = list(dict.fromkeys(row["model"] for row in rows))
    for place, model in enumerate(models, start=1):
        part = [row for row in rows if row["model"] == model]
        never = part[0]["never"]
        name = model if isnan(never) else f"{model}: {never:.0%} never"
        figure.add_scatter(
            x=[row["rate"] for row in part],
            y=[row["density"] for row in part],
            mode="lines",
            name=plain(name),
            line={"color": series_colour(theme, place), "dash": series_dash(place), "width": 2},
            hovertemplate=f"{plain(model)}: %{{y:.3f}}<extra></extra>",
        )
    style(
        figure, theme, x="solve rate of a problem", y="problems per factor of e",
        height=DENSITY_HEIGHT,
    )  # fmt: skip
    figure.update_xaxes(type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(rangemode="tozero")
    read_all_lines(figure, theme, x="solve rate %{x:.2g}")
    put_legend_below(figure, theme)
    return figure


def _add(
    figure: Any,
    model: str,
    rows: Sequence[Mapping[str, Any]],
    colour: str,
    dash: str,
    logarithmic: bool,
) -> None:
    xs = [row["k"] for row in rows]
    low, middle, high = (
        [_height(row[end], logarithmic) for row in rows] for end in ("low", "pass_at_k", "high")
    )
    if not any(isnan(row["low"]) for row in rows):
        figure.add_scatter(
            x=[*xs, *reversed(xs)],
            y=[*high, *reversed(low)],
            mode="lines",
            fill="toself",
            fillcolor=faint(colour),
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            legendgroup=model,
        )
    figure.add_scatter(
        x=xs,
        y=middle,
        mode="lines" if len(xs) > 1 else "markers",
        name=plain(model),
        legendgroup=model,
        line={"color": colour, "width": 2, "dash": dash},
        customdata=[(row["pass_at_k"], row["low"], row["high"]) for row in rows],
        hovertemplate=f"{plain(model)}: %{{customdata[0]:.1%}}, %{{customdata[1]:.1%}} to "
        "%{customdata[2]:.1%}<extra></extra>",
    )


def _height(share: float, logarithmic: bool) -> float:
    """−log of a share that is kept off 0 and 1, where it has no place on the axis."""
    if not logarithmic or isnan(share):
        return share
    return -log(min(max(share, _CLOSE), 1 - _CLOSE))
