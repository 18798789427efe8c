"""pass@k over k: curves with bands, the difference of two runs, and solve rates by problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lintseq_core.charts.theme import Theme, log_ticks, plain, series_colour, style
from lintseq_core.results.curves import MEASURED
from lintseq_core.results.frames import Frame
from lintseq_core.results.paper import PublishedNumber
from lintseq_core.results.tally import Tally

if TYPE_CHECKING:
    import plotly.graph_objects as go

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x")
MARKED = 8
"""Points of a curve that carry its symbol, so that it is told apart without its colour."""


def pass_at_k_figure(
    frame: Frame,
    theme: Theme,
    *,
    published: Sequence[PublishedNumber] = (),
    x_of: Mapping[str, float] | None = None,
    x_title: str = "k, samples a problem",
) -> go.Figure:
    """A line and a band a run; dashed where a model says it; published numbers as dots and lines.

    `frame` as of `curve_frame`. `x_of`: for another axis, what one sample a problem costs in each
    run; the axis is then k times that, and published numbers are left out.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    rows = list(frame.rows())
    runs = list(dict.fromkeys(row["run"] for row in rows))
    for number, run in enumerate(runs):
        cost = 1.0 if x_of is None else x_of[run]
        for kind in dict.fromkeys(row["kind"] for row in rows if row["run"] == run):
            part = [row for row in rows if row["run"] == run and row["kind"] == kind]
            _add_curve(figure, run, number, part, theme, cost=cost, dashed=kind != MEASURED)
    if x_of is None:
        for (model, variant, place), numbers in _grouped(published).items():
            _add_published(figure, f"{model} {variant}".strip(), place, numbers, theme)
    style(figure, theme, x=x_title, y="pass@k", height=460)
    figure.update_xaxes(type="log", exponentformat="power", dtick=1)
    if x_of is None:
        figure.update_xaxes(**log_ticks())
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    legend = {"orientation": "h", "y": -0.2, "font": {"color": theme.text}}
    figure.update_layout(showlegend=True, legend=legend, margin={"b": 90})
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


def solve_rate_figure(
    runs: Mapping[str, Tally], theme: Theme, *, order: Callable[[str], Any]
) -> go.Figure:
    """Share of samples that pass, a row a run, a column a problem; pale: none, strong: all.

    `order` is the key that problems are sorted by.
    """
    import plotly.graph_objects as go

    tasks = sorted({task for found in runs.values() for task in found.task_ids}, key=order)
    rates = []
    for found in runs.values():
        known = {
            task: (n, c) for task, n, c in zip(found.task_ids, found.n, found.c, strict=True) if n
        }
        rates.append([known[task][1] / known[task][0] if task in known else None for task in tasks])
    names = [plain(run, 40) for run in runs]
    figure = go.Figure(
        go.Heatmap(
            z=rates,
            x=[plain(task, 40) for task in tasks],
            y=names,
            zmin=0,
            zmax=1,
            colorscale=[[0, theme.grid], [1, theme.blue]],
            xgap=0,
            ygap=4,
            hoverongaps=False,
            hovertemplate="%{y}<br>%{x}: %{z:.0%} of its samples pass<extra></extra>",
            colorbar={"tickformat": ".0%", "tickfont": {"color": theme.text}, "thickness": 12},
        )
    )
    style(figure, theme, x="problem", y="", height=120 + 46 * len(names))
    figure.update_xaxes(showticklabels=len(tasks) <= 40, ticks="")
    figure.update_yaxes(automargin=True)
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
) -> None:
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
