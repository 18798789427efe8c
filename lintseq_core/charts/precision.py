"""How wide the band of pass@k is over the number of samples, from a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lintseq_core.charts.line_ends import LineEnd, name_line_ends, read_all_lines
from lintseq_core.charts.theme import Theme, log_ticks, series_colour, series_symbol, style
from lintseq_core.metrics.planning import Precision

if TYPE_CHECKING:
    import plotly.graph_objects as go


HEIGHT, TOP, BOTTOM = 320, 20, 50
"""Pixels of the chart and of its margins."""
ROOM_ABOVE = 1.1
"""How far the axis goes, in the widest band."""


def precision_figure(
    plan: Sequence[Precision], theme: Theme, *, half_width: float, number: int = 0
) -> go.Figure:
    """Half widths in points: samples alone, and problems too; a dotted line at `half_width`.

    Both are of one run, which has the colour `number`, and dashed: a model of it says them.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    colour = series_colour(theme, number)
    ends = []
    widths = [max(one.half_width, one.half_width_over_problems) for one in plan]
    most = 100 * max([half_width, *widths])
    for place, (name, values) in enumerate(
        (
            ("these problems", [one.half_width for one in plan]),
            ("problems like these", [one.half_width_over_problems for one in plan]),
        )
    ):
        figure.add_scatter(
            x=[one.n for one in plan],
            y=[100 * value for value in values],
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2, "dash": "dash"},
            marker={"color": colour, "size": 9, "symbol": series_symbol(place)},
            hovertemplate=f"{name}: ±%{{y:.1f}} points<extra></extra>",
        )
        if plan:
            ends.append(LineEnd(name, colour, plan[-1].n, 100 * values[-1]))
    figure.add_hline(
        y=100 * half_width,
        line={"color": theme.muted, "dash": "dot"},
        annotation={"text": f"wanted: ±{100 * half_width:g}", "font": {"color": theme.text}},
        annotation_position="top left",
    )
    k = plan[0].k if plan else 1
    style(figure, theme, x="samples a problem", y=f"± points of pass@{k}", height=HEIGHT)
    figure.update_layout(margin={"t": TOP, "b": BOTTOM})
    ticks = log_ticks(max((one.n for one in plan), default=1), beyond=False)
    figure.update_xaxes(type="log", **ticks)
    figure.update_yaxes(range=[0, ROOM_ABOVE * most])
    read_all_lines(figure, theme, x="%{x:,} samples a problem")
    height = HEIGHT - TOP - BOTTOM
    name_line_ends(figure, ends, theme, low=0, high=ROOM_ABOVE * most, height=height)
    return figure
