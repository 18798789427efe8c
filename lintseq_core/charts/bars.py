"""Bars side by side, with the ends of their intervals: one number for each group and series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lintseq_core.charts.theme import Theme, plain, series_colour, series_pattern, style
from lintseq_core.results.frames import Frame

if TYPE_CHECKING:
    import plotly.graph_objects as go


def bars_figure(
    frame: Frame,
    theme: Theme,
    *,
    group: str,
    series: str | None,
    value: str,
    y: str,
    x: str = "",
    low: str | None = None,
    high: str | None = None,
    percent: bool = False,
    height: int = 380,
) -> go.Figure:
    """A bar for each row of `frame`: columns `group` on the axis, `series` by colour and hatching.

    `low` and `high` name the columns of the ends of intervals; rows without a value have no bar.
    """
    import plotly.graph_objects as go

    rows = [row for row in frame.rows() if _is_number(row[value])]
    names = list(dict.fromkeys(str(row[series]) for row in rows)) if series else [""]
    shown = {name: f"{series} = {name}" if name.isdecimal() else name for name in names}
    digits = ":.1%" if percent else ":.3g"
    figure = go.Figure()
    for number, name in enumerate(names):
        part = [row for row in rows if series is None or str(row[series]) == name]
        figure.add_bar(
            x=[plain(str(row[group]), 40) for row in part],
            y=[row[value] for row in part],
            name=plain(shown[name], 50),
            marker={
                "color": series_colour(theme, number),
                "pattern": {
                    "shape": series_pattern(number),
                    "fillmode": "overlay",  # "replace" would draw the hatching alone, in white
                    "fgcolor": theme.surface,
                    "size": 7,
                    "solidity": 0.2,
                },
            },
            error_y=_whiskers(part, value, low, high, theme),
            hovertemplate=f"%{{x}}<br>{plain(shown[name], 50)}: %{{y{digits}}}<extra></extra>",
        )
    style(figure, theme, x=x, y=y, height=height)
    figure.update_yaxes(rangemode="tozero")
    if percent:
        figure.update_yaxes(tickformat=".0%")
    if series:
        # Above the bars: names of groups may be long and need the room below.
        legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "font": {"color": theme.text}}
        figure.update_layout(barmode="group", showlegend=True, legend=legend, margin={"t": 50})
    figure.update_xaxes(automargin=True)
    return figure


def _whiskers(
    rows: Sequence[dict[str, Any]], value: str, low: str | None, high: str | None, theme: Theme
) -> dict[str, Any] | None:
    if low is None or high is None:
        return None
    known = [_is_number(row[low]) and _is_number(row[high]) for row in rows]
    if not any(known):  # plotly draws a whisker of no length where one is asked for
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [row[high] - row[value] if ok else 0 for row, ok in zip(rows, known, strict=True)],
        "arrayminus": [
            row[value] - row[low] if ok else 0 for row, ok in zip(rows, known, strict=True)
        ],
        "color": theme.text,
        "thickness": 1.2,
    }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and value == value
