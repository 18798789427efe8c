"""The authors' package `pylintseq` 0.0.2, reproduced with its defects (`compat="upstream"`).

What differs from ours: children are found by indentation alone; errors that the whole program
already has count; a draw weighs lines by indent / tab width in floating point; a path longer than
512 edits is cut. With the pylint linter and numpy's RandomState, deletions are equal line for line.
The resolver loses characters and whole edits of valid text (`resolve_upstream`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from lintseq_core.edits.closure import Dependents
from lintseq_core.edits.draws import Rng, opens_constant
from lintseq_core.edits.formats import DIFF_MARKER
from lintseq_core.programs.blocks import indent_width, is_code


def upstream_candidates(lines: Sequence[str]) -> list[int]:
    """Code lines, without those after an ALL-CAPS `NAME = [` or `(` up to a line ending in its
    bracket; where none does (`]  # comment`), without the whole rest of the program."""
    candidates = []
    closing: str | None = None
    for index, line in enumerate(lines):
        if not is_code(line):
            continue
        last = line.rstrip()[-1]
        if closing is not None:
            closing = None if last == closing else closing
        else:
            candidates.append(index)
            if opens_constant(line):
                closing = ")" if last == "(" else "]"
    return candidates


def upstream_weights(lines: Sequence[str], indent_bias: int | None) -> list[float]:
    """1 at indent 0, else indent / tab width * bias, which can be below 1."""
    indents = _inherited_indents(lines)
    tab_width = next((indent for indent in indents if indent > 0), None)
    if indent_bias is None or tab_width is None:
        return [1.0] * len(lines)
    return [1.0 if indent == 0 else indent / tab_width * indent_bias for indent in indents]


def indent_children(lines: Sequence[str]) -> Dependents:
    """For each line, the lines below it up to the first that is not indented more.

    Stops at a less indented comment, and finds nothing when the line after a header is blank: that
    line counts as indented like the header.
    """
    indents = _inherited_indents(lines)
    ends = [len(lines)] * len(lines)
    open_lines: list[int] = []
    for index, indent in enumerate(indents):
        while open_lines and indents[open_lines[-1]] >= indent:
            ends[open_lines.pop()] = index
        open_lines.append(index)
    return tuple(
        ((("indent", range(index + 1, end)),) if end > index + 1 else ())
        for index, end in enumerate(ends)
    )


def draw_upstream(weights: Sequence[float], rng: Rng) -> int:
    """The index numpy's `RandomState.choice(size=1, p=weights / sum, replace=False)` draws."""
    total = sum(weights)
    cumulative = list(accumulate(weight / total for weight in weights))
    scaled = [value / cumulative[-1] for value in cumulative]
    return min(bisect_right(scaled, float(rng.random())), len(weights) - 1)


def resolve_upstream(text: str, eos: str = "<|endoftext|>") -> str:
    """The program the authors' resolver makes of a generation, with its losses.

    It strips trailing characters of the set of `eos` ("return n" becomes "return "), takes the
    first "+" and "-" signs off code, treats deletions as insertions and drops hunks with "@@" in
    their code.
    """
    lines: list[str] = []
    for piece in text.rstrip(eos).split(f"\n{DIFF_MARKER}"):
        for number, hunk in enumerate(piece.split("\n@@")):
            parts = (f"@@{hunk}" if number else hunk).split("@@")
            if len(parts) != 3:
                continue
            ranges = parts[1].strip().split(" ")
            if len(ranges) != 2:
                continue
            try:
                index = int(ranges[1].split(",")[0].lstrip("+")) - 1
            except ValueError:
                continue
            body = parts[2].lstrip().split("\n")  # a first line without a sign loses its indent
            # "+0", which difflib prints for a deletion at the top, counts from the end: -1
            lines[index:index] = [line.lstrip("-").lstrip("+") for line in body]
    return "\n".join(lines)


def _inherited_indents(lines: Sequence[str]) -> list[int]:
    """Indents, where blank lines and lines of one character have that of the line above."""
    indents: list[int] = []
    indent = 0
    for line in lines:
        if len(line.lstrip()) > 1:
            indent = indent_width(line)
        indents.append(indent)
    return indents
