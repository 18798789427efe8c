"""What if a line of a state goes: the closures of all its lines, and the sequence that branches.

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

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from lintseq_core.edits import EditSequence, closure
from lintseq_core.edits.closure import close_deletion
from lintseq_core.edits.draws import Rng, candidates
from lintseq_core.edits.engines import open_state
from lintseq_core.edits.reasons import Leftover, Reason
from lintseq_core.edits.words import describe_reason
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import Linter
from lintseq_core.programs import Program
from lintseq_core.viewer.xray import xray_reasons


def lines_at(sequence: EditSequence, step: int) -> list[int]:
    """The 0-based lines of the state after `step` edits."""
    return [line for line, birth in enumerate(sequence.birth_steps) if birth < step]


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


def branch(
    sequence: EditSequence, step: int, line_index: int, *, linter: Linter, rng: Rng
) -> EditSequence:
    """The sequence that deletes line `line_index` from the state after `step` edits.

    The edits after `step` stay as they are; the closure of the line is the edit before them, and
    what is left is drawn on from `rng`, as LintSeq draws. LintSeqError if the line is not in the
    state. Raises LinterFailure.
    """
    program = sequence.program
    if not 0 < step <= sequence.n_edits:
        raise LintSeqError(
            f"step {step}: the sequence has states 1 to {sequence.n_edits} to branch at"
        )
    present = lines_at(sequence, step)
    if line_index not in present:
        raise LintSeqError(
            f"line {line_index + 1} is not in the state after edit {step}: choose a line it shows"
        )
    state = open_state(program, linter, present=present)
    dependents = program.structure.dependents
    closures = [close_deletion(program, state, line_index, dependents)]
    left = candidates(program, sequence.indent_bias)
    left.discard(set(range(len(program.lines))) - set(present))
    left.discard(closures[0].reasons)
    while left:
        closures.append(close_deletion(program, state, left.draw(rng), dependents))
        left.discard(closures[-1].reasons)
    return _joined(sequence, step, [closed.reasons for closed in closures], present)


def _joined(
    sequence: EditSequence, step: int, deletions: Sequence[Any], present: Iterable[int]
) -> EditSequence:
    """`sequence` with its first `step` edits replaced by `deletions` read backwards."""
    births, reasons = list(sequence.birth_steps), list(sequence.reasons)
    deleted = {line for gone in deletions for line in gone}
    left = [line for line in present if line not in deleted]
    forward: list[dict[int, Reason]] = [dict.fromkeys(left, Leftover())] if left else []
    forward += [dict(gone) for gone in reversed(deletions)]
    births = [birth - step + len(forward) if birth >= step else 0 for birth in births]
    for birth, lines in enumerate(forward):
        for line, reason in lines.items():
            births[line], reasons[line] = birth, reason
    return replace(
        sequence, birth_steps=tuple(births), reasons=tuple(reasons), seed=None, path_index=None
    )
