"""Heat map of birth order: a row a line, a column a sequence, coloured by when the line comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lintseq_core.charts.orders import Orders, drawn_lines
from lintseq_core.charts.theme import Theme, plain, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW_PX = 17
LABEL_CHARACTERS = 16
MOST_LABELS = 75
"""Rows up to which each has its number and the beginning of its line; of more, some have one."""
SCALE = "Cividis"
"""Dark to light in both themes, and the same to those who do not tell red from green."""


def birth_order_figure(orders: Orders, theme: Theme) -> go.Figure:
    """Line against sequence; dark cells come early, light ones late. Blank lines are left out."""
    import plotly.graph_objects as go

    lines = list(drawn_lines(orders))
    n_rows = len(lines)
    custom: Any = np.dstack([
        orders.births.T[lines] + 1,
        np.broadcast_to(orders.n_edits, (n_rows, orders.n_samples)),
        np.broadcast_to(np.array(lines, dtype=int)[:, None] + 1, (n_rows, orders.n_samples)),
    ])  # fmt: skip
    place = "line %{customdata[2]}, sequence %{x}<br>edit %{customdata[0]} of %{customdata[1]}"
    has_text = n_rows * orders.n_samples <= 20_000
    figure = go.Figure(
        go.Heatmap(
            z=orders.relative.T[lines],
            x=list(range(1, orders.n_samples + 1)),
            y=list(range(1, n_rows + 1)),
            text=[[plain(orders.lines[line], 48)] * orders.n_samples for line in lines]
            if has_text
            else None,
            customdata=custom,
            hovertemplate=f"{place}<br>%{{text}}<extra></extra>"
            if has_text
            else f"{place}<extra></extra>",
            colorscale=SCALE,
            zmin=0,
            zmax=1,
            ygap=1,
            colorbar={
                "title": {
                    "text": "when the line comes",
                    "font": {"color": theme.text, "size": 13},
                    "side": "top",
                },
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "len": 1,
                "y": 1,
                "yanchor": "bottom",
                "tickvals": [0, 0.5, 1],
                "ticktext": ["first edit", "halfway", "last edit"],
                "tickfont": {"color": theme.text, "size": 12},
                "thickness": 12,
                "outlinewidth": 0,
            },
        )
    )
    height = max(260, min(1400, ROW_PX * n_rows + 130))
    style(figure, theme, x="sequence", y="", height=height)
    figure.update_layout(margin={"l": 10, "t": 10})
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    figure.update_xaxes(showgrid=False)
    if n_rows <= MOST_LABELS:
        figure.update_yaxes(
            tickvals=list(range(1, n_rows + 1)),
            ticktext=[_label(line, orders) for line in lines],
            tickfont={"family": "monospace", "size": 11},
        )
    else:
        some = range(0, n_rows, -(-n_rows // 40))
        figure.update_yaxes(
            tickvals=[at + 1 for at in some], ticktext=[f"line {lines[at] + 1}" for at in some]
        )
    return figure


def _label(line: int, orders: Orders) -> str:
    """The number and the beginning of a line, all labels equally wide, so that code lines up."""
    text, digits = orders.lines[line], len(str(len(orders.lines)))
    start = plain(text, LABEL_CHARACTERS)
    fill = " " * (LABEL_CHARACTERS - min(len(text), LABEL_CHARACTERS))
    return f"{line + 1:>{digits}} {start}{fill}".replace(" ", "\N{NO-BREAK SPACE}")
