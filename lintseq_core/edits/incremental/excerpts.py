"""One statement of a program as a program of its own, in a context like its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lintseq_core.edits.incremental.layout import Layout, before_clause
from lintseq_core.edits.incremental.scopes import Unmodelled
from lintseq_core.programs.blocks import indent_width


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A source text, and for each of its lines the 0-based line of the program, or None."""

    source: str
    places: tuple[int | None, ...]


def excerpt(layout: Layout, index: int, kept: Sequence[int]) -> Excerpt:
    """The lines `kept` of statement `index`, with what must stand around them to be parsed."""
    statement = layout.statements[index]
    lines = layout.program.lines
    first = lines[statement.first]
    indent = first[: indent_width(first)] if statement.depth else ""
    before = list(before_clause(statement, first))
    if before[:1] == ["with 0:"]:
        before[0] = _context(layout, index)
    if statement.keyword == "case" and _context(layout, index) != "with 0:":
        raise Unmodelled("a pattern of several lines in a function")
    after = f"{indent}pass"
    if layout.n_inside[index]:
        after = f"{indent} case _: pass" if statement.keyword == "match" else f"{indent} pass"
    elif statement.keyword == "@":
        after = f"{indent}def f(): pass"
    text = [*before, *(lines[line] for line in kept), after]
    return Excerpt(
        source="".join(f"{line}\n" for line in text), places=(*(None for _ in before), *kept, None)
    )


def _context(layout: Layout, index: int) -> str:
    """A header for the kind of block that `index` stands in, as far as the compiler minds."""
    parent = layout.parent[index]
    while parent >= 0:
        header = layout.program.lines[layout.statements[parent].first].split()
        if header[0] == "class":
            return "class C:"
        if header[0] == "def":
            return "def f():"
        if header[:2] == ["async", "def"]:
            return "async def f():"
        parent = layout.parent[parent]
    return "with 0:"
