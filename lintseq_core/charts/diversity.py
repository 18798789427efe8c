"""Charts of diversity: against quality, between samples, and beside a gain of pass@k."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lintseq_core.charts.theme import Theme, plain, series_colour, style
from lintseq_core.metrics.rank_correlation import RankCorrelation, rank_correlation

if TYPE_CHECKING:
    import plotly.graph_objects as go

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x")
MAX_VALUES_WRITTEN = 15
"""Samples up to which the cells of the matrix hold their numbers."""
MIN_PROBLEMS = 10
"""Problems below which no correlation is spoken of: with few, every interval is an accident."""


@dataclass(frozen=True, slots=True)
class PlanePoint:
    """A run on the plane of quality and diversity."""

    run: str
    diversity: float
    quality: float
    low: float
    high: float
    """Ends of the interval of the quality, over problems."""


@dataclass(frozen=True, slots=True)
class GainPoint:
    """A problem that two runs have: the one less the other."""

    task_id: str
    diversity: float
    quality: float


def plane_figure(
    points: Sequence[PlanePoint], theme: Theme, *, x: str, y: str, reverse: bool
) -> go.Figure:
    """A marker a run with its name and the interval of its quality; to the right is more diverse.

    `reverse` for measures of similarity, whose axis then runs from large to small.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for number, point in enumerate(points):
        colour = series_colour(theme, number)
        name = plain(point.run, 40)
        figure.add_scatter(
            x=[point.diversity],
            y=[point.quality],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [max(0.0, point.high - point.quality)],
                "arrayminus": [max(0.0, point.quality - point.low)],
                "color": colour,
                "thickness": 1.5,
            },
            mode="markers+text",
            text=[name],
            textposition="middle right" if number % 2 == 0 else "middle left",
            textfont={"color": theme.text, "size": 12},
            marker={"size": 13, "color": colour, "symbol": SYMBOLS[number % len(SYMBOLS)]},
            hovertemplate=f"{name}<br>{plain(x)}: %{{x:.3f}}<br>{plain(y)}: %{{y:.1%}}"
            "<extra></extra>",
        )
    style(figure, theme, x=f"{x} (more diverse to the right)", y=y, height=440)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    if reverse:
        figure.update_xaxes(autorange="reversed")
    return figure


def similarity_order(groups: Sequence[int]) -> list[int]:
    """Positions of the samples, those of one group beside each other, large groups first.

    >>> similarity_order([1, 0, 1, 0, 0])
    [1, 3, 4, 0, 2]
    """
    return sorted(range(len(groups)), key=lambda at: (groups[at], at))


