"""What is left of a statement of several lines when some of its inner lines are gone.

Its first and last line are there (they take each other along), so it is still one statement. It is
parsed alone, in a context like its own. If it compiles and does to names what its remaining lines
did before, the state is as regular as one in which whole statements are missing.
"""

from __future__ import annotations

import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from lintseq_core.edits.incremental.elements import element_lines
from lintseq_core.edits.incremental.layout import Layout, SyntaxFault, before_clause
from lintseq_core.edits.incremental.recorder import record
from lintseq_core.edits.incremental.scopes import SITE, Event, Trace, Unmodelled
from lintseq_core.errors import LinterFailure
from lintseq_core.linting.blame import without_line_numbers
from lintseq_core.linting.pyflakes_linter import PyflakesLinter
from lintseq_core.programs.blocks import indent_width
from lintseq_core.programs.compiling import TOO_DEEP, compile_source, parse_source

_OPENING, _CLOSING = "([{", {")": "(", "]": "[", "}": "{"}
Signature = tuple[int, str, tuple[tuple[int, int, int], ...], int, int, int]
FormatFinding = tuple[int, str, int, tuple[str, ...]]
"""0-based column, pyflakes' message, 0-based line of the program, arguments."""


@dataclass(frozen=True, slots=True)
class Remnant:
    """What the compiler and pyflakes say about the rest of one statement."""

    verdict: Literal["regular", "fault", "unclear"]
    fault: SyntaxFault | None = None
    """With "fault": the compiler's message, if nothing else is wrong with the state."""
    findings: tuple[FormatFinding, ...] = ()
    """With "regular": format strings that no longer fit their arguments."""


_MISMATCHES = ("unmatched '", "closing parenthesis '")
FORMAT = (SITE, "format")
UNCLEAR = Remnant("unclear")
REGULAR = Remnant("regular")


