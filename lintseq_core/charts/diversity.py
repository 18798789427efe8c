"""Charts of diversity: against quality over runs, and between the samples of one problem."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lintseq_core.charts.theme import (
    Theme,
    plain,
    put_legend_below,
    series_colour,
    series_symbol,
    style,
)
from lintseq_core.metrics.diversity import ProblemDiversity, mean_diversity
from lintseq_core.metrics.intervals import score_interval
from lintseq_core.results.sampled import SampledRun, pass_at_k_of_run
from lintseq_core.results.scores.curves import told_ends

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_NAMED = 4
"""Runs up to which their names stand beside the markers; with more, in a legend."""
MAX_VALUES_WRITTEN = 15
"""Samples up to which the cells of the matrix hold their numbers."""


@dataclass(frozen=True, slots=True)
class PlanePoint:
    """A run on the plane of quality and diversity."""

    run: str
    diversity: float
    quality: float
    low: float
    high: float
    """Ends of the interval of the quality, over problems; NaN where these are too few."""
    series: str = ""
    """Runs of one series, of one model, are joined in the order of their temperatures."""
    temperature: float | None = None


def plane_points(
    runs: Mapping[str, SampledRun],
    measured: Mapping[str, Mapping[str, ProblemDiversity]],
    field: str,
    k: int,
) -> list[PlanePoint]:
    """The runs of which both numbers are known: the mean of a measure over problems, and pass@k.

    `measured` as of `measure_run`; `field` is one of ProblemDiversity.
    """
    points = []
    for name, run in runs.items():
        diversity = float(getattr(mean_diversity(list(measured[name].values())), field))
        quality = score_interval(list(pass_at_k_of_run(run, k).values()))
        if not math.isnan(diversity) and not math.isnan(quality.estimate):
            ends = (quality.low, quality.high)
            points.append(
                PlanePoint(name, diversity, quality.estimate, *ends, run.model, run.temperature)
            )
    return points


def plane_figure(
    points: Sequence[PlanePoint],
    theme: Theme,
    *,
    x: str,
    y: str,
    reverse: bool,
    numbers: Mapping[str, int] | None = None,
) -> go.Figure:
    """A marker a run, one at least, with its name and interval; to the right is more diverse.

    `reverse` for measures of similarity, whose axis then runs from large to small. `numbers`: of
    the colour and symbol of runs that shall not be drawn in those of their place.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    ends = [point.diversity for point in points]
    middle = (min(ends) + max(ends)) / 2
    for joined in _series(points):
        figure.add_scatter(
            x=[point.diversity for point in joined],
            y=[point.quality for point in joined],
            mode="lines",
            line={"color": theme.muted, "width": 1, "dash": "dot"},
            hoverinfo="skip",
            showlegend=False,
        )
    for place, point in enumerate(points):
        number = (numbers or {}).get(point.run, place)
        is_left = (point.diversity <= middle) != reverse
        colour = series_colour(theme, number)
        name = plain(point.run, 40)
        figure.add_scatter(
            x=[point.diversity],
            y=[point.quality],
            error_y=_whiskers(point, colour),
            mode="markers+text",
            name=name,
            text=[name if len(points) <= MAX_NAMED else _short_name(point)],
            textposition="middle right" if is_left else "middle left",
            cliponaxis=False,
            textfont={"color": theme.text, "size": 12},
            marker={"size": 13, "color": colour, "symbol": series_symbol(number)},
            hovertemplate=f"{name}<br>{plain(x)}: %{{x:.3f}}<br>{plain(y)}: %{{y:.1%}}, "
            f"{told_ends(point.low, point.high)}<extra></extra>",
        )
    style(figure, theme, x=f"{x} (more diverse to the right)", y=y, height=440)
    top = max(p.quality if math.isnan(p.high) else p.high for p in points)
    figure.update_yaxes(tickformat=".0%", range=[-0.04, min(1.04, top + 0.06)])
    if reverse:
        figure.update_xaxes(autorange="reversed")
    if len(points) > MAX_NAMED:
        put_legend_below(figure, theme)
    return figure


