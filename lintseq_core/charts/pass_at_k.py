"""pass@k over k: curves with bands, the difference of two runs, and solve rates by problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lintseq_core.charts.theme import (
    Theme,
    log_ticks,
    plain,
    put_legend_below,
    series_colour,
    style,
)
from lintseq_core.results.curves import MEASURED
from lintseq_core.results.frames import Frame
from lintseq_core.results.paper import PublishedNumber
from lintseq_core.results.tally import Tally

if TYPE_CHECKING:
    import plotly.graph_objects as go

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x")
MAX_TASKS_NAMED = 20
MAX_COLUMNS = 3
"""Panels beside each other."""
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
) -> go.Figure:
    """A line and a band a run; dashed where a model says it; published numbers as dots and lines.

    `frame` as of `curve_frame`. `x_of`: for another axis, what one sample a problem costs in each
    run; the axis is then k times that, and published numbers are left out. `panels`: the place of
    each run, for a panel each of temperatures, say; runs of one name look alike in all of them.
    """
    from plotly.subplots import make_subplots

    rows = list(frame.rows())
    runs = list(dict.fromkeys(row["run"] for row in rows))
    places = {run: Place("", run) for run in runs} if panels is None else panels
    titles = list(dict.fromkeys(p.panel for run, p in places.items() if run in runs)) or [""]
    names = list(dict.fromkeys(places[run].name for run in runs))
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
                names.index(place.name),
                part,
                theme,
                cost=cost,
                dashed=kind != MEASURED,
                in_legend=(place.name, kind) not in named,
                where={"row": row + 1, "col": column + 1},
            )
            named.add((place.name, kind))
    if x_of is None:
        for (model, variant, place_), numbers in _grouped(published).items():
            _add_published(figure, f"{model} {variant}".strip(), place_, numbers, theme)
    style(figure, theme, x="", y="", height=460 if height == 1 else 300 * height + 60)
    figure.update_yaxes(title_text="pass@k", col=1)
    figure.update_xaxes(type="log", exponentformat="power", dtick=1, showticklabels=True)
    for number in range(max(0, len(titles) - columns), len(titles)):  # the lowest of each column
        row, column = divmod(number, columns)
        figure.update_xaxes(title_text=x_title, row=row + 1, col=column + 1)
    if x_of is None:
        figure.update_xaxes(**log_ticks())
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
    figure.update_xaxes(type="log", **log_ticks())
    figure.update_yaxes(tickformat="+.0%")
    figure.add_hline(y=0, line={"color": theme.muted, "dash": "dot"})
    return figure


def natural_order(task: str) -> list[tuple[int, int | str]]:
    """A key that puts "T/9" before "T/10"."""
    parts = re.split(r"([0-9]+)", task)
    return [(0, int(part[:18])) if part.isdecimal() else (1, part) for part in parts]


def hardest_first(runs: Mapping[str, Tally]) -> Callable[[str], Any]:
    """A key that sorts problems by the mean share of samples that pass, over the runs."""
    shares: dict[str, list[float]] = {}
    for found in runs.values():
        for task, n, c in zip(found.task_ids, found.n, found.c, strict=True):
            if n:
                shares.setdefault(task, []).append(c / n)
    means = {task: sum(each) / len(each) for task, each in shares.items()}
    return lambda task: (means.get(task, -1.0), natural_order(task))


def solve_rate_figure(
    runs: Mapping[str, Tally],
    theme: Theme,
    *,
    order: Callable[[str], Any],
    chosen: tuple[str, str] | None = None,
) -> go.Figure:
    """Share of samples that pass, a row a run, a column a problem; pale: none, strong: all.

    `order` is the key that problems are sorted by. The customdata of a cell begin with its run and
    problem; the cell of `chosen`, such a pair, is framed.
    """
    import plotly.graph_objects as go

    tasks = sorted({task for found in runs.values() for task in found.task_ids}, key=order)
    rates: list[list[float | None]] = []
    cells = []
    for row, (run, found) in enumerate(runs.items()):
        known = {
            task: (n, c) for task, n, c in zip(found.task_ids, found.n, found.c, strict=True) if n
        }
        rates.append([known[task][1] / known[task][0] if task in known else None for task in tasks])
        cells += [
            (column, row, run, task, plain(run, 40), plain(task, 40), *known[task])
            for column, task in enumerate(tasks)
            if task in known
        ]
    figure = go.Figure(
        go.Heatmap(
            z=rates,
            x=list(range(len(tasks))),
            y=list(range(len(runs))),
            zmin=0,
            zmax=1,
            colorscale=[[0, theme.grid], [1, theme.blue]],
            xgap=0,
            ygap=4,
            hoverinfo="skip",
            colorbar={
                "tickformat": ".0%",
                "tickfont": {"color": theme.text},
                "thickness": 12,
                "title": {"text": "pass", "font": {"color": theme.text}},
            },
        )
    )
    # Cells of a heat map cannot be selected: points that nobody sees lie over them. They are small,
    # and the nearest is meant however far it is: of large ones that overlap, plotly takes any.
    unseen = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=[cell[0] for cell in cells],
        y=[cell[1] for cell in cells],
        mode="markers",
        marker={"size": 6, "opacity": 0},
        selected=unseen,
        unselected=unseen,
        customdata=[cell[2:] for cell in cells],
        hovertemplate="%{customdata[2]}<br>%{customdata[3]}: %{customdata[5]:,} of "
        "%{customdata[4]:,} samples pass<extra></extra>",
    )
    if chosen is not None and chosen[0] in runs and chosen[1] in tasks:
        column, row = tasks.index(chosen[1]), list(runs).index(chosen[0])
        figure.add_shape(
            type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5,
            line={"color": theme.orange, "width": 3},
        )  # fmt: skip
    style(figure, theme, x="problem", y="", height=130 + 46 * len(runs))
    figure.update_layout(hoverdistance=-1)
    figure.update_xaxes(showgrid=False, range=[-0.5, len(tasks) - 0.5], ticks="")
    if len(tasks) <= MAX_TASKS_NAMED:
        names = [plain(task, 24) for task in tasks]
        figure.update_xaxes(tickvals=list(range(len(tasks))), ticktext=names, automargin=True)
    else:
        figure.update_xaxes(showticklabels=False)
    figure.update_yaxes(
        tickvals=list(range(len(runs))),
        ticktext=[",<br>".join(plain(run, 40).rsplit(", ", 1)) for run in runs],  # narrow screens
        automargin=True,
        showgrid=False,
        range=[len(runs) - 0.5, -0.5],
    )
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
        marker={"color": colour, "size": symbols, "symbol": SYMBOLS[number % len(SYMBOLS)]},
        customdata=[(row["k"], row["low"], row["high"]) for row in rows],
        hovertemplate=f"{name}<br>pass@%{{customdata[0]}}: %{{y:.1%}}, "
        "%{customdata[1]:.1%} to %{customdata[2]:.1%}<extra></extra>",
        showlegend=in_legend,
        **cell,
    )


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
