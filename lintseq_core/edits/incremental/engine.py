"""Analyses, kept for the programs last used, and the states that ask them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from lintseq_core.edits.closure import FindingKey, lint_state, original_findings
from lintseq_core.edits.incremental.layout import Layout, LayoutState, SyntaxFault
from lintseq_core.edits.incremental.names import NameState, NameTables
from lintseq_core.edits.incremental.recorder import record
from lintseq_core.edits.incremental.remnants import Remnant, Remnants
from lintseq_core.edits.incremental.scopes import Unmodelled
from lintseq_core.linting import Finding
from lintseq_core.linting.pyflakes_linter import BUILTIN_NAMES, PyflakesLinter
from lintseq_core.linting.syntax_linter import syntax_finding
from lintseq_core.programs import Program

Found = tuple[Finding, FindingKey]
_N_PROGRAMS = 8


@dataclass(slots=True)
class HandOvers:
    """How much the incremental engine left to the reference; add up over as many as you like."""

    sequences: int = 0
    unmodelled: Counter[str] = field(default_factory=Counter)
    """Sequences of programs that it cannot model at all, by reason."""
    states: int = 0
    """States of the others."""
    linted: int = 0
    """Those of them that the reference linted."""


class Analysis:
    """What is recorded of one program, once, and shared by all its states."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.layout = Layout(program)
        self.plain: Reading
        """Without `from __future__ import annotations`."""
        self.first: Reading
        """As the whole program is read."""
        plain = _read(program, self.layout, annotations_later=False)
        self.first = plain
        if plain.names.trace.later:
            self.first = _read(program, self.layout, annotations_later=True)
        self.plain = plain
        trace = plain.names.trace
        self.later_lines = tuple(trace.later)
        self.nonlocal_lines = frozenset(
            line
            for name in trace.nonlocals
            for line in program.binding_lines.get(name, frozenset())
        )

    @cached_property
    def known(self) -> frozenset[FindingKey]:
        """The reference's findings of the whole program; only asked for when it must lint."""
        return original_findings(self.program, PyflakesLinter())


@dataclass(frozen=True, slots=True)
class Reading:
    """A program's names and remnants, with or without postponed annotations."""

    names: NameTables
    remnants: Remnants


def _read(program: Program, layout: Layout, *, annotations_later: bool) -> Reading:
    trace = record(
        program.tree,
        annotations_later=annotations_later,
        mentions_typing="typing" in program.text,
    )
    return Reading(NameTables(trace, BUILTIN_NAMES), Remnants(layout, trace, annotations_later))


@lru_cache(maxsize=_N_PROGRAMS)
def analyse(program: Program) -> Analysis | str:
    """The analysis of `program`, or why it cannot be modelled."""
    try:
        return Analysis(program)
    except Unmodelled as reason:
        return str(reason)


def is_closed(program: Program, present: bytearray) -> bool:
    """Whether no line is there whose statement, block or string lost what holds it."""
    return not any(
        present[other]
        for line, is_there in enumerate(present)
        if not is_there
        for _, lines in program.structure.dependents[line]
        for other in lines
    )


