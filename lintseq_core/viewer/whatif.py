"""What if a line of a state goes: the closures of all its lines, as the player reads them.

The closures travel with the state shown, so that the player answers a hover or a click by itself:

    {
      "phrases":    ["was drawn at random", ...],
      "cause_sets": [[3, 5], ...],
      "closures":   {"12": [12, 0, 0, -1, 0,  14, 1, 1, 0, 2], ...}
    }

A closure is flat: line, kind, round, index into `cause_sets` or -1, index into `phrases`, for each
line that goes (kinds and rounds as in xray.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lintseq_core.edits import EditSequence, closure
from lintseq_core.edits.branch import lines_at
from lintseq_core.edits.words import describe_reason
from lintseq_core.linting import Linter
from lintseq_core.programs import Program
from lintseq_core.viewer.xray import xray_reasons


def closures_of_state(program: Program, present: Sequence[int], linter: Linter) -> dict[str, Any]:
    """For every line of a state what goes with it, as the player reads it (top of this module).

    `present` are the 0-based lines of the state. One closure a line: about half a millisecond with
    pyflakes, two runs of the linter with any other. Raises LinterFailure.
    """
    phrases: dict[str, int] = {}
    sets: dict[tuple[int, ...], int] = {}
    closures = {}
    for line in present:
        reasons = closure(program, line, present=present, linter=linter).reasons
        xray = xray_reasons(reasons)
        flat: list[int] = []
        told = zip(reasons.items(), xray.kinds, xray.rounds, xray.causes, strict=True)
        for (gone, reason), kind, number, cause in told:
            lines = tuple(xray.cause_sets[cause]) if cause >= 0 else ()
            phrase = describe_reason(program, gone, reason)
            flat += (
                gone,
                kind,
                number,
                sets.setdefault(lines, len(sets)) if lines else -1,
                phrases.setdefault(phrase, len(phrases)),
            )
        closures[str(line)] = flat
    return {
        "phrases": list(phrases),
        "cause_sets": [list(lines) for lines in sets],
        "closures": closures,
    }


def closures_of_states(
    sequence: EditSequence, linter: Linter, *, max_lines: int
) -> dict[str, Any] | None:
    """`closures_of_state` of every state by its step, or None if that is too much.

    `max_lines` bounds the lines of all states together, each of which costs a closure.
    """
    states = [lines_at(sequence, step) for step in range(1, sequence.n_edits + 1)]
    if sum(map(len, states)) > max_lines:
        return None
    return {
        str(step): closures_of_state(sequence.program, state, linter)
        for step, state in enumerate(states, start=1)
    }
