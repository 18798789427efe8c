"""How wide the band of pass@k is over the number of samples, from a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lintseq_core.charts.theme import (
    Theme,
    log_ticks,
    put_legend_below,
    series_colour,
    series_dash,
    series_symbol,
    style,
)
from lintseq_core.metrics.planning import Precision

if TYPE_CHECKING:
    import plotly.graph_objects as go


def precision_figure(plan: Sequence[Precision], theme: Theme, *, half_width: float) -> go.Figure:
    """Half widths in points: samples alone, and problems too; a dotted line at `half_width`."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for number, (name, values) in enumerate(
        (
            ("these problems", [one.half_width for one in plan]),
            ("problems like these", [one.half_width_over_problems for one in plan]),
        )
    ):
        colour = series_colour(theme, number)
        figure.add_scatter(
            x=[one.n for one in plan],
            y=[100 * value for value in values],
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2, "dash": series_dash(number)},
            marker={"color": colour, "size": 9, "symbol": series_symbol(number)},
            hovertemplate=f"%{{x:,}} samples a problem<br>{name}: ±%{{y:.1f}} points"
            "<extra></extra>",
        )
    figure.add_hline(
        y=100 * half_width,
        line={"color": theme.muted, "dash": "dot"},
        annotation={"text": f"wanted: ±{100 * half_width:g}", "font": {"color": theme.text}},
        annotation_position="top right",
    )
    k = plan[0].k if plan else 1
    style(figure, theme, x="samples a problem", y=f"± points of pass@{k}", height=340)
    figure.update_xaxes(type="log", **log_ticks())
    figure.update_yaxes(rangemode="tozero")
    put_legend_below(figure, theme)
    return figure
