"""Names at the ends of lines, in place of a legend, and all lines read at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

from lintseq_core.charts.theme import Theme, plain

LINE_WIDTH = 18
"""Characters of a line of a name: two of them leave room for the chart on a phone."""
LINE_HEIGHT, GAP = 16, 4
"""Pixels of a line of a name, and between two names."""


@dataclass(frozen=True, slots=True)
class LineEnd:
    """The last point of a line, and what is written beside it."""

    name: str
    colour: str
    x: float
    y: float


def name_line_ends(
    figure: Any, ends: Sequence[LineEnd], theme: Theme, *, low: float, high: float, height: int
) -> bool:
    """Write the names beside the ends of the lines of `figure`, none over another one.

    The x axis is logarithmic; the y axis goes from `low` to `high` on `height` pixels. False, and
    nothing is written, where the names need more than that.
    """
    names = [in_lines(end.name) for end in ends]
    sizes = [LINE_HEIGHT * len(lines) + GAP for lines in names]
    if sum(sizes) > height:
        return False
    wanted = [height * (end.y - low) / (high - low) for end in ends]
    for end, lines, at, centre in zip(
        ends, names, wanted, spread(wanted, sizes, height), strict=True
    ):
        figure.add_annotation(
            text="<br>".join(plain(line, LINE_WIDTH) for line in lines),
            x=log10(end.x),
            y=end.y,
            ax=16,
            ay=at - centre,
            xanchor="left",
            align="left",
            font={"color": end.colour, "size": 12},
            bgcolor=theme.surface,
            opacity=0.9,
            borderpad=1,
            arrowhead=0,  # the arrow is a line without a head from the end to its name
            arrowwidth=1,
            arrowcolor=end.colour,
            standoff=5,
        )
    return True


def spread(wanted: Sequence[float], sizes: Sequence[float], room: float) -> list[float]:
    """Centres within 0 to `room`, as near to `wanted` as things of these sizes do not overlap.

    >>> spread([50, 50, 0], [20, 20, 20], 100)
    [40.0, 60.0, 10.0]
    """
    order = sorted(range(len(wanted)), key=lambda one: wanted[one])
    below = {one: sum(sizes[other] for other in order[:at]) for at, one in enumerate(order)}
    # Where each would begin if those below it took no room; groups that touch share their mean.
    groups: list[list[float]] = []
    for one in order:
        groups.append([wanted[one] - sizes[one] / 2 - below[one]])
        while len(groups) > 1 and _mean(groups[-2]) >= _mean(groups[-1]):
            last = groups.pop()
            groups[-1] += last
    begins = [_mean(group) for group in groups for _ in group]
    free = room - sum(sizes)
    centres = [0.0] * len(order)
    for one, begin in zip(order, begins, strict=True):
        centres[one] = min(max(begin, 0.0), free) + below[one] + sizes[one] / 2
    return centres


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def read_all_lines(figure: Any, theme: Theme, *, x: str) -> None:
    """Let a vertical line under the pointer read all lines of `figure` there, the highest first.

    `x` is what stands above them, with "%{x}" in it.
    """
    figure.update_layout(hovermode="x unified")
    if hasattr(figure.layout, "hoversort"):  # older plotly keeps their order
        figure.update_layout(hoversort="value descending")
    if hasattr(figure.layout.xaxis, "unifiedhovertitle"):  # older plotly shows the bare k
        figure.update_xaxes(unifiedhovertitle={"text": x})
    figure.update_xaxes(
        showspikes=True,
        spikemode="across",
        spikesnap="hovered data",
        spikecolor=theme.muted,
        spikethickness=1,
        spikedash="solid",
    )


def middle_cut(text: str, width: int) -> str:
    """`text`, or its two ends where it is longer than `width`: names are often told by their ends.

    >>> middle_cut("edits, temperature 0.2", 12)
    'edits,…e 0.2'
    """
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[-tail:]}"


def in_lines(name: str) -> list[str]:
    """`name` in at most two lines, broken after a sign that words end with where there is one.

    >>> in_lines("smollm2-135m-lintseq (ships)")
    ['smollm2-135m-', 'lintseq (ships)']
    """
    if len(name) <= LINE_WIDTH:
        return [name]
    name = middle_cut(name, 2 * LINE_WIDTH)
    fitting = range(max(1, len(name) - LINE_WIDTH), LINE_WIDTH + 1)
    at = next((at for at in reversed(fitting) if name[at - 1] in " ,-_./:"), LINE_WIDTH)
    return [name[:at].rstrip(), name[at:].lstrip()]
