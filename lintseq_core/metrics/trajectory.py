"""What happens along a sequence of edits: sizes, tests passed after each, the first bad one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lintseq_core.edits.hunks import Edit, insert_hunks
from lintseq_core.linting import Linter, run_linter
from lintseq_core.metrics.errors import MetricError

Badness = Literal["new lint error", "fewer tests passed"]


@dataclass(frozen=True, slots=True)
class BadEdit:
    """The first edit that made a program worse."""

    number: int
    """1-based."""
    reasons: tuple[Badness, ...]


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One sequence of edits, measured."""

    lines_per_edit: tuple[int, ...]
    tests_passed: tuple[int, ...] | None
    """After each edit; None if tests were not run."""
    n_tests: int | None
    first_passing_edit: int | None
    """1-based number of the first edit after which all tests pass; None if there is none."""
    first_bad_edit: BadEdit | None

    @property
    def n_edits(self) -> int:
        return len(self.lines_per_edit)


def states_of(edits: Sequence[Edit], base: str = "") -> tuple[str, ...]:
    """The program before the first edit and after each: one more than there are edits."""
    lines = base.removesuffix("\n").split("\n") if base else []
    states = [base]
    for edit in edits:
        insert_hunks(lines, edit)
        states.append("".join(f"{line}\n" for line in lines))
    return tuple(states)


def measure_trajectory(
    edits: Sequence[Edit],
    *,
    tests_passed: Sequence[int] | None = None,
    n_tests: int | None = None,
    linter: Linter | None = None,
) -> Trajectory:
    """Counts of `edits`; `tests_passed` holds one number for the program after each edit.

    An edit is bad if it adds a linter error to those that were there (`linter` given) or if fewer
    tests pass after it than before; before the first edit none pass.

    >>> from lintseq_core.edits import Hunk
    >>> from lintseq_core.linting import get_linter
    >>> first = (Hunk(1, ("def f(x):", "    return x"), 0),)
    >>> second = (Hunk(3, ("print(f(y))",), 2),)
    >>> measured = measure_trajectory([first, second], tests_passed=[3, 3], n_tests=3,
    ...                               linter=get_linter("pyflakes"))
    >>> measured.lines_per_edit, measured.first_passing_edit, measured.first_bad_edit
    ((2, 1), 1, BadEdit(number=2, reasons=('new lint error',)))
    """
    passed = _checked(len(edits), tests_passed, n_tests)
    passing = None
    if passed is not None and n_tests:
        passing = next((i for i, count in enumerate(passed, start=1) if count == n_tests), None)
    return Trajectory(
        lines_per_edit=tuple(sum(len(hunk.lines) for hunk in edit) for edit in edits),
        tests_passed=passed,
        n_tests=n_tests,
        first_passing_edit=passing,
        first_bad_edit=_first_bad_edit(edits, passed, linter),
    )


def _first_bad_edit(
    edits: Sequence[Edit], passed: tuple[int, ...] | None, linter: Linter | None
) -> BadEdit | None:
    states = states_of(edits)
    before = _errors(states[0], linter)
    for number, state in enumerate(states[1:], start=1):
        after = _errors(state, linter)
        reasons: list[Badness] = []
        if after - before:
            reasons.append("new lint error")
        if passed is not None and number > 1 and passed[number - 1] < passed[number - 2]:
            reasons.append("fewer tests passed")
        if reasons:
            return BadEdit(number, tuple(reasons))
        before = after
    return None


def _errors(state: str, linter: Linter | None) -> Counter[tuple[str, tuple[str, ...]]]:
    """Findings without their lines, which move as others are inserted."""
    if linter is None or not state:
        return Counter()
    return Counter((finding.code, finding.arguments) for finding in run_linter(linter, state))


def _checked(
    n_edits: int, tests_passed: Sequence[int] | None, n_tests: int | None
) -> tuple[int, ...] | None:
    if (tests_passed is None) != (n_tests is None):
        raise MetricError("trajectory: give tests_passed and n_tests together, or neither")
    if tests_passed is None or n_tests is None:
        return None
    if len(tests_passed) != n_edits:
        raise MetricError(f"trajectory: {len(tests_passed)} results for {n_edits} edits")
    wrong = [count for count in tests_passed if not 0 <= count <= n_tests]
    if wrong:
        raise MetricError(f"trajectory: {wrong[0]} of {n_tests} tests pass; 0 to {n_tests} can")
    return tuple(tests_passed)
