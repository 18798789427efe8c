"""pass@k over k: curves with bands, published numbers beside them, the difference of two runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from lintseq_core.charts.theme import (
    Theme,
    log_ticks,
    plain,
    put_legend_below,
    series_colour,
    series_symbol,
    style,
)
from lintseq_core.results.frames import Frame
from lintseq_core.results.paper import PublishedNumber
from lintseq_core.results.scores.curves import MEASURED, told_ends

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_COLUMNS = 3
"""Panels beside each other."""
LEGEND_ROW = 22
"""Pixels that a row of the legend takes from the chart."""
MARKED = 8
"""Points of a curve that carry its symbol, so that it is told apart without its colour."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run is drawn: in which panel, and under which name there."""

    panel: str
    name: str


def pass_at_k_figure(
    frame: Frame,
    theme: Theme,
    *,
    published: Sequence[PublishedNumber] = (),
    x_of: Mapping[str, float] | None = None,
    x_title: str = "k, samples a problem",
    panels: Mapping[str, Place] | None = None,
    numbers: Mapping[str, int] | None = None,
) -> go.Figure:
    """A line and a band a run; dashed where a model says it; published numbers as dots and lines.

    `frame` as of `curve_frame`. `x_of`: for another axis, what one sample a problem costs in each
    run; the axis is then k times that, and published numbers are left out. `panels`: the place of
    each run, for a panel each of temperatures, say; runs of one name look alike in all of them.
    `numbers`: of the colour and symbol of runs that shall not be drawn in those of their place.
    """
    from plotly.subplots import make_subplots

    rows = list(frame.rows())
    runs = list(dict.fromkeys(row["run"] for row in rows))
    places = {run: Place("", run) for run in runs} if panels is None else panels
    titles = list(dict.fromkeys(p.panel for run, p in places.items() if run in runs)) or [""]
    names = list(dict.fromkeys(places[run].name for run in runs))
    number_of: dict[str, int] = {}
    for run in runs:
        name = places[run].name
        number_of.setdefault(name, (numbers or {}).get(run, names.index(name)))
    columns = min(len(titles), MAX_COLUMNS)
    height = -(-len(titles) // columns)
    figure = make_subplots(
        rows=height,
        cols=columns,
        shared_xaxes="all",
        shared_yaxes="all",
        subplot_titles=[plain(title) for title in titles] if panels is not None else None,
        vertical_spacing=0.3 / height,
        horizontal_spacing=0.03,
    )
    at = {title: divmod(number, columns) for number, title in enumerate(titles)}
    named: set[tuple[str, str]] = set()
    for run in runs:
        place = places[run]
        cost = 1.0 if x_of is None else x_of[run]
        for kind in dict.fromkeys(row["kind"] for row in rows if row["run"] == run):
            part = [row for row in rows if row["run"] == run and row["kind"] == kind]
            row, column = at[place.panel]
            _add_curve(
                figure,
                place.name,
                number_of[place.name],
                part,
                theme,
                cost=cost,
                dashed=kind != MEASURED,
                in_legend=(place.name, kind) not in named,
                where={"row": row + 1, "col": column + 1},
            )
            named.add((place.name, kind))
    if x_of is None:
        for (model, variant, place_), points in _grouped(published).items():
            _add_published(figure, f"{model} {variant}".strip(), place_, points, theme)
    tall = 460 if height == 1 else 300 * height + 60
    tall += LEGEND_ROW * (len(_grouped(published)) // 2)
    style(figure, theme, x="", y="", height=tall)
    figure.update_yaxes(title_text="pass@k", col=1)
    figure.update_xaxes(type="log", exponentformat="power", dtick=1, showticklabels=True)
    for number in range(max(0, len(titles) - columns), len(titles)):  # the lowest of each column
        row, column = divmod(number, columns)
        figure.update_xaxes(title_text=x_title, row=row + 1, col=column + 1)
    if x_of is None:
        ks = [row["k"] for row in rows] + [one.k or 1 for one in published]
        figure.update_xaxes(**log_ticks(max(ks, default=1)))
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    put_legend_below(figure, theme)
    if panels is not None:
        figure.update_annotations(font={"color": theme.text, "size": 13})
        figure.update_layout(margin={"t": 36})
    return figure


def difference_figure(frame: Frame, theme: Theme, *, a: str, b: str) -> go.Figure:
    """`a` less `b` over k with its band, from a `difference_frame`, and a line at no difference."""
    import plotly.graph_objects as go

    figure = go.Figure()
    rows = list(frame.rows())
    points = [dict(row, pass_at_k=row["difference"], run="", kind=MEASURED) for row in rows]
    _add_curve(figure, f"{plain(a)} less {plain(b)}", 0, points, theme, cost=1.0, dashed=False)
    style(figure, theme, x="k, samples a problem", y="difference of pass@k", height=320)
    figure.update_xaxes(type="log", **log_ticks(max((row["k"] for row in rows), default=1)))
    figure.update_yaxes(tickformat="+.0%")
    figure.add_hline(y=0, line={"color": theme.muted, "dash": "dot"})
    return figure


def _add_curve(
    figure: Any,
    run: str,
    number: int,
    rows: Sequence[Mapping[str, Any]],
    theme: Theme,
    *,
    cost: float,
    dashed: bool,
    in_legend: bool = True,
    where: Mapping[str, int] | None = None,
) -> None:
    cell = where or {}
    colour = series_colour(theme, number)
    xs = [row["k"] * cost for row in rows]
    name = f"{plain(run, 50)}, by a model beyond its samples" if dashed else plain(run, 50)
    figure.add_scatter(
        x=[*xs, *reversed(xs)],
        y=[*(row["high"] for row in rows), *(row["low"] for row in reversed(rows))],
        mode="lines",  # plotly marks the points of short traces otherwise
        fill="toself",
        fillcolor=_faint(colour),
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        legendgroup=run,
        **cell,
    )
    last = len(rows) - 1
    marked = {round(last ** (step / MARKED)) for step in range(MARKED + 1)} | {0, last}
    symbols = [8 if at in marked else 0 for at in range(len(rows))]
    figure.add_scatter(
        x=xs,
        y=[row["pass_at_k"] for row in rows],
        mode="lines+markers",
        name=name,
        legendgroup=run,
        line={"color": colour, "width": 2, "dash": "dash" if dashed else "solid"},
        marker={"color": colour, "size": symbols, "symbol": series_symbol(number)},
        error_y=_bar(rows, colour),
        customdata=[(row["k"], told_ends(row["low"], row["high"])) for row in rows],
        hovertemplate=f"{name}<br>pass@%{{customdata[0]}}: %{{y:.1%}}, "
        "%{customdata[1]}<extra></extra>",
        showlegend=in_legend,
        **cell,
    )


def _bar(rows: Sequence[Mapping[str, Any]], colour: str) -> dict[str, Any] | None:
    """The interval of a curve of one point, whose band would have no width."""
    if len(rows) != 1 or isnan(rows[0]["low"]):
        return None
    (row,) = rows
    return {
        "type": "data",
        "symmetric": False,
        "array": [row["high"] - row["pass_at_k"]],
        "arrayminus": [row["pass_at_k"] - row["low"]],
        "color": colour,
    }


def _grouped(
    numbers: Sequence[PublishedNumber],
) -> dict[tuple[str, str, str], list[PublishedNumber]]:
    groups: dict[tuple[str, str, str], list[PublishedNumber]] = {}
    for number in numbers:
        if number.k is not None:
            key = (number.model, number.variant, f"{number.version}, {number.place}")
            groups.setdefault(key, []).append(number)
    return groups


def _add_published(
    figure: Any, name: str, place: str, numbers: Sequence[PublishedNumber], theme: Theme
) -> None:
    ordered = sorted(numbers, key=lambda one: one.k or 0)
    figure.add_scatter(
        x=[one.k for one in ordered],
        y=[one.value / 100 for one in ordered],
        mode="lines+markers",
        name=f"{plain(name)} (published, {plain(place)})",
        line={"color": theme.muted, "width": 1, "dash": "dot"},
        marker={
            "color": theme.muted,
            "size": 6,
            "symbol": "circle-open" if "LintSeq" in name else "square-open",
        },
        customdata=[(one.k, plain(one.citation(), 120)) for one in ordered],
        hovertemplate=f"{plain(name)}<br>pass@%{{customdata[0]}}: %{{y:.1%}}<br>"
        "%{customdata[1]}<extra></extra>",
    )


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.15)"
