"""Random draws from uniforms: every engine makes the same ones, in the same order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

from lintseq_core.programs import Program
from lintseq_core.programs.blocks import indent_width, is_code


class Rng(Protocol):
    """Anything with `.random()` in [0, 1): random.Random, numpy's RandomState and Generator."""

    def random(self) -> float: ...


def draw_weighted(weights: Sequence[float], rng: Rng) -> int:
    """An index of `weights` with probability proportional to its weight; uses one uniform."""
    cumulative = list(accumulate(weights))
    position = bisect_right(cumulative, float(rng.random()) * cumulative[-1])
    return min(position, len(weights) - 1)


def candidate_lines(program: Program) -> list[int]:
    """The lines that may be drawn: code, but not the inside of an ALL-CAPS list or tuple.

    Here the inside ends where the statement ends; the authors look for a line that ends in the
    closing bracket, and when a comment follows it, skip the rest of the file
    (`edits.upstream.upstream_candidates`).
    """
    inside: set[int] = set()
    for statement in program.structure.logical_lines:
        if statement.last > statement.first and opens_constant(program.lines[statement.first]):
            inside.update(range(statement.first + 1, statement.last + 1))
    return [i for i, line in enumerate(program.lines) if is_code(line) and i not in inside]


def opens_constant(line: str) -> bool:
    """Whether `line` opens a list or tuple named in capitals, as in `PRIMES = [`."""
    name, equals, _ = line.partition("=")
    return bool(equals) and name.replace(" ", "").isupper() and line.rstrip()[-1] in "(["


def line_weights(program: Program, indent_bias: int | None) -> list[int]:
    """A positive weight per line: its indent, at least one tab width; all 1 if the bias is None.

    Paper: a random line. Here: deeper lines are likelier, because that is what the authors' code
    does and so how the paper's data was made.
    """
    indents = [indent_width(line) if line.strip() else 0 for line in program.lines]
    tab_width = next((indent for indent in indents if indent > 0), None)
    if indent_bias is None or tab_width is None:
        return [1] * len(indents)
    return [max(tab_width, indent_bias * indent) for indent in indents]
