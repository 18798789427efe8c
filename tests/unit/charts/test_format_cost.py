"""What formats cost: bars that sum to the nats of a program, dots with their intervals and n."""

import re

import pytest

from lintseq_core.charts.format_cost import format_cost_figure
from lintseq_core.charts.theme import DARK, LIGHT, THEMES
from lintseq_core.edits.formats.parts import PARTS
from lintseq_core.results.frames import Frame

pytest.importorskip("plotly", reason="plotly comes with the extra dashboard")

NATS = {
    "content": [30.0, 29.0], "position": [7.5, 5.0], "count": [4.0, 0.0], "marker": [2.5, 1.0],
}  # fmt: skip
FRAME = Frame({
    "edit_format": ["unified", "<b>mine</b>"], "learning_rate": [0.016, 0.008],
    "well_formed": [0.57, 0.85], "tokens_a_sample": [225.0, 180.0],
    "pass@1": [0.05, 0.06], "low@1": [0.03, None], "high@1": [0.08, None],
    "strict pass@1": [0.04, 0.05],
    "pass@10": [0.3, None], "low@10": [0.2, None], "high@10": [0.45, None],
    **{f"nats of {part}": values for part, values in NATS.items()},
    **{f"tokens of {part}": [2 * one for one in values] for part, values in NATS.items()},
    "tasks": [100, 100], "samples": [5_000, 5_000],
})  # fmt: skip


def drawn(theme=LIGHT):
    """Bars and dots, each by name."""
    figure = format_cost_figure(FRAME, theme)
    bars = {trace.name: trace for trace in figure.select_traces({"type": "bar"})}
    return bars, {trace.name: trace for trace in figure.select_traces({"mode": "markers"})}


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_parts_of_every_bar_sum_to_the_nats_of_the_row(theme):
    bars, _ = drawn(theme)
    assert tuple(bars) == PARTS
    assert format_cost_figure(FRAME, theme).layout.barmode == "stack"
    for at in range(2):
        parts = [bars[part].x[list(bars[part].y).index(at)] for part in PARTS]
        assert parts == [NATS[part][at] for part in PARTS]
        assert {bars[part].customdata[at][2] for part in PARTS} == {sum(parts)}
    (totals,) = format_cost_figure(FRAME, theme).select_traces({"mode": "text"})
    assert (list(totals.x), list(totals.text)) == ([44.0, 35.0], [" 44.0", " 35.0"])


def test_dots_have_the_ends_of_their_intervals_and_say_of_how_many_samples():
    _, dots = drawn()
    assert list(dots) == ["well-formed", "pass@1", "pass@10"]
    one = dots["pass@1"]
    assert list(one.x) == [0.05, 0.06]
    assert list(one.error_x.array) == pytest.approx([0.03, 0])
    assert list(one.error_x.arrayminus) == pytest.approx([0.02, 0])
    assert list(one.customdata[0]) == ["unified", ", 95 % interval 3.0% to 8.0%", 5_000, 100]
    assert one.customdata[1][1] == ""
    assert dots["well-formed"].error_x.array is None


def test_what_was_not_measured_is_not_drawn():
    _, dots = drawn()
    assert list(dots["pass@10"].x) == [0.3]
    whole = {name: [values[0]] for name, values in FRAME.columns.items()}
    whole |= {"nats of position": [None], "well_formed": [None]}
    figure = format_cost_figure(Frame(whole), DARK)
    shown = {trace.name: len(trace.x) for trace in figure.select_traces({"type": "bar"})}
    assert shown == {"content": 1, "position": 0, "count": 1, "marker": 1}
    (totals,) = figure.select_traces({"mode": "text"})
    assert list(totals.x) == [36.5]


def test_parts_and_measures_are_told_apart_without_their_colour():
    bars, dots = drawn()
    assert len({bar.marker.pattern.shape for bar in bars.values()}) == len(PARTS)
    assert len({dot.marker.symbol for dot in dots.values()}) == len(dots)
    places = {dot.y[0] for dot in dots.values()}
    assert len(places) == len(dots), "intervals of one format would lie on each other"


def test_a_format_is_named_as_it_is_called_and_never_read_as_markup():
    figure = format_cost_figure(FRAME, LIGHT)
    assert list(figure.layout.yaxis.ticktext) == ["unified", "&lt;b&gt;mine&lt;/b&gt;"]
    assert figure.layout.yaxis2.ticktext == figure.layout.yaxis.ticktext
    assert not re.search(r"<b>", figure.to_json())


def test_a_frame_without_rows_is_an_empty_figure():
    empty = Frame({name: [] for name in FRAME.columns})
    assert all(not len(trace.x) for trace in format_cost_figure(empty, LIGHT).data)
