"""Charts of diversity show the numbers they were given; the sentence says no more than they do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lintseq_core.charts.diversity import (
    MAX_VALUES_WRITTEN,
    PlanePoint,
    group_name,
    plane_figure,
    similarity_figure,
    similarity_order,
)
from lintseq_core.charts.diversity_gain import (
    MIN_PROBLEMS,
    GainPoint,
    gain_figure,
    gain_points,
    gain_sentence,
)
from lintseq_core.charts.theme import DARK, LIGHT, THEMES, Theme, series_colour

pytest.importorskip("plotly", reason="plotly comes with the extra dashboard")

MATRIX = np.array([[1.0, 0.2, 0.9], [0.2, 1.0, np.nan], [0.9, np.nan, 1.0]])


def test_a_run_is_a_marker_with_its_interval_and_its_own_shape() -> None:
    points = [PlanePoint("<b>a</b>", 0.2, 0.5, 0.4, 0.7), PlanePoint("c", 0.6, 0.1, 0.0, 0.2)]
    one, other = plane_figure(points, LIGHT, x="Vendi", y="pass@1", reverse=False).data

    assert (list(one.x), list(one.y)) == ([0.2], [0.5])
    assert one.error_y.array[0] == pytest.approx(0.2)
    assert one.error_y.arrayminus[0] == pytest.approx(0.1)
    assert one.text[0] == "&lt;b&gt;a&lt;/b&gt;"
    assert one.marker.symbol != other.marker.symbol


def test_a_run_keeps_the_colour_that_was_chosen_for_it() -> None:
    points = [PlanePoint("a", 0.2, 0.5, 0.4, 0.7), PlanePoint("b", 0.6, 0.1, 0.0, 0.2)]
    chosen = plane_figure(points, LIGHT, x="Vendi", y="pass@1", reverse=False, numbers={"b": 3})
    assert [one.marker.color for one in chosen.data] == [
        series_colour(LIGHT, 0),
        series_colour(LIGHT, 3),
    ]


def test_of_too_few_problems_a_run_has_no_bar_and_says_why() -> None:
    nan = float("nan")
    points = [PlanePoint("a", 0.2, 0.5, nan, nan), PlanePoint("b", 0.3, 0.4, 0.2, 0.7)]
    figure = plane_figure(points, LIGHT, x="Vendi", y="pass@1", reverse=False)
    one, other = figure.data

    assert one.error_y.array is None and other.error_y.array is not None
    assert "too few problems for an interval" in one.hovertemplate
    assert "20.0% to 70.0%" in other.hovertemplate
    assert figure.layout.yaxis.range[1] == pytest.approx(0.76)


def test_more_diverse_is_always_to_the_right() -> None:
    points = [PlanePoint("a", 0.2, 0.5, 0.4, 0.7)]
    grows = plane_figure(points, LIGHT, x="Vendi", y="pass@1", reverse=False)
    shrinks = plane_figure(points, LIGHT, x="Similarity", y="pass@1", reverse=True)

    assert grows.layout.xaxis.autorange is None
    assert shrinks.layout.xaxis.autorange == "reversed"


def test_the_temperatures_of_a_model_are_joined_in_order() -> None:
    points = [
        PlanePoint("m hot", 0.6, 0.1, 0.0, 0.2, "m", 1.2),
        PlanePoint("m cold", 0.2, 0.5, 0.4, 0.7, "m", 0.2),
        PlanePoint("n", 0.3, 0.3, 0.3, 0.3, "n", 1.0),
        PlanePoint("file", 0.4, 0.4, 0.4, 0.4),
    ]
    joined, *markers = plane_figure(points, LIGHT, x="Vendi", y="pass@1", reverse=False).data

    assert (joined.mode, list(joined.x)) == ("lines", [0.2, 0.6])
    assert len(markers) == 4


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_samples_of_a_group_stand_together_and_each_cell_knows_its_pair(theme: Theme) -> None:
    figure = similarity_figure(MATRIX, (0, 1, 0), theme, chosen=(0, 1))
    heat, cells = figure.data

    assert similarity_order((0, 1, 0)) == [0, 2, 1]
    assert list(heat.x) == ["A · 1", "A · 3", "B · 2"]
    assert heat.z[0][1] == 0.9 and math.isnan(heat.z[1][2])
    pairs = {
        (x, y): list(data) for x, y, data in zip(cells.x, cells.y, cells.customdata, strict=True)
    }
    assert pairs["A · 3", "B · 2"] == [1, 2, "unknown: does not parse"]
    assert pairs["A · 3", "A · 1"] == [0, 2, "0.900"]
    written = {(note.x, note.y): note.text for note in figure.layout.annotations}
    assert written["A · 1", "A · 3"] == ".90" and written["A · 1", "A · 1"] == "1"
    assert ("B · 2", "A · 3") not in written


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_numbers_in_cells_can_be_read_on_every_shade(theme: Theme) -> None:
    n = 11
    figure = similarity_figure(np.tile(np.linspace(0, 1, n), (n, 1)), (0,) * n, theme)
    behind = {float(f"{i / 10:.2f}"): _mix(theme.grid, theme.blue, i / 10) for i in range(n)}
    for note in figure.layout.annotations:
        assert _contrast(note.font.color, behind[float(note.text)]) >= 4.5, note.text


def test_many_samples_have_no_numbers_in_their_cells() -> None:
    n = MAX_VALUES_WRITTEN + 1
    assert not similarity_figure(np.eye(n), tuple(range(n)), LIGHT).layout.annotations


def test_groups_beyond_z_have_two_letters() -> None:
    assert [group_name(at) for at in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_only_problems_with_all_four_numbers_are_compared() -> None:
    nan = math.nan
    points = gain_points(
        ({"a": 0.5, "b": 1.0, "c": nan, "d": 1.0}, {"a": 0.25, "b": 0.5, "c": 0.1}),
        ({"a": 3.0, "b": nan, "c": 1.0, "d": 2.0}, {"a": 1.0, "b": 1.0, "c": 1.0}),
    )
    assert points == [GainPoint("a", 2.0, 0.25)]


def line(n: int, way: int = 1) -> list[GainPoint]:
    return [GainPoint(f"T/{at}", at, way * at / n) for at in range(n)]


@pytest.mark.parametrize(
    ("points", "reverse", "expected"),
    [
        ([], False, "Nothing can be said from 0 shared problems"),
        (line(MIN_PROBLEMS - 1), False, "Nothing can be said from 9 shared problems"),
        ([GainPoint(str(at), at, 0.0) for at in range(20)], False, "the difference of pass@1 is"),
        ([GainPoint(str(at), 0.0, at) for at in range(20)], False, "the difference of Vendi is"),
        (line(30), False, "Where the first run is more diverse it gains more pass@1 ("),
        (line(30, -1), False, "Where the first run is less diverse it gains more pass@1 ("),
        (line(30), True, "Where the first run is less diverse it gains more pass@1 ("),
        (
            [GainPoint(str(at), at % 5, at // 5) for at in range(25)],
            False,
            "No link between diversity and the gain can be told from chance",
        ),
    ],
)
def test_the_sentence_says_whether_anything_can_be_said(
    points: list[GainPoint], reverse: bool, expected: str
) -> None:
    assert expected in gain_sentence(points, quality="pass@1", measure="Vendi", reverse=reverse)


def test_a_problem_is_a_marker_and_its_name_is_no_markup() -> None:
    (dots,) = gain_figure([GainPoint("<b>T</b>", 1.0, -0.5)], LIGHT, x="Vendi", y="pass@1").data
    assert (list(dots.x), list(dots.y), list(dots.text)) == (
        [1.0],
        [-0.5],
        ["&lt;b&gt;T&lt;/b&gt;"],
    )


def _mix(pale: str, strong: str, share: float) -> list[float]:
    return [
        int(pale[at : at + 2], 16) * (1 - share) + int(strong[at : at + 2], 16) * share
        for at in (1, 3, 5)
    ]


def _contrast(colour: str, behind: list[float]) -> float:
    both = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)], behind]
    lights = []
    for rgb in both:
        linear = [
            (v / 255 / 12.92) if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4
            for v in rgb
        ]
        lights.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def test_many_runs_are_named_in_a_legend_and_few_at_their_markers() -> None:
    points = [
        PlanePoint(f"m, {t}", 1.0 + t, 0.5, 0.4, 0.6, "m", t) for t in (0.2, 0.4, 0.6, 0.8, 1.0)
    ]
    few, many = (
        plane_figure(some, LIGHT, x="x", y="y", reverse=False) for some in (points[:4], points)
    )
    assert next(one.text for one in few.data if one.mode != "lines") == ("m, 0.2",)
    assert next(one.text for one in many.data if one.mode != "lines") == ("0.2",)
    assert (few.layout.showlegend, many.layout.showlegend) == (False, True)
