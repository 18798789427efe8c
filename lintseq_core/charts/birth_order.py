"""Heat map of birth order: a row a line, a column a sequence, coloured by when the line comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lintseq_core.charts.orders import Orders
from lintseq_core.charts.theme import Theme, plain, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW_PX = 13


def birth_order_figure(orders: Orders, theme: Theme) -> go.Figure:
    """Line against sequence; dark cells come early, light ones late."""
    import plotly.graph_objects as go

    n_lines = len(orders.lines)
    custom: Any = np.dstack([
        orders.births.T + 1,
        np.broadcast_to(orders.n_edits, (n_lines, orders.n_samples)),
    ])  # fmt: skip
    place = "line %{y}, sequence %{x}<br>edit %{customdata[0]} of %{customdata[1]}"
    figure = go.Figure(
        go.Heatmap(
            z=orders.relative.T,
            x=list(range(1, orders.n_samples + 1)),
            y=list(range(1, n_lines + 1)),
            text=[[plain(text, 48)] * orders.n_samples for text in orders.lines]
            if n_lines * orders.n_samples <= 20_000
            else None,
            customdata=custom,
            hovertemplate=f"{place}<br>%{{text}}<extra></extra>"
            if n_lines * orders.n_samples <= 20_000
            else f"{place}<extra></extra>",
            colorscale=[[0, theme.early], [1, theme.late]],
            zmin=0,
            zmax=1,
            colorbar={
                "title": {"text": "comes", "font": {"color": theme.text}},
                "tickvals": [0, 0.5, 1],
                "ticktext": ["first", "halfway", "last"],
                "tickfont": {"color": theme.text},
                "thickness": 12,
                "outlinewidth": 0,
            },
        )
    )
    style(figure, theme, x="sequence", y="line", height=max(260, min(1400, ROW_PX * n_lines + 80)))
    figure.update_yaxes(autorange="reversed", showgrid=False, nticks=min(n_lines, 25))
    figure.update_xaxes(showgrid=False)
    return figure
