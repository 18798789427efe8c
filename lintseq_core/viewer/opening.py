"""The step that a player opens at where the reader has not said which: one that tells something."""

from __future__ import annotations

from collections import Counter

from lintseq_core.edits.reasons import Dependent, FromFinding, Leftover
from lintseq_core.edits.sequence import EditSequence

MOST_LINES = 6
"""Edits of more lines are harder to take in."""
MOST_TOLD = 3
"""Lines that the linter named, or that the structure takes: more of them tell no more."""


def opening_step(sequence: EditSequence) -> int:
    """The step, 0 to `sequence.n_edits`, after the edit that shows best why lines go together.

    There should be something before it and something to come. Of such edits it is one of few lines
    that the linter named, then one with many of them, then one with many lines that go by the
    structure of the program, then the one nearest to the middle. An edit of blank lines and
    comments alone is the last choice.

    >>> from lintseq_core import Program, sample_path
    >>> opening_step(sample_path(Program.from_text("a = 1\\nb = 2\\nc = 3\\n"), seed=0))
    2
    """
    n_lines, named, taken, code = Counter[int](), Counter[int](), Counter[int](), Counter[int]()
    for edit, reason in zip(sequence.birth_steps, sequence.reasons, strict=False):
        n_lines[edit] += 1
        named[edit] += isinstance(reason, FromFinding)
        taken[edit] += isinstance(reason, Dependent)
        code[edit] += not isinstance(reason, Leftover)
    last = sequence.n_edits - 1

    def tells(edit: int) -> tuple[float, ...]:
        is_short = named[edit] > 0 and n_lines[edit] <= MOST_LINES
        most = [min(counts[edit], MOST_TOLD) for counts in (named, taken)]
        return (code[edit] > 0, 0 < edit < last, is_short, *most, -abs(edit - last / 2))

    return max(range(sequence.n_edits), key=tells, default=-1) + 1
