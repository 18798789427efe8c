"""How long sequences are: shares of sequences by their number of edits, and edits over lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintseq_core.charts.theme import Theme, plain, series_colour, style
from lintseq_core.results.frames import Frame

if TYPE_CHECKING:
    import plotly.graph_objects as go

_DASHES = ("solid", "dash", "dot", "dashdot")


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
                "dash": _DASHES[number % len(_DASHES)],
            },
            marker={"size": 6, "symbol": ("circle", "diamond")[number % 2]},
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
    for name, column, colour, symbol in (
        ("LintSeq", "lintseq_edits", theme.blue, "circle"),
        ("RandSeq", "randseq_edits", theme.orange, "diamond"),
    ):
        figure.add_scatter(
            x=lines,
            y=[row[column] for row in rows],
            mode="markers",
            name=name,
            text=[plain(str(row["program"])) for row in rows],
            marker={"color": colour, "symbol": symbol, "size": 8, "opacity": 0.8},
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
