"""What a line needs, what needs it and what it is free of, on orders small enough to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from lintseq_core import EditSequence, Program, closure, sample_paths
from lintseq_core.charts.dependencies import (
    Dependencies,
    dependencies_frame,
    most_telling,
    read_dependencies,
)
from lintseq_core.charts.orders import Orders, drawn_lines, read_orders
from lintseq_core.edits.reasons import Drawn

PROGRAMS = Path(__file__).resolve().parents[3] / "assets" / "programs"


def orders(text: str, *births: tuple[int, ...]) -> Orders:
    program = Program(text)
    reasons = (Drawn(),) * len(program.lines)
    return read_orders(EditSequence(program, each, reasons, "lintseq") for each in births)


FOUR = orders("a = 1\nb = 2\nc = a\nd = a\n", (0, 1, 2, 2), (1, 0, 1, 1))


def test_each_other_line_is_needed_needs_it_comes_with_it_or_is_free() -> None:
    assert read_dependencies(FOUR) == (
        Dependencies(0, needs=(), together=(), needed_by=(2, 3), free=(1,)),
        Dependencies(1, needs=(), together=(), needed_by=(2, 3), free=(0,)),
        Dependencies(2, needs=(0, 1), together=(3,), needed_by=(), free=()),
        Dependencies(3, needs=(0, 1), together=(2,), needed_by=(), free=()),
    )


def test_blank_lines_and_comments_that_no_edit_brings_are_left_out() -> None:
    found = orders("a = 1\n\n# top\nif a:\n    # in it\n    b = a\n", (0, 0, 0, 1, 1, 1))

    assert drawn_lines(found) == (0, 3, 4, 5)
    assert read_dependencies(found)[0].needed_by == (3, 4, 5)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (
            Dependencies(6, (1, 4), (), (8, 9, 10), (0, 2, 3, 5)),
            "Line 7 needs lines 2 and 5; lines 9-11 need it; it is free of the other 4 lines.",
        ),
        (
            Dependencies(0, (), (2,), (3,), (1,)),
            "Line 1 needs no other line; it always comes together with line 3; line 4 needs it; "
            "it is free of the other line.",
        ),
        (
            Dependencies(0, (), (), (), (1, 2)),
            "Line 1 needs no other line; no line needs it; it is free of all other 2 lines.",
        ),
        (
            Dependencies(1, (0,), (), (), ()),
            "Line 2 needs line 1; no line needs it; it is free of none.",
        ),
    ],
)
def test_a_line_says_it_in_one_sentence(one: Dependencies, words: str) -> None:
    assert one.words == words


def test_the_line_shown_at_first_stands_in_the_middle_of_others() -> None:
    chain = orders("a = 1\nb = a\nc = b\n", (0, 1, 2), (0, 1, 1))

    shown = most_telling(read_dependencies(chain))
    assert shown is not None and shown.line_index == 1
    assert most_telling(()) is None


def test_what_goes_with_a_line_needs_it() -> None:
    """In a program where no line is the second maker of a name, whatever else is gone."""
    program = Program.from_file(PROGRAMS / "coin_change.py")
    found = read_orders(sample_paths(program, seed=0, n_paths=100))

    for one in read_dependencies(found):
        goes = set(closure(program, one.line_index).lines) & set(drawn_lines(found))
        assert goes == {one.line_index, *one.together, *one.needed_by}


def test_the_table_counts_lines_from_1() -> None:
    frame = dependencies_frame(FOUR, read_dependencies(FOUR))

    assert frame.to_csv().splitlines()[3] == "3,c = a,1 2,4,,"
