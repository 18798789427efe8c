"""RandSeq, the paper's ablation: lines deleted at random, no linter, no structure."""

from __future__ import annotations

from lintseq_core.edits.draws import Rng
from lintseq_core.edits.reasons import Drawn
from lintseq_core.edits.sequence import EditSequence
from lintseq_core.programs import Program


def sample_randseq(program: Program, *, rng: Rng) -> EditSequence:
    """One random edit sequence of `program`, comments and blank lines included.

    Each deletion takes a number of lines uniform in 1 .. remaining - 1 (the last line goes alone),
    drawn without replacement; one uniform for the number, one for each line.
    """
    n_lines = len(program.lines)
    remaining = list(range(n_lines))
    chunks: list[list[int]] = []
    while remaining:
        size = 1 if len(remaining) == 1 else 1 + _below(len(remaining) - 1, rng)
        for drawn in range(size):  # Fisher-Yates, as far as needed
            other = drawn + _below(len(remaining) - drawn, rng)
            remaining[drawn], remaining[other] = remaining[other], remaining[drawn]
        chunks.append(remaining[:size])
        remaining = sorted(remaining[size:])
    births = [0] * n_lines
    for step, chunk in enumerate(reversed(chunks)):
        for line in chunk:
            births[line] = step
    return EditSequence(
        program=program,
        birth_steps=tuple(births),
        reasons=(Drawn(),) * n_lines,
        method="randseq",
    )


def _below(limit: int, rng: Rng) -> int:
    """A whole number uniform in 0 .. limit - 1."""
    return min(int(float(rng.random()) * limit), limit - 1)
