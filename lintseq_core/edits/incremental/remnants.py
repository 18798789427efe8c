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
from lintseq_core.edits.incremental.excerpts import Excerpt, excerpt
from lintseq_core.edits.incremental.layout import Layout, SyntaxFault
from lintseq_core.edits.incremental.names import NameTables
from lintseq_core.edits.incremental.patches import patch
from lintseq_core.edits.incremental.recorder import record
from lintseq_core.edits.incremental.scopes import SITE, Event, Trace, Unmodelled
from lintseq_core.errors import LinterFailure
from lintseq_core.linting.blame import without_line_numbers
from lintseq_core.linting.pyflakes_linter import BUILTIN_NAMES, PyflakesLinter
from lintseq_core.programs.compiling import TOO_DEEP, compile_source, parse_source

_BRACKETS = frozenset("()[]{}")
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
    names: NameTables | None = None
    """With "regular": the names of the program with this remnant in it, if it means another thing
    than its lines did before."""


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
        self._all_brackets: dict[int, list[tuple[int, str]]] = {}
        self._elements: dict[int, frozenset[int]] = {}
        self._wholes: dict[int, frozenset[FormatFinding] | None] = {}
        self._only_strings: dict[int, bool] = {}

    def look(self, index: int, present: bytearray) -> Remnant:
        """What is left of statement `index`, its first and last line among it."""
        statement = self._layout.statements[index]
        kept = tuple(line for line in range(statement.first, statement.last + 1) if present[line])
        if self._is_one_string(index) or self._lost_elements_only(index, kept):
            return REGULAR  # not kept: a long table has as many remnants as lines
        remnant = self._known.get((index, kept))
        if remnant is None:
            try:
                remnant = self.examine(index, kept)
            except (Unmodelled, LinterFailure, *TOO_DEEP, ValueError, OverflowError):
                remnant = UNCLEAR
            self._known[index, kept] = remnant
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
        """Whether all that is gone are whole elements."""
        statement, elements = self._layout.statements[index], self.elements(index)
        n_gone = statement.last - statement.first + 1 - len(kept)
        return n_gone == len(elements) - sum(line in elements for line in kept)

    def elements(self, index: int) -> frozenset[int]:
        """The lines of statement `index` that are whole elements which nobody counts."""
        elements = self._elements.get(index)
        if elements is None:
            statement = self._layout.statements[index]
            span = range(statement.first, statement.last + 1)
            lines = self._layout.program.lines[span.start : span.stop]
            rows = element_lines(_tokens([line + "\n" for line in lines]), statement.keyword)
            if any(event.kind == SITE for _, event in self._at(span)):
                rows = frozenset()  # of a format, say, or of `__all__`
            elements = self._elements[index] = frozenset(row - 1 + span.start for row in rows)
        return elements

    def examine(self, index: int, kept: tuple[int, ...]) -> Remnant:
        """What the compiler and pyflakes make of the lines `kept`, parsed alone."""
        whole = self._read_whole(index)
        rest = excerpt(self._layout, index, kept)
        try:
            compile_source(rest.source)
        except SyntaxError as error:
            return self._fault(error, kept, rest)
        trace = self._record(rest)
        names = None
        if _signatures(trace, rest) != self._expected(kept):
            names = self._patched(index, trace, rest)
        new: frozenset[FormatFinding] = frozenset()
        if "%" in rest.source or ".format" in rest.source:
            new = _format_findings(rest) - whole
        return Remnant("regular", findings=tuple(sorted(new)), names=names)

    def _patched(self, index: int, trace: Trace, rest: Excerpt) -> NameTables:
        """The names of the program, with what is left of the statement in place of all of it."""
        statement = self._layout.statements[index]
        if self._layout.n_inside[index] or statement.keyword == "@":
            raise Unmodelled("a header that means another thing")
        span = range(statement.first, statement.last + 1)
        orders = sorted(order for order, _ in self._at(span))
        if not orders:
            raise Unmodelled("names where there were none")
        return NameTables(patch(self._trace, orders, span, trace, rest.places), BUILTIN_NAMES)

    def _read_whole(self, index: int) -> frozenset[FormatFinding]:
        """The format findings of the whole statement; Unmodelled if alone it means another thing.

        A `break` in a header, say, does not compile without the loop around it.
        """
        if index not in self._wholes:
            statement = self._layout.statements[index]
            every = tuple(range(statement.first, statement.last + 1))
            alone = excerpt(self._layout, index, every)
            self._wholes[index] = None
            try:
                compile_source(alone.source)
            except SyntaxError as error:
                raise Unmodelled(f"does not compile alone: {error.msg}") from error
            if _signatures(self._record(alone), alone) == self._expected(every):
                self._wholes[index] = _format_findings(alone)
        whole = self._wholes[index]
        if whole is None:
            raise Unmodelled("a statement that means another thing alone")
        return whole

    def _record(self, alone: Excerpt) -> Trace:
        typing = "typing" in self._layout.program.text
        tree = parse_source(alone.source)
        trace = record(tree, annotations_later=self._later, mentions_typing=typing)
        if trace.nonlocals or trace.later or trace.stars:
            raise Unmodelled("a declaration over several lines")
        return trace

    def _expected(self, lines: tuple[int, ...]) -> list[Signature]:
        """The events of `lines` of the whole program, in their order."""
        scopes, span = self._trace.scopes, range(lines[0], lines[-1] + 1)
        expected = []
        for _, event in sorted(self._at(lines)):
            if event[:2] != FORMAT:
                opened = tuple(
                    (scopes[scope].kind, *scopes[scope].place)
                    for scope in scopes[event.scope].stack[1:]
                    if scopes[scope].place[0] in span
                )
                expected.append((*event[:2], opened, *event[3:]))
        return expected

    def _at(self, lines: Iterable[int]) -> Iterator[tuple[int, Event]]:
        """The events of `lines`, each with its order."""
        if self._events is None:
            self._events = {}
            for order, event in enumerate(self._trace.events):
                self._events.setdefault(event.line, []).append((order, event))
        for line in lines:
            yield from self._events.get(line, ())

    def _fault(self, error: SyntaxError, kept: tuple[int, ...], rest: Excerpt) -> Remnant:
        """The compiler's message, if it would be the same with the whole state around it."""
        if error.lineno is None or error.lineno > len(rest.places) or "block" in error.msg:
            return UNCLEAR
        line = rest.places[error.lineno - 1]
        # A closing bracket too many is reported before all else, whatever follows. Any other
        # message is certain only if what follows is read as it was: if the brackets match.
        if line is None or not (error.msg.startswith(_MISMATCHES) or self._is_balanced(kept)):
            return UNCLEAR
        return Remnant("fault", (without_line_numbers(error.msg), line))

    def _is_balanced(self, kept: tuple[int, ...]) -> bool:
        """Whether the brackets of the remnant match, so that what follows is read as before."""
        open_brackets: list[str] = []
        there = set(kept)
        for line, text in self._brackets(kept[0], kept[-1]):
            if line not in there:
                continue
            if text in _OPENING:
                open_brackets.append(text)
            elif not open_brackets or open_brackets.pop() != _CLOSING[text]:
                return False
        return not open_brackets

    def _brackets(self, first: int, last: int) -> list[tuple[int, str]]:
        """The brackets of the statement on lines `first` to `last`, each with its line."""
        brackets = self._all_brackets.get(first)
        if brackets is None:
            lines = self._layout.program.lines[first : last + 1]
            brackets = self._all_brackets[first] = [
                (token.start[0] - 1 + first, token.string)
                for token in _tokens([line + "\n" for line in lines])
                if token.type == tokenize.OP and token.string in _BRACKETS
            ]
        return brackets


def _prefix(string: str) -> str:
    return string[: len(string) - len(string.lstrip("rRbBuUfF"))].lower()


def _format_findings(alone: Excerpt) -> frozenset[FormatFinding]:
    return frozenset(
        (found.column, found.code, place, found.arguments)
        for found in PyflakesLinter().lint(alone.source)
        if found.code.startswith(("PercentFormat", "StringDotFormat"))
        and (place := alone.places[found.line_number - 1]) is not None
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


def _signatures(trace: Trace, alone: Excerpt) -> list[Signature]:
    """The events of `trace`, a recording of `alone`, on lines of the program."""
    found = []
    for event in trace.events:
        place = alone.places[event.line]
        if place is not None and event[:2] != FORMAT:
            opened = tuple(
                (kind, line, column)
                for kind, _, _, (row, column) in (
                    trace.scopes[scope] for scope in trace.scopes[event.scope].stack[1:]
                )
                if (line := alone.places[row]) is not None
            )
            found.append((event.kind, event.name, opened, place, event.column, event.flag))
    return found
