"""Loss a token over optimizer steps, a line a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintseq_core.charts.theme import Theme, plain, series_colour, series_dash, style
from lintseq_core.results.frames import Frame

if TYPE_CHECKING:
    import plotly.graph_objects as go


def losses_figure(frame: Frame, theme: Theme, *, series: str | None = None) -> go.Figure:
    """`loss` over `step`, a line for each value of the column `series`, or one."""
    import plotly.graph_objects as go

    rows = list(frame.rows())
    names = list(dict.fromkeys(row[series] for row in rows)) if series else [""]
    figure = go.Figure()
    for number, name in enumerate(names):
        part = [row for row in rows if series is None or row[series] == name]
        figure.add_scatter(
            x=[row["step"] for row in part],
            y=[row["loss"] for row in part],
            mode="lines+markers" if len(part) <= 40 else "lines",
            name=plain(str(name)),
            line={
                "color": series_colour(theme, number),
                "dash": series_dash(number),
                "width": 2,
            },
            hovertemplate="step %{x}: %{y:.3f}<extra></extra>",
        )
    style(figure, theme, x="optimizer step", y="loss a token, nats", height=340)
    legend = {"orientation": "h", "y": -0.22, "font": {"color": theme.text}}
    return figure.update_layout(showlegend=series is not None, legend=legend, margin={"b": 90})
