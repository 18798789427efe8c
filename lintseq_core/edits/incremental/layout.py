"""What the compiler says about a state in which only whole statements are missing.

Two things can be wrong then: a block without a statement, and a `try` without handlers. CPython
reports the one it meets first. What it says is asked of the compiler itself, for each header once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property

from lintseq_core.edits.incremental.scopes import Unmodelled
from lintseq_core.linting.blame import HANDLER, TRY, without_line_numbers
from lintseq_core.programs import Program
from lintseq_core.programs.blocks import CLAUSES, LogicalLine, indent_width
from lintseq_core.programs.compiling import compile_source

_ANSWERS_TRY = ("except", "finally")
_HEADER = re.compile(r"\s*(async\s+\w+|except\s*\*|\w+)")
_MESSAGES: dict[str, str] = {}
"""What the running Python says of each kind of header without a block."""
_NO_HANDLER = "expected 'except' or 'finally' block"

SyntaxFault = tuple[str, int]
"""The compiler's message without line numbers, and the 0-based line to blame."""


class Layout:
    """The block structure of one program; indices are those of `structure.logical_lines`."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.statements = program.structure.logical_lines
        self.first_lines = [statement.first for statement in self.statements]
        self.index_of = {line: index for index, line in enumerate(self.first_lines)}
        self.inner = {
            line: index
            for index, statement in enumerate(self.statements)
            if statement.last > statement.first
            for line in range(statement.first, statement.last + 1)
        }
        """The statement of each line, for statements of several lines."""
        self.parent: list[int] = []
        """The header whose block a statement stands in; -1 at the top."""
        self.head: dict[int, int] = {}
        """For a clause, the statement it is a clause of."""
        self.clauses: dict[int, list[int]] = {}
        """For a `try`, its clauses."""
        self.n_inside: list[int] = [0] * len(self.statements)
        """How many statements stand directly in the block of each header."""
        self._read()

    @cached_property
    def _tries_and_handlers(self) -> list[tuple[int, int, bool]]:
        """Lines that read like a `try` or a handler: line, indent, whether it is a `try`."""
        return [
            (index, indent_width(line), bool(TRY.match(line)))
            for index, line in enumerate(self.program.lines)
            if TRY.match(line) or HANDLER.match(line)
        ]

    def _read(self) -> None:
        open_headers: list[int] = []
        heads: dict[int, int] = {}
        for index, statement in enumerate(self.statements):
            first_token = statement.keyword.partition("\n")[0]
            if not self.program.lines[statement.first].lstrip().startswith(first_token):
                raise Unmodelled("a statement that begins with a line continuation")
            while open_headers and self.statements[open_headers[-1]].depth >= statement.depth:
                open_headers.pop()
            self.parent.append(open_headers[-1] if open_headers else -1)
            if open_headers:
                self.n_inside[open_headers[-1]] += 1
            open_headers.append(index)
            if statement.keyword in CLAUSES:
                head = heads[statement.depth]
                self.head[index] = head
                if self.statements[head].keyword == "try":
                    self.clauses.setdefault(head, []).append(index)
            else:
                heads[statement.depth] = index

    def empty_block_message(self, index: int) -> str:
        """What the compiler says of header `index` without a block."""
        statement = self.statements[index]
        first, *more = self.program.lines[statement.first : statement.last + 1]
        kind = _HEADER.match(first)
        if kind is None:
            raise Unmodelled("a header of no known kind")
        words = kind[1]
        message = _MESSAGES.get(words)
        if message is None:
            text = (*before_clause(statement, first), first, *more)
            message = _MESSAGES[words] = _complaint("".join(f"{line}\n" for line in text))
        return message

    def blamed_for_missing_handler(self, noticed: int, present: bytearray) -> int:
        """The line blamed for a `try` whose handlers are missed on line `noticed`.

        `linting.blame.open_try`, on the lines that are there; `noticed` may be one past the last.
        """
        answered: set[int] = set()
        place = bisect_left(self._tries_and_handlers, (noticed,))
        for line, indent, is_try in reversed(self._tries_and_handlers[:place]):
            if not present[line]:
                continue
            if not is_try:
                answered.add(indent)
            elif indent not in answered:
                return line
            else:
                answered.discard(indent)
        return noticed


class LayoutState:
    """Which blocks and `try` statements of one state are broken. `present` is the caller's."""

    def __init__(self, layout: Layout, present: bytearray) -> None:
        self._layout = layout
        self._present = present
        self._n_inside = layout.n_inside[:]
        self._suspects: set[int] = set()
        gone = [line for line in layout.first_lines if not present[line]]
        if gone:
            self.delete(gone)

    def delete(self, lines: Iterable[int]) -> None:
        """Note that `lines` went."""
        layout = self._layout
        for line in lines:
            index = layout.index_of.get(line)
            if index is None:
                continue
            parent = layout.parent[index]
            if parent >= 0:
                self._n_inside[parent] -= 1
                if not self._n_inside[parent]:
                    self._suspects.add(parent)
            head = layout.head.get(index)
            if head in layout.clauses:
                self._suspects.add(head)

    def fault(self) -> SyntaxFault | None:
        """What the compiler meets first, or None. What is broken stays so until its lines go."""
        broken = [index for index in self._suspects if self._is_broken(index)]
        self._suspects.intersection_update(broken)
        if not broken:
            return None
        # Noticed at the next statement there is; an inner block before the one around it.
        statements = self._layout.statements
        noticed, _, index = min(
            (self._noticed(index), -statements[index].depth, index) for index in broken
        )
        if not self._n_inside[index] and self._layout.n_inside[index]:
            return self._layout.empty_block_message(index), statements[index].first
        return _NO_HANDLER, self._blamed(noticed)

    def _is_there(self, index: int) -> bool:
        return bool(self._present[self._layout.first_lines[index]])

    def _is_broken(self, index: int) -> bool:
        if not self._is_there(index):
            return False
        if self._layout.n_inside[index] and not self._n_inside[index]:
            return True
        clauses = self._layout.clauses.get(index)
        if clauses is None:
            return False
        there = {self._layout.statements[one].keyword for one in clauses if self._is_there(one)}
        return "except" not in there and ("else" in there or "finally" not in there)

    def _noticed(self, index: int) -> int:
        """The statement before which the parser stops: the next one that is not inside `index`."""
        statements = self._layout.statements
        depth = statements[index].depth
        after = index + 1
        while after < len(statements) and (
            not self._is_there(after) or statements[after].depth > depth
        ):
            after += 1
        return after

    def _blamed(self, noticed: int) -> int:
        first_lines, present = self._layout.first_lines, self._present
        line = first_lines[noticed] if noticed < len(first_lines) else len(present)
        blamed = self._layout.blamed_for_missing_handler(line, present)
        if blamed == len(present):  # beyond the end: the last line there is
            return present.rfind(1)
        return blamed


def before_clause(statement: LogicalLine, line: str) -> tuple[str, ...]:
    """What must stand before `statement`, which begins with `line`, for it to be parsed alone."""
    indent = line[: indent_width(line)]
    wrapper = ("with 0:",) if statement.depth else ()  # not by the indent: a form feed is none
    if statement.keyword in ("elif", "else"):
        return (*wrapper, f"{indent}if 0: pass")
    if statement.keyword in _ANSWERS_TRY:
        return (*wrapper, f"{indent}try: pass")
    if statement.keyword == "case":
        return ("match 0:",)
    return wrapper


def _complaint(source: str) -> str:
    try:
        compile_source(source)
    except SyntaxError as error:
        message = without_line_numbers(error.msg)
        if re.match("expected an indented block after", message):
            return message
        raise Unmodelled(f"a header that the compiler refuses alone: {message}") from error
    raise Unmodelled("a header that the compiler accepts without a block")