def group_name(number: int) -> str:
    """A to Z, then AA, AB, ...

    >>> group_name(0), group_name(27)
    ('A', 'AB')
    """
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def similarity_figure(
    matrix: NDArray[np.float64],
    groups: Sequence[int],
    theme: Theme,
    *,
    chosen: tuple[int, int] | None = None,
) -> go.Figure:
    """Every pair of samples, groups side by side with lines between them; pale 0, strong 1.

    A cell's customdata is its pair of 0-based samples; `chosen` is framed. Cells that cannot be
    compared are empty.
    """
    import plotly.graph_objects as go

    order = similarity_order(groups)
    labels = [f"{group_name(groups[at])} · {at + 1}" for at in order]
    cells = matrix[np.ix_(order, order)]
    few = len(order) <= MAX_VALUES_WRITTEN
    figure = go.Figure(
        go.Heatmap(
            z=cells,
            x=labels,
            y=labels,
            zmin=0,
            zmax=1,
            colorscale=[[0, theme.grid], [1, theme.blue]],
            hoverinfo="skip",
            texttemplate="%{z:.2f}" if few else None,
            colorbar={"tickfont": {"color": theme.text}, "thickness": 12},
        )
    )
    # Cells of a heat map cannot be selected: points that nobody sees lie over them.
    pairs = [(row, column) for row in range(len(order)) for column in range(len(order))]
    unseen = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=[labels[column] for _, column in pairs],
        y=[labels[row] for row, _ in pairs],
        mode="markers",
        marker={"size": max(6, 320 // max(1, len(order))), "opacity": 0, "symbol": "square"},
        selected=unseen,
        unselected=unseen,
        customdata=[
            [order[row], order[column], _said(cells[row, column])] for row, column in pairs
        ],
        hovertemplate="sample %{y}<br>sample %{x}<br>similarity %{customdata[2]}<extra></extra>",
    )
    _add_borders(figure, [groups[at] for at in order], theme)
    if chosen is not None:
        _add_frame(figure, order.index(chosen[0]), order.index(chosen[1]), theme)
    style(figure, theme, x="group · sample", y="group · sample", height=540)
    figure.update_xaxes(type="category", showgrid=False, constrain="domain", side="bottom")
    figure.update_yaxes(
        type="category", showgrid=False, autorange="reversed", scaleanchor="x", constrain="domain"
    )
    return figure


def gain_points(
    quality: tuple[Mapping[str, float], Mapping[str, float]],
    diversity: tuple[Mapping[str, float], Mapping[str, float]],
) -> list[GainPoint]:
    """By problem, the first run less the second, for the problems where all four are numbers."""
    found = []
    for task_id in quality[0]:
        values = [one.get(task_id, float("nan")) for one in (*quality, *diversity)]
        if not np.isnan(values).any():
            a, b, more, less = values
            found.append(GainPoint(task_id, more - less, a - b))
    return found


def gain_correlation(points: Sequence[GainPoint]) -> RankCorrelation:
    """The rank correlation of the two differences over problems."""
    return rank_correlation([one.diversity for one in points], [one.quality for one in points])


def gain_sentence(points: Sequence[GainPoint], *, quality: str, measure: str, reverse: bool) -> str:
    """Whether anything can be said, in a sentence. `reverse`: of a measure of similarity."""
    found = gain_correlation(points)
    if found.n < MIN_PROBLEMS:
        return (
            f"Nothing can be said from {found.n} shared problems: it takes {MIN_PROBLEMS} at least."
        )
    if np.isnan(found.estimate):
        side = quality if len({one.quality for one in points}) == 1 else measure
        return f"Nothing can be said: the difference of {side} is the same on every problem."
    told = f"rank correlation {found.estimate:+.2f}"
    if np.isnan(found.low):
        return f"Nothing can be said: {told}, and most draws of these problems have none."
    told += (
        f", {found.level:.0%} interval {found.low:+.2f} to {found.high:+.2f}, {found.n} problems"
    )
    if not found.is_told_from_none:
        return f"No link between diversity and the gain can be told from chance ({told})."
    is_up = (found.estimate > 0) != reverse
    way = "more" if is_up else "less"
    share = found.estimate**2
    return (
        f"Where the first run is {way} diverse it gains more {quality} ({told}); "
        f"the ranks share {share:.0%} of their variance. That they go together does not say that "
        "one makes the other."
    )


def gain_figure(points: Sequence[GainPoint], theme: Theme, *, x: str, y: str) -> go.Figure:
    """A marker a problem: how much the runs differ in diversity, and in quality."""
    import plotly.graph_objects as go

    names = [plain(one.task_id, 40) for one in points]
    figure = go.Figure(
        go.Scatter(
            x=[one.diversity for one in points],
            y=[one.quality for one in points],
            mode="markers",
            text=names,
            marker={
                "size": 9, "color": theme.blue, "opacity": 0.75,
                "line": {"color": theme.surface, "width": 1},
            },
            hovertemplate="%{text}<br>%{x:+.3f}<br>%{y:+.1%}<extra></extra>",
        )
    )  # fmt: skip
    line = {"color": theme.muted, "dash": "dot"}
    figure.add_hline(y=0, line=line)
    figure.add_vline(x=0, line=line)
    style(figure, theme, x=f"difference of {x}", y=f"difference of {y}", height=420)
    figure.update_yaxes(tickformat="+.0%")
    return figure


def _said(value: Any) -> str:
    return "unknown: does not parse" if np.isnan(value) else f"{value:.3f}"


def _add_borders(figure: Any, groups: Sequence[int], theme: Theme) -> None:
    last = len(groups)
    line = {"color": theme.text, "width": 1.5}
    for at in range(1, last):
        if groups[at] != groups[at - 1]:
            ends = (-0.5, last - 0.5)
            figure.add_shape(
                type="line", x0=at - 0.5, x1=at - 0.5, y0=ends[0], y1=ends[1], line=line
            )
            figure.add_shape(
                type="line", y0=at - 0.5, y1=at - 0.5, x0=ends[0], x1=ends[1], line=line
            )


def _add_frame(figure: Any, row: int, column: int, theme: Theme) -> None:
    for y, x in {(row, column), (column, row)}:
        figure.add_shape(
            type="rect", x0=x - 0.5, x1=x + 0.5, y0=y - 0.5, y1=y + 0.5,
            line={"color": theme.orange, "width": 4},
        )  # fmt: skip
