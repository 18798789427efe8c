"""Lint errors of programs, and what happens along a sequence of edits."""

from __future__ import annotations

import math

import pytest

from lintseq_core import Hunk, LinterFailure, get_linter
from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.lint_errors import count_lint_errors
from lintseq_core.metrics.trajectory import BadEdit, measure_trajectory, states_of

PYFLAKES = get_linter("pyflakes")
BODY = (Hunk(1, ("def f(x):", "    return x"), 0),)
TWO_HUNKS = (Hunk(1, ("import os",), 0), Hunk(4, ("print(os.name)",), 2))
BROKEN = (Hunk(1, ("print(y)",), 0),)


def test_states_are_the_programs_between_edits():
    assert states_of([BODY, TWO_HUNKS]) == (
        "",
        "def f(x):\n    return x\n",
        "import os\ndef f(x):\n    return x\nprint(os.name)\n",
    )
    assert states_of([BROKEN], "x = 1\n") == ("x = 1\n", "print(y)\nx = 1\n")


@pytest.mark.parametrize(
    ("edits", "passed", "first_passing", "bad"),
    [
        ([BODY, TWO_HUNKS], [1, 2], 2, None),
        ([BODY, TWO_HUNKS], [2, 2], 1, None),
        ([BODY, TWO_HUNKS], [2, 1], 1, BadEdit(2, ("fewer tests passed",))),
        ([BODY, TWO_HUNKS], [0, 0], None, None),
        ([BODY, BROKEN], [1, 1], None, BadEdit(2, ("new lint error",))),
        ([BROKEN, BODY], [0, 2], 2, BadEdit(1, ("new lint error",))),
        ([BODY, BROKEN], [1, 0], None, BadEdit(2, ("new lint error", "fewer tests passed"))),
        ([], [], None, None),
    ],
)
def test_trajectory_names_the_first_passing_and_the_first_bad_edit(
    edits, passed, first_passing, bad
):
    found = measure_trajectory(edits, tests_passed=passed, n_tests=2, linter=PYFLAKES)
    assert found.tests_passed == tuple(passed)
    assert found.first_passing_edit == first_passing
    assert found.first_bad_edit == bad


def test_sizes_need_neither_tests_nor_a_linter():
    found = measure_trajectory([BODY, TWO_HUNKS, BROKEN])
    assert (found.lines_per_edit, found.n_edits) == ((2, 2, 1), 3)
    assert (found.tests_passed, found.first_passing_edit, found.first_bad_edit) == (
        None,
        None,
        None,
    )


def test_an_error_that_was_there_before_makes_no_edit_bad():
    found = measure_trajectory([BROKEN, BODY, (Hunk(1, ("z = 1",), 0),)], linter=PYFLAKES)
    assert found.first_bad_edit == BadEdit(1, ("new lint error",))
    again = (Hunk(1, ("print(y)",), 0),)
    assert measure_trajectory([BODY, BROKEN, again], linter=PYFLAKES).first_bad_edit.number == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tests_passed": [1]}, "trajectory: give tests_passed and n_tests together, or neither"),
        ({"tests_passed": [1, 1], "n_tests": 2}, "trajectory: 2 results for 1 edits"),
        (
            {"tests_passed": [3], "n_tests": 2},
            "trajectory: 3 of 2 tests pass; 0 to 2 can",
        ),
    ],
)
def test_results_that_do_not_fit_are_refused(options, message):
    with pytest.raises(MetricError) as caught:
        measure_trajectory([BODY], **options)
    assert str(caught.value) == message


def test_lint_errors_are_counted_by_program_and_by_kind():
    errors = count_lint_errors(
        ["x = 1", "print(y, z)\nprint(y)", "print(q)\n", "import os", "def f("], PYFLAKES
    )
    assert (errors.n_programs, errors.n_with_errors, errors.share) == (5, 3, 0.6)
    assert errors.by_code == (("UndefinedName", 2, 4), ("SyntaxError", 1, 1))
    assert (errors.linter_name, bool(errors.linter_version)) == ("pyflakes", True)


def test_no_programs_have_no_share_of_errors():
    assert math.isnan(count_lint_errors([], PYFLAKES).share)


def test_a_linter_that_fails_is_no_clean_program():
    class Failing:
        name, version = "failing", "1"

        def lint(self, source):
            raise ZeroDivisionError

    with pytest.raises(LinterFailure):
        count_lint_errors(["x = 1"], Failing())
