"""pass@k over k: curves with bands, published numbers beside them, the difference of two runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from lintseq_core.charts.line_ends import LineEnd, middle_cut, name_line_ends, read_all_lines
from lintseq_core.charts.theme import (
    Theme,
    faint,
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
HEIGHT, TOP, BOTTOM = 460, 30, 50
"""Pixels of a chart of one panel, and of its margins; plotly's buttons stand in the upper one."""
LEGEND_ROW = 22
"""Pixels that a row of the legend takes from the chart."""
NAME_WIDTH = 36
"""Of a name in what the pointer reads."""
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

    Each line is named at its end; in a legend where there are panels, or too many lines.
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
    curves = _grouped(published) if x_of is None else {}
    for (model, variant, _), points in curves.items():
        _add_published(figure, f"{model} {variant}".strip(), points, theme)
    most = max(
        (value for row in rows for value in (row["pass_at_k"], row["high"]) if not isnan(value)),
        default=0.0,
    )
    high = 1.05 * max([most, *(one.value / 100 for each in curves.values() for one in each), 0.01])
    tall = HEIGHT if height == 1 else 300 * height + 60
    style(figure, theme, x="", y="", height=tall)
    figure.update_yaxes(title_text=rows[0]["metric"] if rows else "pass@k", col=1)
    figure.update_xaxes(type="log", exponentformat="power", dtick=1, showticklabels=True)
    for number in range(max(0, len(titles) - columns), len(titles)):  # the lowest of each column
        row, column = divmod(number, columns)
        figure.update_xaxes(title_text=x_title, row=row + 1, col=column + 1)
    if x_of is None:
        ks = [row["k"] for row in rows] + [one.k or 1 for each in curves.values() for one in each]
        figure.update_xaxes(**log_ticks(max(ks, default=1), beyond=False))
    figure.update_yaxes(tickformat=".0%", range=[0, high])
    read_all_lines(figure, theme, x=f"{plain(x_title)}: %{{x:,}}")
    figure.update_layout(margin={"t": TOP, "b": BOTTOM})
    ends = _ends(rows, number_of, curves, theme, x_of) if panels is None else []
    if not ends or not name_line_ends(
        figure, ends, theme, low=0, high=high, height=tall - TOP - BOTTOM
    ):
        figure.update_layout(height=tall + LEGEND_ROW * (len(curves) // 2))
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
    name = f"{a} less {b}"
    # In the colour of neither: colour is the run.
    _add_curve(figure, name, None, points, theme, cost=1.0, dashed=False)
    style(
        figure,
        theme,
        x="k, samples a problem",
        y=f"difference of {rows[0]['metric'] if rows else 'pass@k'}",
        height=320,
    )
    most = max((row["k"] for row in rows), default=1)
    figure.update_xaxes(type="log", **log_ticks(most, beyond=False))
    figure.update_yaxes(tickformat="+.0%")
    read_all_lines(figure, theme, x="k, samples a problem: %{x:,}")
    figure.add_hline(y=0, line={"color": theme.muted, "dash": "dot"})
    return figure


def _add_curve(
    figure: Any,
    run: str,
    number: int | None,
    rows: Sequence[Mapping[str, Any]],
    theme: Theme,
    *,
    cost: float,
    dashed: bool,
    in_legend: bool = True,
    where: Mapping[str, int] | None = None,
) -> None:
    cell = where or {}
    colour = theme.text if number is None else series_colour(theme, number)
    xs = [row["k"] * cost for row in rows]
    name = f"{plain(run, 50)}, by a model beyond its samples" if dashed else plain(run, 50)
    told = f"{plain(middle_cut(run, NAME_WIDTH))}{', by a model' if dashed else ''}"
    value = "%{y:.1%}"
    if number is None:
        told, value = "difference", "%{y:+.1%}"
    figure.add_scatter(
        x=[*xs, *reversed(xs)],
        y=[*(row["high"] for row in rows), *(row["low"] for row in reversed(rows))],
        mode="lines",  # plotly marks the points of short traces otherwise
        fill="toself",
        fillcolor=faint(colour),
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
        marker={"color": colour, "size": symbols, "symbol": series_symbol(number or 0)},
        error_y=_bar(rows, colour),
        # In the template itself a name that holds "%{y}" would be filled in.
        customdata=[(row["k"], told_ends(row["low"], row["high"]), told) for row in rows],
        hovertemplate=f"%{{customdata[2]}}<br>{_at(rows)}: {value}, "
        "%{customdata[1]}<extra></extra>",
        showlegend=in_legend,
        **cell,
    )


def _at(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the pointer calls the metric of a row, with the row's own k in the place of the letter.

    >>> _at([{"metric": "g-pass@k (tau 0.5)"}])
    'g-pass@%{customdata[0]} (tau 0.5)'
    """
    metric = str(rows[0]["metric"])
    return metric.replace("@k", "@%{customdata[0]}").replace("^k", "^%{customdata[0]}")


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


def _ends(
    rows: Sequence[Mapping[str, Any]],
    number_of: Mapping[str, int],
    curves: Mapping[tuple[str, str, str], Sequence[PublishedNumber]],
    theme: Theme,
    x_of: Mapping[str, float] | None,
) -> list[LineEnd]:
    """The last point of each run, measured or modelled, and of each published curve."""
    last = {row["run"]: row for row in rows}
    ends = [
        LineEnd(
            run,
            series_colour(theme, number_of[run]),
            row["k"] * (1.0 if x_of is None else x_of[run]),
            row["pass_at_k"],
        )
        for run, row in last.items()
    ]
    for (model, variant, _), numbers in curves.items():
        final = max(numbers, key=lambda one: one.k or 0)
        name = f"{model} {variant}".strip()
        ends.append(LineEnd(name, theme.muted, final.k or 1, final.value / 100))
    return ends


def _add_published(
    figure: Any, name: str, numbers: Sequence[PublishedNumber], theme: Theme
) -> None:
    ordered = sorted(numbers, key=lambda one: one.k or 0)
    figure.add_scatter(
        x=[one.k for one in ordered],
        y=[one.value / 100 for one in ordered],
        mode="lines+markers",
        name=f"{plain(name)} (published, {plain(numbers[0].version)}, {plain(numbers[0].place)})",
        line={"color": theme.muted, "width": 1, "dash": "dot"},
        marker={
            "color": theme.muted,
            "size": 6,
            "symbol": "circle-open" if "LintSeq" in name else "square-open",
        },
        customdata=[(one.k, plain(name)) for one in ordered],
        hovertemplate="%{customdata[1]}<br>pass@%{customdata[0]}: %{y:.1%}, published"
        "<extra></extra>",
    )
