"""What if a line goes: another sequence, which branches off from a state by deleting that line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from lintseq_core.edits.closure import close_deletion
from lintseq_core.edits.draws import Rng, candidates
from lintseq_core.edits.engines import open_state
from lintseq_core.edits.reasons import Leftover, Reason
from lintseq_core.edits.sequence import EditSequence
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import Linter


def lines_at(sequence: EditSequence, step: int) -> list[int]:
    """The 0-based lines of the state after `step` edits."""
    return [line for line, birth in enumerate(sequence.birth_steps) if birth < step]


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
