"""How long sequences are: shares of sequences by their number of edits, and edits over lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintseq_core.charts.theme import Theme, plain, series_colour, series_dash, series_symbol, style
from lintseq_core.results.frames import Frame

if TYPE_CHECKING:
    import plotly.graph_objects as go


def lengths_figure(frame: Frame, theme: Theme, *, x: str, value: str = "edits") -> go.Figure:
    """A stepped line a method: `value` over the `share` of its sequences."""
    import plotly.graph_objects as go

    figure = go.Figure()
    rows = list(frame.rows())
    for number, method in enumerate(dict.fromkeys(row["method"] for row in rows)):
        part = [row for row in rows if row["method"] == method]
        figure.add_scatter(
            x=[row[value] for row in part],
            y=[row["share"] for row in part],
            mode="lines+markers",
            name=plain(method),
            line={
                "shape": "hvh",
                "color": series_colour(theme, number),
                "dash": series_dash(number),
            },
            marker={"size": 6, "symbol": series_symbol(number)},
            hovertemplate=f"{plain(method)}: %{{y:.1%}} have %{{x}}<extra></extra>",
        )
    style(figure, theme, x=x, y="share", height=360)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    legend = {"orientation": "h", "y": -0.22, "font": {"color": theme.text}}
    return figure.update_layout(showlegend=True, legend=legend, margin={"b": 90})


def edits_over_lines_figure(frame: Frame, theme: Theme) -> go.Figure:
    """A point a program for each method, and the line that RandSeq's are expected on."""
    import plotly.graph_objects as go

    rows = sorted(frame.rows(), key=lambda row: row["lines"])
    lines = [row["lines"] for row in rows]
    figure = go.Figure()
    for number, (name, column) in enumerate(
        (("LintSeq", "lintseq_edits"), ("RandSeq", "randseq_edits"))
    ):
        figure.add_scatter(
            x=lines,
            y=[row[column] for row in rows],
            mode="markers",
            name=name,
            text=[plain(str(row["program"])) for row in rows],
            marker={
                "color": series_colour(theme, number),
                "symbol": series_symbol(number),
                "size": 8,
                "opacity": 0.8,
            },
            hovertemplate="%{text}: %{x} lines, %{y:.2f} edits<extra></extra>",
        )
    figure.add_scatter(
        x=lines,
        y=[row["expected_of_randseq"] for row in rows],
        mode="lines",
        name="1 + H(n − 1)",
        line={"color": theme.muted, "dash": "dot"},
        hoverinfo="skip",
    )
    style(figure, theme, x="lines of the program", y="edits, mean", height=400)
    figure.update_yaxes(rangemode="tozero")
    legend = {"orientation": "h", "y": -0.2, "font": {"color": theme.text}}
    return figure.update_layout(showlegend=True, legend=legend, margin={"b": 90})
