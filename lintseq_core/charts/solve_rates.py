"""Solve rates: the share of samples that pass, problem by problem, of several runs at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lintseq_core.charts.line_ends import in_lines, middle_cut
from lintseq_core.charts.theme import Theme, plain, style
from lintseq_core.results.scores.tally import Tally

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_TASKS_NAMED = 20


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
        ticktext=["<br>".join(plain(line) for line in _label(run)) for run in runs],
        automargin=True,
        showgrid=False,
        range=[len(runs) - 0.5, -0.5],
    )
    return figure


def _label(run: str) -> list[str]:
    """The name of a run in short lines: a phone has to have room for the cells."""
    head, *last = run.rsplit(", ", 1)
    return [*in_lines(f"{head}," if last else head), *(middle_cut(one, 20) for one in last)]
