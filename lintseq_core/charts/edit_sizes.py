"""Distribution of edit sizes: how many edits insert one line, two lines, ..."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lintseq_core.charts.theme import Theme, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_BARS = 40  # above it, sizes share a last bar


def edit_sizes_figure(sizes: Counter[int], theme: Theme) -> go.Figure:
    """A bar a size, as a share of all edits."""
    import plotly.graph_objects as go

    total = sum(sizes.values())
    shown: Counter[int] = Counter()
    for size, n_edits in sizes.items():
        shown[min(size, MAX_BARS)] += n_edits
    xs = sorted(shown)
    names = [f"{x} or more" if x == MAX_BARS else f"{x}" for x in xs]
    figure = go.Figure(
        go.Bar(
            x=xs,
            y=[shown[x] / total for x in xs],
            customdata=[[name, shown[x]] for x, name in zip(xs, names, strict=True)],
            hovertemplate="%{customdata[0]} lines: %{customdata[1]} edits, %{y:.1%}<extra></extra>",
            marker={"color": theme.blue},
        )
    )
    style(figure, theme, x="lines inserted by an edit", y="share of edits", height=300)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure
