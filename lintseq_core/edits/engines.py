"""The two engines behind one result: the reference, and the incremental one for pyflakes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from lintseq_core.edits.closure import (
    Closure,
    ReferenceState,
    State,
    check_lines,
    close_deletion,
    original_findings,
)
from lintseq_core.linting import Linter, get_linter
from lintseq_core.programs import Program

Engine = Literal["auto", "incremental", "reference"]
""""auto": incremental where it applies (pyflakes), else reference. Both give the same sequences."""


def open_state(
    program: Program,
    linter: Linter,
    *,
    engine: Engine = "auto",
    present: Iterable[int] | None = None,
) -> State:
    """The state of `program` that holds the lines `present` (default: all of them).

    Raises LinterFailure if the linter fails on the whole program, LintSeqError if `engine` is
    "incremental" and the linter is another than pyflakes.
    """
    return ReferenceState(program, linter, original_findings(program, linter), present)


def closure(
    program: Program,
    line_index: int,
    *,
    linter: Linter | None = None,
    present: Iterable[int] | None = None,
    engine: Engine = "auto",
) -> Closure:
    """The lines that go if line `line_index` of `program` goes, each with its reason.

    `present` are the 0-based lines of the state it is deleted from (default: the whole program);
    `linter` defaults to pyflakes. Raises LinterFailure.
    """
    lines = check_lines(program, line_index, present)
    state = open_state(program, linter or get_linter("pyflakes"), engine=engine, present=lines)
    return close_deletion(program, state, line_index, program.structure.dependents)
