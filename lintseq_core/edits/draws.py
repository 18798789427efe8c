"""Random draws from uniforms: every engine makes the same ones, in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Protocol

from lintseq_core.programs import Program
from lintseq_core.programs.blocks import indent_width, is_code


class Rng(Protocol):
    """Anything with `.random()` in [0, 1): random.Random, numpy's RandomState and Generator."""

    def random(self) -> float: ...


class Candidates:
    """The lines that can still be drawn, each with an integer weight; O(log n) a draw.

    A draw takes the first line, in line order, at which the running sum of the weights that are
    left passes the uniform times their total.
    """

    def __init__(self, lines: Sequence[int], weights: Sequence[int]) -> None:
        self._lines = lines
        self._place = {line: place for place, line in enumerate(lines, start=1)}
        self._weights = [0, *(weights[line] for line in lines)]
        self._total = sum(self._weights)
        # A Fenwick tree: entry i holds the sum of the weights in (i - (i & -i), i].
        self._sums = self._weights[:]
        for place in range(1, len(self._sums)):
            above = place + (place & -place)
            if above < len(self._sums):
                self._sums[above] += self._sums[place]
        self._top = 1 << (len(lines).bit_length() - 1) if lines else 0

    def __bool__(self) -> bool:
        return self._total > 0

    def draw(self, rng: Rng) -> int:
        """A line, with probability proportional to its weight; uses one uniform."""
        threshold = float(rng.random()) * self._total
        place, below, step = 0, 0, self._top
        while step:
            further = place + step
            # Whole numbers against one float: exact, whatever was added up before.
            if further < len(self._sums) and below + self._sums[further] <= threshold:
                place, below = further, below + self._sums[further]
            step >>= 1
        if place == len(self._lines):  # the uniform, rounded up to the total
            while not self._weights[place]:
                place -= 1
            return self._lines[place - 1]
        return self._lines[place]

    def discard(self, lines: Iterable[int]) -> None:
        """Take `lines` out, those of them that are in."""
        sums, weights, pop, end = self._sums, self._weights, self._place.pop, len(self._sums)
        for line in lines:
            place = pop(line, 0)
            if place:
                weight = weights[place]
                weights[place] = 0
                self._total -= weight
                while place < end:
                    sums[place] -= weight
                    place += place & -place


@lru_cache(maxsize=8)
def _weighed(program: Program, indent_bias: int | None) -> tuple[list[int], list[int]]:
    return candidate_lines(program), line_weights(program, indent_bias)


def candidates(program: Program, indent_bias: int | None) -> Candidates:
    """All candidates of `program`; what they are is worked out once for all its sequences."""
    return Candidates(*_weighed(program, indent_bias))


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
