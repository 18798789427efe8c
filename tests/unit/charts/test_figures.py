"""Each figure shows the numbers it was given, in both themes, and nothing of a program as markup."""

from __future__ import annotations

import sys
from collections import Counter
from subprocess import run

import pytest

from lintseq_core import EditSequence, Program
from lintseq_core.charts.alignment import alignment_figure
from lintseq_core.charts.birth_order import birth_order_figure
from lintseq_core.charts.edit_sizes import MAX_BARS, edit_sizes_figure
from lintseq_core.charts.orders import Orders, never_after, read_orders
from lintseq_core.charts.precedence import name_group, precedence_figure
from lintseq_core.charts.theme import DARK, LIGHT, THEMES, Theme, plain
from lintseq_core.edits.reasons import Drawn

pytest.importorskip("plotly", reason="plotly comes with the extra dashboard")

LINES = ("a = '<b>x</b>'", "b = 2", "c = 3")


def three(*births: tuple[int, ...]) -> Orders:
    program = Program("".join(f"{line}\n" for line in LINES))
    return read_orders(EditSequence(program, each, (Drawn(),) * 3, "lintseq") for each in births)


TWO = three((0, 1, 2), (1, 0, 1))


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_heat_map_has_a_row_a_line_and_a_column_a_sequence(theme: Theme) -> None:
    (heat,) = birth_order_figure(TWO, theme).data

    assert [list(row) for row in heat.z] == [[0, 1], [0.5, 0], [1, 1]]
    assert [list(cell) for cell in heat.customdata[1]] == [[2, 3, 2], [1, 2, 2]]
    assert (list(heat.x), list(heat.y)) == ([1, 2], [1, 2, 3])
    assert heat.text[0][0] == "a = '&lt;b&gt;x&lt;/b&gt;'"


def test_the_heat_map_leaves_out_what_no_edit_brings_and_names_each_row() -> None:
    program = Program("import os\n\n# set up\nprint(os)\n")
    rows = ((1, 0, 0, 1), (1, 0, 0, 2))
    found = read_orders(EditSequence(program, each, (Drawn(),) * 4, "lintseq") for each in rows)

    figures = [birth_order_figure(found, theme) for theme in THEMES.values()]
    labels = figures[0].layout.yaxis.ticktext
    assert [label.split() for label in labels] == [["1", "import", "os"], ["4", "print(os)"]]
    assert len({len(label) for label in labels}) == 1
    assert [len(figure.data[0].z) for figure in figures] == [2, 2]
    assert figures[0].data[0].customdata[1][0][2] == 4
    assert len({str(figure.data[0].colorscale) for figure in figures}) == 1
    assert figures[0].data[0].colorbar.title.text == "when the line comes"


def test_the_graph_has_a_point_a_group_and_a_line_an_arrow() -> None:
    found = three((0, 1, 1), (0, 0, 0), (0, 1, 1))
    precedence = never_after(found)
    edges, points = precedence_figure(found, precedence, LIGHT).data

    assert (precedence.groups, precedence.arrows) == (((0,), (1, 2)), ((0, 1),))
    assert (list(edges.x), list(edges.y)) == ([0, 1, None], [1, 2, None])
    assert list(points.text) == ["1", "2-3"]
    assert "<b>" not in points.hovertext[0]


def test_long_edits_share_the_last_bar() -> None:
    (bars,) = edit_sizes_figure(Counter({1: 6, MAX_BARS: 1, 90: 3}), DARK).data

    assert (list(bars.x), list(bars.y)) == ([1, MAX_BARS], [0.6, 0.4])
    assert list(bars.customdata[1]) == [f"{MAX_BARS} or more", 4]


@pytest.mark.parametrize(("n_edits", "apart"), [(2, 1), (12, 1), (13, 2), (120, 10)])
def test_edits_are_numbered_by_whole_numbers_alone(n_edits: int, apart: int) -> None:
    program = Program("".join(f"x{i} = {i}\n" for i in range(n_edits)))
    one = EditSequence(program, tuple(range(n_edits)), (Drawn(),) * n_edits, "lintseq")
    layout = alignment_figure(read_orders([one, one]), 0, 1, LIGHT).layout

    assert (layout.xaxis.tick0, layout.xaxis.dtick) == (1, apart)
    assert (layout.yaxis.tick0, layout.yaxis.dtick) == (1, apart)


def test_lines_of_the_same_edits_are_one_point() -> None:
    (points,) = alignment_figure(three((0, 0, 1), (1, 1, 0)), 0, 1, LIGHT).data

    assert list(zip(points.x, points.y, points.text, strict=True)) == [(1, 2, "1-2"), (2, 1, "3")]


@pytest.mark.parametrize(
    ("group", "name"),
    [((0,), "1"), ((0, 1, 2), "1-3"), ((0, 2), "1, 3"), ((0, 2, 4), "1, 3 …")],
)
def test_groups_are_named_by_their_lines(group: tuple[int, ...], name: str) -> None:
    assert name_group(group) == name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<img onerror=1>", "&lt;img onerror=1&gt;"),
        ("a\x1b[31m\u202eb", "a\ufffd[31m\ufffdb"),
        ("x" * 10_000_000, "x" * 59 + "…"),
    ],
    ids=["tag", "controls", "long"],
)
def test_text_of_a_program_is_shown_as_text(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_importing_charts_does_not_load_plotly() -> None:
    code = "import sys, lintseq_core.charts.precedence as p; sys.exit('plotly' in sys.modules)"

    assert run([sys.executable, "-c", code], check=False).returncode == 0
