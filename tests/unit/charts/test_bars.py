"""Bars of experiments: every series has a fill of its own that can be seen, and its whiskers."""

import pytest

from lintseq_core.charts.bars import bars_figure
from lintseq_core.charts.lengths import edits_over_lines_figure, lengths_figure
from lintseq_core.charts.losses import losses_figure
from lintseq_core.charts.scaling import scaling_figure
from lintseq_core.charts.theme import DARK, LIGHT
from lintseq_core.results.frames import Frame

FRAME = Frame({
    "arm": ["whole", "LintSeq", "whole", "LintSeq"], "k": [1, 1, 10, 10],
    "value": [0.1, 0.2, 0.3, None], "low": [0.05, 0.1, None, None], "high": [0.2, 0.4, None, None],
})  # fmt: skip


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_each_series_is_filled_with_its_colour_and_hatched_on_top(theme):
    figure = bars_figure(
        FRAME, theme, group="arm", series="k", value="value", y="pass@k", low="low", high="high"
    )
    one, ten = figure.data
    assert (one.marker.color, ten.marker.color) == (theme.blue, theme.orange)
    assert {trace.marker.pattern.fillmode for trace in figure.data} == {"overlay"}
    assert one.marker.pattern.shape != ten.marker.pattern.shape
    assert list(one.error_y.array) == pytest.approx([0.1, 0.2])
    assert list(one.error_y.arrayminus) == pytest.approx([0.05, 0.1])


def test_a_row_without_a_value_has_no_bar_and_one_without_an_interval_no_whisker():
    _, ten = bars_figure(
        FRAME, LIGHT, group="arm", series="k", value="value", y="", low="low", high="high"
    ).data
    assert list(ten.x) == ["whole"]
    assert ten.error_y.array is None


def test_lines_are_told_apart_without_their_colour():
    shares = Frame({"method": ["a", "a", "b"], "edits": [1, 2, 1], "share": [0.5, 0.5, 1.0]})
    a, b = lengths_figure(shares, LIGHT, x="edits").data
    assert (a.line.dash, a.marker.symbol) != (b.line.dash, b.marker.symbol)
    losses = Frame({"arm": ["a", "b"], "step": [1, 1], "loss": [2.0, 3.0]})
    a, b = losses_figure(losses, LIGHT, series="arm").data
    assert a.line.dash != b.line.dash


def test_programs_are_drawn_in_order_of_their_lines():
    frame = Frame({
        "program": ["long", "short"], "lines": [9, 2], "lintseq_edits": [4.0, 1.0],
        "randseq_edits": [3.5, 2.0], "expected_of_randseq": [3.7, 2.0],
    })  # fmt: skip
    assert list(edits_over_lines_figure(frame, LIGHT).data[0].x) == [2, 9]


def test_a_panel_holds_the_points_and_the_fit_of_its_own_curves():
    frame = Frame({
        "benchmark": ["H", "H", "M", "M"], "model": ["x"] * 4, "variant": ["a"] * 4,
        "k": [1, 10, 1, 10], "flops": [1e3, 1e4, 1e3, 1e4], "score": [10.0, 30.0, 1.0, 2.0],
    })  # fmt: skip
    points, line, others, other_line = scaling_figure(frame, LIGHT).data
    assert list(points.y) == [10.0, 30.0] and list(line.y) == pytest.approx([10.0, 30.0])
    assert list(others.y) == [1.0, 2.0] and list(other_line.y) == pytest.approx([1.0, 2.0])
    assert points.yaxis != others.yaxis
