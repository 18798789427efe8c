"""Series are told apart by more than their colour, in every chart in the same way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lintseq_core.charts.bars import bars_figure
from lintseq_core.charts.distribution import features_figure
from lintseq_core.charts.lengths import lengths_figure
from lintseq_core.charts.losses import losses_figure
from lintseq_core.charts.scaling import scaling_figure
from lintseq_core.charts.theme import (
    LIGHT,
    series_colour,
    series_dash,
    series_pattern,
    series_symbol,
)
from lintseq_core.results.frames import frame_of

pytest.importorskip("plotly", reason="plotly comes with the extra dashboard")
SIX = [f"series {number}" for number in range(6)]


def _losses() -> list[object]:
    rows = [{"run": name, "step": step, "loss": 1.0} for name in SIX for step in (1, 2)]
    drawn = losses_figure(frame_of(rows, ("run", "step", "loss")), LIGHT, series="run").data
    return [one.line.dash for one in drawn]


def _lengths(part: str) -> list[object]:
    rows = [{"method": name, "edits": at, "share": 0.5} for name in SIX for at in (1, 2)]
    drawn = lengths_figure(frame_of(rows, ("method", "edits", "share")), LIGHT, x="edits").data
    return [one.line.dash if part == "dash" else one.marker.symbol for one in drawn]


def _scaling(mode: str) -> list[object]:
    rows = [
        {"benchmark": "b", "model": "m", "variant": name, "flops": 10.0**at, "score": at, "k": 1}
        for name in SIX
        for at in (1, 2)
    ]
    columns = ("benchmark", "model", "variant", "flops", "score", "k")
    drawn = scaling_figure(frame_of(rows, columns), LIGHT).data
    drawn = [one for one in drawn if one.mode == mode]
    return [one.line.dash if mode == "lines" else one.marker.symbol for one in drawn]


def _bars() -> list[object]:
    rows = [{"group": "g", "run": name, "value": 1.0} for name in SIX]
    frame = frame_of(rows, ("group", "run", "value"))
    drawn = bars_figure(frame, LIGHT, group="group", series="run", value="value", y="").data
    return [one.marker.pattern.shape for one in drawn]


def _features() -> list[object]:
    rows = [{"data": name, "feature": "a loop", "n": 1, "share": 1.0} for name in SIX]
    drawn = features_figure(frame_of(rows, ("data", "feature", "n", "share")), LIGHT).data
    return [one.marker.pattern.shape or "" for one in drawn]


@pytest.mark.parametrize("of", [series_dash, series_symbol, series_pattern])
def test_as_many_shapes_as_colours_come_before_the_first_comes_again(
    of: Callable[[int], str],
) -> None:
    colours = [series_colour(LIGHT, number) for number in range(7)]
    shapes = [of(number) for number in range(7)]
    assert len(set(colours)) == len(set(shapes)) == 6
    assert (colours[6], shapes[6]) == (colours[0], shapes[0])


@pytest.mark.parametrize(
    ("drawn", "of"),
    [
        (_losses, series_dash),
        (lambda: _lengths("dash"), series_dash),
        (lambda: _lengths("symbol"), series_symbol),
        (lambda: _scaling("lines"), series_dash),
        (lambda: _scaling("markers"), series_symbol),
        (_bars, series_pattern),
        (_features, series_pattern),
    ],
    ids=["losses", "lengths", "lengths, markers", "fits", "points", "bars", "features"],
)
def test_six_series_of_a_chart_have_the_six_shapes_of_the_theme(
    drawn: Callable[[], list[object]], of: Callable[[int], str]
) -> None:
    assert drawn() == [of(number) for number in range(6)]