def _whiskers(point: PlanePoint, colour: str) -> dict[str, Any] | None:
    if math.isnan(point.low):
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [point.high - point.quality],
        "arrayminus": [point.quality - point.low],
        "color": colour,
        "thickness": 1.5,
    }


def _short_name(point: PlanePoint) -> str:
    """What stands beside a marker where its name is in the legend."""
    return f"{point.temperature:g}" if point.series and point.temperature is not None else ""


def _series(points: Sequence[PlanePoint]) -> list[list[PlanePoint]]:
    """The points of each series that has several temperatures, cold ones first."""
    groups: dict[str, list[tuple[float, PlanePoint]]] = {}
    for point in points:
        if point.series and point.temperature is not None:
            groups.setdefault(point.series, []).append((point.temperature, point))
    return [
        [point for _, point in sorted(group, key=lambda pair: pair[0])]
        for group in groups.values()
        if len(group) > 1
    ]


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
    numbers: Sequence[int] | None = None,
) -> go.Figure:
    """Every pair of samples, groups side by side with lines between them; pale 0, strong 1.

    `numbers`: what each sample is called, from 1; by default its place. A cell's customdata is its
    pair of 0-based places; `chosen` is framed. Cells that cannot be compared are empty.
    """
    import plotly.graph_objects as go

    order = similarity_order(groups)
    called = numbers or range(1, len(groups) + 1)
    labels = [f"{group_name(groups[at])} · {called[at]}" for at in order]
    cells = matrix[np.ix_(order, order)]
    figure = go.Figure(
        go.Heatmap(
            z=cells,
            x=labels,
            y=labels,
            zmin=0,
            zmax=1,
            colorscale=[[0, theme.grid], [1, theme.blue]],
            hoverinfo="skip",
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
    if len(order) <= MAX_VALUES_WRITTEN:
        # All at once: plotly checks those that are there again with each that is added.
        figure.update_layout(
            annotations=[
                _value(labels[column], labels[row], cells[row, column], theme)
                for row, column in pairs
                if not np.isnan(cells[row, column])
            ]
        )
    _add_borders(figure, [groups[at] for at in order], theme)
    if chosen is not None:
        _add_frame(figure, order.index(chosen[0]), order.index(chosen[1]), theme)
    style(figure, theme, x="group · sample", y="", height=540)
    ends = (-0.56, len(order) - 0.44)
    figure.update_xaxes(type="category", showgrid=False, constrain="domain", range=ends)
    figure.update_yaxes(
        type="category", showgrid=False, constrain="domain", range=ends[::-1], scaleanchor="x"
    )
    return figure


def _said(value: Any) -> str:
    return "unknown: does not parse" if np.isnan(value) else f"{value:.3f}"


def _value(x: str, y: str, value: float, theme: Theme) -> dict[str, Any]:
    """What plotly writes on a cell."""
    behind = _mixed(theme.grid, theme.blue, value)
    # One of the two stands out from any shade at 4.5 : 1; colours of the theme do not.
    colour = max(("#000000", "#ffffff"), key=lambda one: _contrast(one, behind))
    font = {"color": colour, "size": 11}
    return {"x": x, "y": y, "text": _brief(value), "showarrow": False, "font": font}


def _brief(value: float) -> str:
    """Two decimals without the zero before them, so that ten cells fit on a telephone: ".62"."""
    told = f"{value:.2f}"
    return "1" if told == "1.00" else told.removeprefix("0")


def _mixed(pale: str, strong: str, share: float) -> str:
    """The colour that the scale has at `share`."""
    parts = [
        round(int(pale[at : at + 2], 16) * (1 - share) + int(strong[at : at + 2], 16) * share)
        for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    levels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in levels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


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