class Remnants:
    """The remnants of one program, each looked at once."""

    def __init__(self, layout: Layout, trace: Trace, annotations_later: bool) -> None:
        self._layout = layout
        self._trace = trace
        self._later = annotations_later
        self._known: dict[tuple[int, tuple[int, ...]], Remnant] = {}
        self._events: dict[int, list[tuple[int, Event]]] | None = None
        self._elements: dict[int, frozenset[int]] = {}
        self._wholes: dict[int, frozenset[FormatFinding] | None] = {}
        self._only_strings: dict[int, bool] = {}

    def look(self, index: int, present: bytearray) -> Remnant:
        """What is left of statement `index`, its first and last line among it."""
        statement = self._layout.statements[index]
        kept = tuple(line for line in range(statement.first, statement.last + 1) if present[line])
        key = (index, kept)
        remnant = self._known.get(key)
        if remnant is None:
            if self._is_one_string(index) or self._lost_elements_only(index, kept):
                remnant = REGULAR
            else:
                try:
                    remnant = self._examine(index, kept)
                except (Unmodelled, LinterFailure, *TOO_DEEP, ValueError, OverflowError):
                    remnant = UNCLEAR
            self._known[key] = remnant
        return remnant

    def _is_one_string(self, index: int) -> bool:
        """Whether the statement is one plain string: a docstring stays one without inner lines."""
        known = self._only_strings.get(index)
        if known is None:
            statement = self._layout.statements[index]
            lines = self._layout.program.lines[statement.first : statement.last + 1]
            known = False
            if (statement.first, statement.last) in self._layout.program.structure.strings:
                tokens = list(_tokens([line + "\n" for line in lines]))
                kinds = [token.type for token in tokens]
                known = kinds == [tokenize.STRING] and "f" not in _prefix(tokens[0].string)
            self._only_strings[index] = known
        return known

    def _lost_elements_only(self, index: int, kept: tuple[int, ...]) -> bool:
        """Whether all that is gone are whole elements, and nobody counts them."""
        elements = self._elements.get(index)
        statement = self._layout.statements[index]
        if elements is None:
            lines = self._layout.program.lines[statement.first : statement.last + 1]
            rows = element_lines(_tokens([line + "\n" for line in lines]), statement.keyword)
            every = range(statement.first, statement.last + 1)
            if any(event.kind == SITE for _, event in self._at(every)):
                rows = frozenset()
            elements = self._elements[index] = frozenset(row - 1 + statement.first for row in rows)
        n_gone = statement.last - statement.first + 1 - len(kept)
        return n_gone == len(elements) - sum(line in elements for line in kept)

    def _examine(self, index: int, kept: tuple[int, ...]) -> Remnant:
        whole = self._read_whole(index)
        source, places = self._alone(index, kept)
        try:
            compile_source(source)
        except SyntaxError as error:
            return self._fault(error, kept, places)
        if self._signatures(source, places) != self._expected(kept):
            return UNCLEAR
        if "%" not in source and ".format" not in source:
            return REGULAR
        new = _format_findings(source, places) - whole
        return Remnant("regular", findings=tuple(sorted(new)))

    def _read_whole(self, index: int) -> frozenset[FormatFinding]:
        """The format findings of the whole statement; Unmodelled if alone it means another thing.

        A `break` in a header, say, does not compile without the loop around it.
        """
        if index not in self._wholes:
            statement = self._layout.statements[index]
            every = tuple(range(statement.first, statement.last + 1))
            source, places = self._alone(index, every)
            self._wholes[index] = None
            try:
                compile_source(source)
            except SyntaxError as error:
                raise Unmodelled(f"does not compile alone: {error.msg}") from error
            if self._signatures(source, places) == self._expected(every):
                self._wholes[index] = _format_findings(source, places)
        whole = self._wholes[index]
        if whole is None:
            raise Unmodelled("a statement that means another thing alone")
        return whole

    def _signatures(self, source: str, places: list[int | None]) -> list[Signature]:
        typing = "typing" in self._layout.program.text
        trace = record(parse_source(source), annotations_later=self._later, mentions_typing=typing)
        if trace.nonlocals or trace.later or trace.stars:
            raise Unmodelled("a declaration over several lines")
        return [
            _signature(event, trace, places)
            for event in trace.events
            if places[event.line] is not None and event[:2] != FORMAT
        ]

    def _expected(self, lines: tuple[int, ...]) -> list[Signature]:
        """The events of `lines` of the whole program, in their order."""
        span = (lines[0], lines[-1])
        return [
            _signature(event, self._trace, None, span)
            for _, event in sorted(self._at(lines))
            if event[:2] != FORMAT
        ]

    def _at(self, lines: Iterable[int]) -> Iterator[tuple[int, Event]]:
        """The events of `lines`, each with its order."""
        if self._events is None:
            self._events = {}
            for order, event in enumerate(self._trace.events):
                self._events.setdefault(event.line, []).append((order, event))
        for line in lines:
            yield from self._events.get(line, ())

    def _alone(self, index: int, kept: tuple[int, ...]) -> tuple[str, list[int | None]]:
        """The remnant as a program of its own, and for each of its lines the original's."""
        statement = self._layout.statements[index]
        lines = self._layout.program.lines
        first = lines[statement.first]
        indent = first[: indent_width(first)] if statement.depth else ""
        before = list(before_clause(statement, first))
        if before[:1] == ["with 0:"]:
            before[0] = self._context(index)
        if statement.keyword == "case" and self._context(index) != "with 0:":
            raise Unmodelled("a pattern of several lines in a function")
        after = [f"{indent}pass"]
        if self._layout.n_inside[index]:
            after = [f"{indent} pass"]
            if statement.keyword == "match":
                after = [f"{indent} case _: pass"]
        elif statement.keyword == "@":
            after = [f"{indent}def f(): pass"]
        text = [*before, *(lines[line] for line in kept), *after]
        places: list[int | None] = [None] * len(before) + list(kept) + [None] * len(after)
        return "".join(f"{line}\n" for line in text), places

    def _context(self, index: int) -> str:
        """A header for the kind of block that `index` stands in, as far as the compiler minds."""
        parent = self._layout.parent[index]
        while parent >= 0:
            header = self._layout.program.lines[self._layout.statements[parent].first].split()
            if header[0] == "class":
                return "class C:"
            if header[0] == "def":
                return "def f():"
            if header[:2] == ["async", "def"]:
                return "async def f():"
            parent = self._layout.parent[parent]
        return "with 0:"

    def _fault(
        self, error: SyntaxError, kept: tuple[int, ...], places: list[int | None]
    ) -> Remnant:
        """The compiler's message, if it would be the same with the whole state around it."""
        if error.lineno is None or error.lineno > len(places) or "block" in error.msg:
            return UNCLEAR
        line = places[error.lineno - 1]
        # A closing bracket too many is reported before all else, whatever follows. Any other
        # message is certain only if what follows is read as it was: if the brackets match.
        if line is None or not (error.msg.startswith(_MISMATCHES) or self._is_balanced(kept)):
            return UNCLEAR
        return Remnant("fault", (without_line_numbers(error.msg), line))

    def _is_balanced(self, kept: tuple[int, ...]) -> bool:
        """Whether the brackets of the remnant match, so that what follows is read as before."""
        open_brackets: list[str] = []
        for text in self._brackets(kept):
            if text in _OPENING:
                open_brackets.append(text)
            elif not open_brackets or open_brackets.pop() != _CLOSING[text]:
                return False
        return not open_brackets

    def _brackets(self, kept: tuple[int, ...]) -> list[str]:
        lines = self._layout.program.lines[kept[0] : kept[-1] + 1]
        there = set(kept)
        return [
            token.string
            for token in _tokens([line + "\n" for line in lines])
            if token.type == tokenize.OP
            and token.string in "()[]{}"
            and token.start[0] - 1 + kept[0] in there
        ]


def _prefix(string: str) -> str:
    return string[: len(string) - len(string.lstrip("rRbBuUfF"))].lower()


def _format_findings(source: str, places: list[int | None]) -> frozenset[FormatFinding]:
    return frozenset(
        (found.column, found.code, place, found.arguments)
        for found in PyflakesLinter().lint(source)
        if found.code.startswith(("PercentFormat", "StringDotFormat"))
        and (place := places[found.line_number - 1]) is not None
    )


def _tokens(lines: list[str]) -> list[tokenize.TokenInfo]:
    """The tokens of one statement that compiles, without comments and line ends."""
    source = iter([lines[0].lstrip(), *lines[1:]])
    silent = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER)
    return [
        token
        for token in tokenize.generate_tokens(lambda: next(source, ""))
        if token.type not in silent and token.type not in (tokenize.INDENT, tokenize.DEDENT)
    ]


def _signature(
    event: Event,
    trace: Trace,
    places: list[int | None] | None,
    span: tuple[int, int] = (-1, -1),
) -> Signature:
    """The event with its scopes named by where they open within the statement."""
    opened = []
    for scope in trace.scopes[event.scope].stack[1:]:
        kind, _, _, (line, column) = trace.scopes[scope]
        if places is not None:
            place = places[line]
            if place is not None:
                opened.append((kind, place, column))
        elif span[0] <= line <= span[1]:
            opened.append((kind, line, column))
    line = event.line if places is None else (places[event.line] or 0)
    return event.kind, event.name, tuple(opened), line, event.column, event.flag