class IncrementalState:
    """One state of an analysed program (`closure.State`)."""

    def __init__(self, analysis: Analysis, present: bytearray, hand_overs: HandOvers) -> None:
        self.present = present
        self.n_present = sum(present)
        self._analysis = analysis
        self._hand_overs = hand_overs
        self._layout = LayoutState(analysis.layout, present)
        self._reading = analysis.first
        is_whole = self.n_present == len(present)
        self._names = NameState(self._reading.names, present, ask_all=not is_whole)
        self._remnants: dict[int, Remnant] = {}
        self._check_nonlocals = not is_whole and bool(analysis.nonlocal_lines)
        if not is_whole:
            gone = [line for line, is_there in enumerate(present) if not is_there]
            self._note_remnants(gone)
            self._note_annotations(gone)

    def delete(self, lines: Iterable[int]) -> None:
        for line in lines:
            self.present[line] = 0
            self.n_present -= 1
        self._layout.delete(lines)
        self._names.delete(lines)
        self._note_remnants(lines)
        analysis = self._analysis
        if analysis.nonlocal_lines and not analysis.nonlocal_lines.isdisjoint(lines):
            self._check_nonlocals = True
        if analysis.later_lines:
            self._note_annotations(lines)

    def new_findings(self) -> Sequence[Found]:
        self._hand_overs.states += 1
        try:
            return self._ask()
        except Unmodelled:
            self._hand_overs.linted += 1
            self._names.ask_all()
            rest = [line for line, is_there in enumerate(self.present) if is_there]
            found = lint_state(self._analysis.program, rest, PyflakesLinter())
            return [pair for pair in found if pair[1] not in self._analysis.known]

    def _ask(self) -> Sequence[Found]:
        fault = self._layout.fault()
        faults = [fault] if fault else []
        for remnant in self._remnants.values():
            if remnant.verdict == "unclear":
                raise Unmodelled("a remnant")
            if remnant.fault is not None:
                faults.append(remnant.fault)
        if faults:
            if len(faults) > 1:
                raise Unmodelled("several syntax errors")
            return [_syntax_error(faults[0])]
        if self._check_nonlocals and (found := self._nonlocal_error()) is not None:
            return [found]
        self._check_nonlocals = False
        self._use_names([one.names for one in self._remnants.values() if one.names is not None])
        known = self._analysis.first.names.known
        missing = [
            _name_finding(column, code, line, name)
            for column, code, line, name in self._names.findings()
            if (code, line, name) not in known
        ]
        for remnant in self._remnants.values():
            for column, code, line, arguments in remnant.findings:
                finding = Finding(code, line + 1, column, arguments)
                missing.append((finding, (code, line, arguments)))
        return missing

    def _use_names(self, changed: list[NameTables]) -> None:
        """Ask the names as the remnants leave them: as recorded, or with one of them in place."""
        if len(changed) > 1:
            raise Unmodelled("several remnants that mean another thing")
        names = changed[0] if changed else self._reading.names
        if names is not self._names.tables:
            self._names = NameState(names, self.present, ask_all=True)

    def _nonlocal_error(self) -> Found | None:
        """What the compiler says of a `nonlocal` whose name nobody binds any more."""
        rest = [line for line, is_there in enumerate(self.present) if is_there]
        lines = self._analysis.program.lines
        found = syntax_finding("".join(f"{lines[line]}\n" for line in rest))
        if found is None:
            return None
        return _syntax_error((found.arguments[0], rest[min(found.line_number, len(rest)) - 1]))

    def _note_remnants(self, gone: Iterable[int]) -> None:
        layout, present = self._analysis.layout, self.present
        touched = set()
        for line in gone:
            index = layout.inner.get(line)
            if index is not None:
                touched.add(index)
        for index in touched:
            if present[layout.first_lines[index]]:
                self._remnants[index] = self._reading.remnants.look(index, present)
            else:
                self._remnants.pop(index, None)

    def _note_annotations(self, gone: Iterable[int]) -> None:
        """Read annotations at once as soon as no `from __future__ import annotations` is left."""
        analysis = self._analysis
        if self._reading is analysis.plain or any(
            self.present[line] for line in analysis.later_lines
        ):
            return
        self._reading = analysis.plain
        self._names = NameState(analysis.plain.names, self.present, ask_all=True)
        for index in self._remnants:
            self._remnants[index] = self._reading.remnants.look(index, self.present)


def _syntax_error(fault: SyntaxFault) -> Found:
    message, line = fault
    finding = Finding("SyntaxError", line + 1, 0, (message,))
    return finding, ("SyntaxError", line, (message,))


def _name_finding(column: int, code: str, line: int, name: str) -> Found:
    return Finding(code, line + 1, column, (name,), name), (code, line, (name,))
