"""The two engines behind one result: the reference, and the incremental one for pyflakes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from lintseq_core.edits.closure import (
    Closure,
    ReferenceState,
    State,
    check_lines,
    close_deletion,
    original_findings,
)
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import Linter, get_linter
from lintseq_core.programs import Program

if TYPE_CHECKING:
    from lintseq_core.edits.incremental import HandOvers

Engine = Literal["auto", "incremental", "reference"]
""""auto": incremental where it applies (pyflakes), else reference. Both give the same sequences."""


def open_state(
    program: Program,
    linter: Linter,
    *,
    engine: Engine = "auto",
    present: Iterable[int] | None = None,
    hand_overs: HandOvers | None = None,
) -> State:
    """The state of `program` that holds the lines `present` (default: all of them).

    `hand_overs` is told what the incremental engine leaves to the reference. Raises LinterFailure
    if the linter fails on the whole program, LintSeqError if `engine` is "incremental" and the
    linter is another than pyflakes.
    """
    if engine != "reference" and linter.name == "pyflakes":
        state = _open_incremental(program, linter, present, hand_overs)
        if state is not None:
            return state
    elif engine == "incremental":
        raise LintSeqError(f"the incremental engine is for pyflakes, not for {linter.name!r}")
    return ReferenceState(program, linter, original_findings(program, linter), present)


def _open_incremental(
    program: Program,
    linter: Linter,
    present: Iterable[int] | None,
    hand_overs: HandOvers | None,
) -> State | None:
    from lintseq_core.edits import incremental  # 20 ms, for pyflakes
    from lintseq_core.linting.pyflakes_linter import PyflakesLinter

    if type(linter) is not PyflakesLinter:  # somebody's own, of the same name
        return None
    counts = hand_overs if hand_overs is not None else incremental.HandOvers()
    counts.sequences += 1
    analysis = incremental.analyse(program)
    if isinstance(analysis, str):
        counts.unmodelled[analysis] += 1
        return None
    lines = bytearray(b"\1" * len(program.lines))
    if present is not None:
        lines = bytearray(len(lines))
        for line in present:
            lines[line] = 1
        if not incremental.is_closed(program, lines):
            counts.unmodelled["a state that no deletion leaves"] += 1
            return None
    return incremental.IncrementalState(analysis, lines, counts)


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
