"""Which lines of a program hang together by its structure, from one pass over its tokens.

Brackets, strings, statements and blocks; which names a line needs is the linters' question.
"""

from __future__ import annotations

import tokenize
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from lintseq_core.errors import SourceError

Relation = Literal["statement", "string", "decorator", "block", "clause", "indent"]
"""Why a line goes with another; "indent" is the authors' textual rule (`edits.upstream`).

In this order the relations win where one line takes another in several ways.
"""
RELATIONS: tuple[Relation, ...] = get_args(Relation)

CLAUSES = frozenset({"elif", "else", "except", "finally"})  # `case` clauses are a block of `match`
_SILENT = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER})
# Python 3.12 splits f-strings (3.14 t-strings) into tokens; before, each is one STRING.
_OPENS_STRING = {getattr(tokenize, name, -1) for name in ("FSTRING_START", "TSTRING_START")}
_CLOSES_STRING = {getattr(tokenize, name, -1) for name in ("FSTRING_END", "TSTRING_END")}


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """One statement or clause header as Python's grammar sees it; lines are 0-based indices."""

    first: int
    last: int
    keyword: str
    """Its first token."""
    depth: int
    """How many blocks it stands in."""


@dataclass(frozen=True, slots=True)
class Structure:
    """What hangs together in one program."""

    logical_lines: tuple[LogicalLine, ...]
    strings: tuple[tuple[int, int], ...]
    """First and last line of each string that spans several lines."""
    dependents: tuple[tuple[tuple[Relation, range], ...], ...]
    """For each line, the lines it takes directly, in the order of RELATIONS."""


def is_code(line: str) -> bool:
    """Whether `line` is neither blank nor a comment, judged by its text alone as the paper does."""
    text = line.lstrip()
    return bool(text) and text[0] != "#"


def indent_width(line: str) -> int:
    """How many whitespace characters `line` starts with."""
    return len(line) - len(line.lstrip())


def read_structure(lines: Sequence[str]) -> Structure:
    """The structure of a program that compiles, given as lines without their "\\n"."""
    try:
        logical, strings = _read_tokens(lines)
    except (tokenize.TokenError, SyntaxError) as error:  # compiles, yet `tokenize` gives up
        raise SourceError("syntax", f"cannot be tokenized: {error}", name="<program>") from error
    takes: defaultdict[int, list[tuple[Relation, range]]] = defaultdict(list)
    for first, last in strings:
        for end in (first, last):
            takes[end].append(("string", range(first, last + 1)))
    block_ends = _block_ends(logical)
    heads: dict[int, int] = {}  # depth -> index in `logical` of the statement clauses belong to
    for index, line in enumerate(logical):
        if line.last > line.first:
            for end in (line.first, line.last):
                takes[end].append(("statement", range(line.first, line.last + 1)))
        if block_ends[index] > line.last:
            takes[line.first].append(("block", range(line.last + 1, block_ends[index] + 1)))
        if line.keyword in CLAUSES:
            head = logical[heads[line.depth]]
            takes[head.first].append(("clause", range(line.first, block_ends[index] + 1)))
        else:
            heads[line.depth] = index
    for unit in _decorated(logical):
        for line in unit:
            partners = (partner for partner in unit if partner is not line)
            takes[line.first].extend(
                ("decorator", range(partner.first, partner.last + 1)) for partner in partners
            )
    order = RELATIONS.index
    dependents = tuple(
        tuple(sorted(takes.get(index, ()), key=lambda taken: (order(taken[0]), taken[1].start)))
        for index in range(len(lines))
    )
    return Structure(tuple(logical), tuple(strings), dependents)


def _read_tokens(lines: Sequence[str]) -> tuple[list[LogicalLine], list[tuple[int, int]]]:
    logical: list[LogicalLine] = []
    strings: list[tuple[int, int]] = []
    keyword: str | None = None  # first token of the logical line being read
    string_starts: list[int] = []
    depth = 0
    next_first = 0  # where a logical line would begin; not its first token's row: `\` may precede
    source = (f"{line}\n" for line in lines)
    for token in tokenize.generate_tokens(lambda: next(source, "")):
        kind, row = token.type, token.start[0] - 1
        if kind == tokenize.INDENT:
            depth += 1
        elif kind == tokenize.DEDENT:
            depth -= 1
        elif kind == tokenize.NEWLINE:
            if keyword is not None:
                logical.append(LogicalLine(next_first, row, keyword, depth))
            keyword, next_first = None, row + 1
        elif kind in _SILENT:
            if kind == tokenize.NL and keyword is None:
                next_first = row + 1
        else:
            keyword = keyword or token.string
            if kind in _OPENS_STRING:
                string_starts.append(row)
            elif kind in _CLOSES_STRING:
                start = string_starts.pop()
                if not string_starts and row > start:
                    strings.append((start, row))
            elif kind == tokenize.STRING and not string_starts and token.end[0] - 1 > row:
                strings.append((row, token.end[0] - 1))
    return logical, strings


def _block_ends(logical: Sequence[LogicalLine]) -> list[int]:
    """Per logical line, the last line of the block it heads, or its own last line."""
    ends = [line.last for line in logical]
    open_headers: list[int] = []
    for index, line in enumerate(logical):
        while open_headers and logical[open_headers[-1]].depth >= line.depth:
            open_headers.pop()
        for header in open_headers:
            ends[header] = line.last
        open_headers.append(index)
    return ends


def _decorated(logical: Sequence[LogicalLine]) -> Iterator[list[LogicalLine]]:
    """Each run of decorators with the `def` or `class` line it decorates."""
    unit: list[LogicalLine] = []
    for line in logical:
        if line.keyword == "@":
            unit.append(line)
        elif unit:
            yield [*unit, line]
            unit = []
