"""What each edit format costs a model: nats of a program by part, and what its samples come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lintseq_core.charts.theme import (
    Theme,
    plain,
    series_colour,
    series_pattern,
    series_symbol,
    style,
)
from lintseq_core.edits.formats.parts import PARTS, Part
from lintseq_core.results.frames import Frame

if TYPE_CHECKING:
    import plotly.graph_objects as go

_WELL_FORMED = "well-formed"
_HEIGHT_OF_ROW = 58
_BETWEEN = 0.15
"""Of a row, from a dot to the next: dots of a format stand below each other."""


def format_cost_figure(frame: Frame, theme: Theme) -> go.Figure:
    """Above a bar a format, of nats by part; below the shares of samples, with intervals.

    A row of `frame` is a format: `edit_format`, `nats of PART` and `tokens of PART` of a program
    held out, `well_formed`, `pass@K` with `low@K` and `high@K`, `tasks`, `samples`. What is None
    is not drawn.
    """
    import plotly.graph_objects as go

    rows = list(frame.rows())
    figure = go.Figure()
    for number, part in enumerate(PARTS):
        _add_part(figure, rows, part, number, theme)
    _add_totals(figure, rows, theme)
    names = [_WELL_FORMED, *(name for name in frame.columns if name.startswith("pass@"))]
    for number, name in enumerate(names):
        offset = (number - (len(names) - 1) / 2) * _BETWEEN
        _add_share(figure, rows, name, number, offset, theme)
    # Bars above and dots below, not side by side: on a phone both keep their whole width.
    height = 230 + 2 * _HEIGHT_OF_ROW * len(rows)
    style(figure, theme, x="nats of a program", y="", height=height)
    gap = 115 / (height - 105)  # of both panels: for a title, and the legend of the panel below
    middle = (1 - gap) / 2
    labels = {
        "tickvals": list(range(len(rows))),
        "ticktext": [plain(str(row["edit_format"]), 20) for row in rows],
        "range": [len(rows) - 0.5, -0.5],
        "tickfont": {"color": theme.text, "size": 12},
        "linecolor": theme.muted,
        "showgrid": False,
        "automargin": True,
        "zeroline": False,
    }
    most = max((sum(_nats(row).values()) for row in rows), default=0.0)
    figure.update_layout(
        barmode="stack",
        bargap=0.45,
        showlegend=True,
        margin={"l": 20, "t": 50, "b": 55},
        yaxis=labels | {"domain": [1 - middle, 1]},
        yaxis2=labels | {"domain": [0, middle]},
        xaxis={"range": [0, 1.18 * most or 1], "anchor": "y"},
        xaxis2={
            "anchor": "y2",
            "range": [-0.02, 1.02],
            "tickformat": ".0%",
            "gridcolor": theme.grid,
            "linecolor": theme.muted,
            "tickfont": {"color": theme.text, "size": 12},
            "title": {"text": "share of samples, and of tasks", "font": {"size": 13}},
            "zeroline": False,
        },
        legend=_legend(1.0, theme),
        legend2=_legend(middle, theme),
    )
    return figure


def _add_part(
    figure: go.Figure, rows: Sequence[dict[str, Any]], part: Part, number: int, theme: Theme
) -> None:
    shown = [(at, row) for at, row in enumerate(rows) if part in _nats(row)]
    figure.add_bar(
        orientation="h",
        x=[_nats(row)[part] for _, row in shown],
        y=[at for at, _ in shown],
        name=part,
        legend="legend",
        marker={
            "color": series_colour(theme, number),
            "line": {"color": theme.surface, "width": 1},
            "pattern": {
                "shape": series_pattern(number),
                "fillmode": "overlay",
                "fgcolor": theme.surface,
                "size": 7,
                "solidity": 0.25,
            },
        },
        customdata=[
            [plain(str(row["edit_format"])), row[f"tokens of {part}"], sum(_nats(row).values())]
            for _, row in shown
        ],
        hovertemplate=f"%{{customdata[0]}}, {part}: %{{x:.2f}} of %{{customdata[2]:.2f}} nats"
        "<br>%{customdata[1]:.1f} tokens of a program<extra></extra>",
    )


def _add_totals(figure: go.Figure, rows: Sequence[dict[str, Any]], theme: Theme) -> None:
    """The sum behind each bar, in figures."""
    sums = [sum(_nats(row).values()) for row in rows]
    figure.add_scatter(
        x=sums,
        y=list(range(len(rows))),
        mode="text",
        text=[f" {nats:.1f}" for nats in sums],
        textposition="middle right",
        textfont={"color": theme.text, "size": 12},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def _add_share(
    figure: go.Figure,
    rows: Sequence[dict[str, Any]],
    name: str,
    number: int,
    offset: float,
    theme: Theme,
) -> None:
    column = "well_formed" if name == _WELL_FORMED else name
    k = name.removeprefix("pass@")
    shown = [(at, row) for at, row in enumerate(rows) if _is_number(row[column])]
    ends = [(row.get(f"low@{k}"), row.get(f"high@{k}")) for _, row in shown]
    known = [_is_number(low) and _is_number(high) for low, high in ends]
    figure.add_scatter(
        x=[row[column] for _, row in shown],
        y=[at + offset for at, _ in shown],
        xaxis="x2",
        yaxis="y2",
        mode="markers",
        name=name,
        legend="legend2",
        marker={
            "color": series_colour(theme, number),
            "symbol": series_symbol(number),
            "size": 9,
        },
        error_x=_whiskers([row[column] for _, row in shown], ends, known, number, theme),
        customdata=[
            [
                plain(str(row["edit_format"])),
                f", 95 % interval {low:.1%} to {high:.1%}" if ok else "",
                row["samples"],
                row["tasks"],
            ]
            for (_, row), (low, high), ok in zip(shown, ends, known, strict=True)
        ],
        hovertemplate=f"%{{customdata[0]}}, {name}: %{{x:.1%}}%{{customdata[1]}}"
        "<br>%{customdata[2]:,} samples of %{customdata[3]:,} tasks<extra></extra>",
    )


def _whiskers(
    values: Sequence[float],
    ends: Sequence[tuple[Any, Any]],
    known: Sequence[bool],
    number: int,
    theme: Theme,
) -> dict[str, Any] | None:
    if not any(known):  # plotly draws a whisker of no length where one is asked for
        return None
    each = list(zip(values, ends, known, strict=True))
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - value if ok else 0 for value, (_, high), ok in each],
        "arrayminus": [value - low if ok else 0 for value, (low, _), ok in each],
        "color": series_colour(theme, number),
        "thickness": 1.5,
        "width": 4,
    }


def _nats(row: dict[str, Any]) -> dict[str, float]:
    """By part, of those that the row has."""
    return {part: row[name] for part in PARTS if _is_number(row[name := f"nats of {part}"])}


def _legend(y: float, theme: Theme) -> dict[str, Any]:
    return {
        "orientation": "h",
        "x": 0,
        "y": y,
        "yanchor": "bottom",
        "font": {"color": theme.text, "size": 12},
        "traceorder": "normal",
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and value == value
