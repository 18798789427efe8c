"""Two sequences of one program against each other: when each line comes in either."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lintseq_core.charts.orders import Orders
from lintseq_core.charts.precedence import name_group
from lintseq_core.charts.theme import Theme, plain, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_TICKS = 12


def alignment_figure(orders: Orders, one: int, other: int, theme: Theme) -> go.Figure:
    """A point for the lines that come in the same edits; on a rising line the orders agree."""
    import plotly.graph_objects as go

    points: dict[tuple[int, int], list[int]] = defaultdict(list)
    for line, births in enumerate(zip(orders.births[one], orders.births[other], strict=True)):
        points[int(births[0]) + 1, int(births[1]) + 1].append(line)
    figure = go.Figure(
        go.Scatter(
            x=[x for x, _ in points],
            y=[y for _, y in points],
            mode="markers+text",
            text=[name_group(tuple(lines)) for lines in points.values()],
            textposition="top center",
            textfont={"color": theme.text, "size": 10},
            hovertext=[
                "<br>".join(f"{line + 1}  {plain(orders.lines[line])}" for line in lines[:12])
                for lines in points.values()
            ],
            hoverinfo="text",
            marker={
                "size": [8 + min(12, len(lines)) for lines in points.values()],
                "color": theme.blue,
                "line": {"color": theme.surface, "width": 1},
            },
        )
    )
    last = [int(orders.n_edits[sample]) for sample in (one, other)]
    figure.add_shape(
        type="line", x0=1, y0=1, x1=last[0], y1=last[1], layer="below",
        line={"color": theme.muted, "dash": "dot", "width": 1},
    )  # fmt: skip
    style(figure, theme, x="edit in the first", y="edit in the second", height=420)
    # Whole numbers alone: there is no edit 1.5.
    figure.update_xaxes(tick0=1, dtick=-(-last[0] // MAX_TICKS))
    figure.update_yaxes(tick0=1, dtick=-(-last[1] // MAX_TICKS))
    return figure
