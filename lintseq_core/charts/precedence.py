"""Graph of the partial order: which lines never come after which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintseq_core.charts.orders import Orders, Precedence
from lintseq_core.charts.theme import Theme, plain, style

if TYPE_CHECKING:
    import plotly.graph_objects as go


def precedence_figure(orders: Orders, precedence: Precedence, theme: Theme) -> go.Figure:
    """A node a group of lines, at the height of its first line; it comes after all to its left."""
    import plotly.graph_objects as go

    groups, layers = precedence.groups, precedence.layers
    heights = [group[0] + 1 for group in groups]
    edge_x: list[float | None] = []
    edge_y: list[float | None] = []
    for earlier, later in precedence.arrows:
        edge_x += [layers[earlier], layers[later], None]
        edge_y += [heights[earlier], heights[later], None]
    figure = go.Figure([
        go.Scatter(
            x=edge_x, y=edge_y, mode="lines", hoverinfo="skip",
            line={"color": theme.muted, "width": 1},
        ),
        go.Scatter(
            x=list(layers),
            y=heights,
            mode="markers+text",
            text=[name_group(group) for group in groups],
            textposition="middle right",
            textfont={"color": theme.text, "size": 11},
            hovertext=[_hover(orders, group) for group in groups],
            hoverinfo="text",
            marker={
                "size": [7 + min(9, len(group)) for group in groups],
                "color": theme.blue,
                "line": {"color": theme.surface, "width": 1},
            },
        ),
    ])  # fmt: skip
    n_lines = len(orders.lines)
    style(
        figure,
        theme,
        x="groups that come before it, or with it",
        y="line",
        height=max(300, min(1400, 13 * n_lines + 80)),
    )
    figure.update_yaxes(range=[n_lines + 1, 0], showgrid=False)
    figure.update_xaxes(dtick=1, range=[-0.4, max(layers, default=0) + 1])
    return figure


def name_group(group: tuple[int, ...]) -> str:
    """The lines of a group in short: "3", "3-5", "3-5, 9 …"."""
    runs: list[list[int]] = []
    for line in group:
        if runs and runs[-1][1] == line - 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    names = [f"{a + 1}" if a == b else f"{a + 1}-{b + 1}" for a, b in runs]
    return ", ".join(names[:2]) + (" …" if len(names) > 2 else "")


def _hover(orders: Orders, group: tuple[int, ...]) -> str:
    rows = [f"{line + 1}  {plain(orders.lines[line])}" for line in group[:12]]
    return "<br>".join([*rows, f"and {len(group) - 12} more"] if len(group) > 12 else rows)
