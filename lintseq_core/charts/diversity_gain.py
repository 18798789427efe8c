"""Whether a gain of pass@k goes with diversity: two runs, problem by problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lintseq_core.charts.theme import Theme, plain, style
from lintseq_core.metrics.rank_correlation import RankCorrelation, rank_correlation

if TYPE_CHECKING:
    import plotly.graph_objects as go

MIN_PROBLEMS = 10
"""Problems below which no correlation is spoken of: with few, every interval is an accident."""


@dataclass(frozen=True, slots=True)
class GainPoint:
    """A problem that two runs have: the one less the other."""

    task_id: str
    diversity: float
    quality: float


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
    told = (
        f"rank correlation {found.estimate:+.2f}, {found.level:.0%} interval {found.low:+.2f} to "
        f"{found.high:+.2f}, {found.n} problems"
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
