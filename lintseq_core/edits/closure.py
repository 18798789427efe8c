"""The lines that go together with a drawn line.

The reference that every faster way is held to: it lints each state in full. Which line is drawn is
decided in `lintseq`; the way to the same answer without linting, for pyflakes, is `incremental`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lintseq_core.edits.reasons import Dependent, Drawn, FromFinding, Reason
from lintseq_core.errors import LinterFailure, LintSeqError
from lintseq_core.linting import Finding, Linter, run_linter
from lintseq_core.programs import Program
from lintseq_core.programs.blocks import Relation

FindingKey = tuple[str, int, tuple[str, ...]]
"""Code, 0-based line of the original program, arguments: what makes two findings the same."""

Dependents = Sequence[Sequence[tuple[Relation, range]]]
"""For each line, the lines it takes directly by structure."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What deleting one line takes with it."""

    line_index: int
    """The line drawn, 0-based."""
    reasons: Mapping[int, Reason]
    """For each line that goes, in line order, why."""
    rounds: int
    """How often the rest was linted."""

    @property
    def lines(self) -> tuple[int, ...]:
        """The lines that go, 0-based, in order."""
        return tuple(self.reasons)


class State(Protocol):
    """The lines of a program that are still there, and what is newly wrong with them."""

    present: bytearray
    """For each line of the program, 1 while it is there."""
    n_present: int

    def delete(self, lines: Iterable[int]) -> None:
        """Take `lines` out; each is present."""
        ...

    def new_findings(self) -> Sequence[tuple[Finding, FindingKey]]:
        """The findings that the whole program does not have, in any order. Not asked when empty."""
        ...


class ReferenceState:
    """The reference: lints the full text of every state. Works with every linter."""

    def __init__(
        self,
        program: Program,
        linter: Linter,
        known: frozenset[FindingKey],
        present: Iterable[int] | None = None,
    ) -> None:
        self._program, self._linter, self._known = program, linter, known
        n_lines = len(program.lines)
        self.present = bytearray(n_lines)
        for line in range(n_lines) if present is None else present:
            self.present[line] = 1
        self.n_present = sum(self.present)

    def delete(self, lines: Iterable[int]) -> None:
        for line in lines:
            self.present[line] = 0
            self.n_present -= 1

    def new_findings(self) -> Sequence[tuple[Finding, FindingKey]]:
        rest = [line for line, is_there in enumerate(self.present) if is_there]
        found = lint_state(self._program, rest, self._linter)
        return [pair for pair in found if pair[1] not in self._known]


def original_findings(program: Program, linter: Linter) -> frozenset[FindingKey]:
    """The findings of the whole program, which no state is to be blamed for."""
    everything = range(len(program.lines))
    return frozenset(key for _, key in lint_state(program, everything, linter))


def lint_state(
    program: Program, state: Sequence[int], linter: Linter
) -> list[tuple[Finding, FindingKey]]:
    """The findings of the lines in `state`, each with its key in terms of the original program."""
    if not state:
        return []
    source = "".join(f"{program.lines[index]}\n" for index in state)
    keyed = []
    for finding in run_linter(linter, source):
        if (finding.line_number or 0) < 1:  # None, where a linter breaks its promise
            raise LinterFailure(f"linter {linter.name!r} gave {finding.code} without a line")
        line = state[min(finding.line_number, len(state)) - 1]
        keyed.append((finding, (finding.code, line, finding.arguments)))
    return keyed


def close_deletion(program: Program, state: State, drawn: int, dependents: Dependents) -> Closure:
    """Delete `drawn` and its dependents, lint, delete what is newly named, until nothing is."""
    reasons: dict[int, Reason] = {}
    affected: dict[int, Reason] = {drawn: Drawn()}
    rounds = 0
    while affected:
        deleted = _with_dependents(affected, dependents, state.present)
        reasons |= deleted
        state.delete(deleted)
        affected = {}
        if state.n_present:
            rounds += 1
            # Sorted, so that the reason kept for a line is the leftmost finding's.
            found = sorted(state.new_findings(), key=lambda pair: (pair[0].column, *pair[1]))
            for finding, key in found:
                if key[1] not in affected:
                    absent = _cause(program, finding, reasons, deleted)
                    affected[key[1]] = FromFinding(key[0], key[2], rounds, absent)
    return Closure(drawn, dict(sorted(reasons.items())), rounds)


def check_lines(program: Program, line_index: int, present: Iterable[int] | None) -> list[int]:
    """`present` in order (None: all lines); LintSeqError for a line that is not there."""
    n_lines = len(program.lines)
    state = sorted(range(n_lines) if present is None else set(present))
    if strange := [index for index in state if not 0 <= index < n_lines]:
        raise LintSeqError(
            f"present holds line index {strange[0]}, which a program of {n_lines} lines has not"
        )
    if line_index not in state:
        raise LintSeqError(
            f"line index {line_index} is not in this state; it has {len(state)} lines of "
            f"{n_lines}, counted from 0"
        )
    return state


def _with_dependents(
    affected: Mapping[int, Reason], dependents: Dependents, present: bytearray
) -> dict[int, Reason]:
    """`affected` plus all that its lines take by structure, directly or through one another.

    Wave by wave, so that a chain of reasons always leads back to a line of `affected`; within a
    wave the lowest line that takes a line is its reason.
    """
    reached = dict(affected)
    wave = sorted(affected)
    while wave:
        taken: dict[int, Reason] = {}
        for line in wave:
            for relation, lines in dependents[line]:
                for other in lines:
                    if present[other] and other not in reached and other not in taken:
                        taken[other] = Dependent(line, relation)
        reached |= taken
        wave = sorted(taken)
    return reached


def _cause(
    program: Program,
    finding: Finding,
    deleted_before: Mapping[int, Reason],
    deleted_last: Mapping[int, Reason],
) -> tuple[int, ...]:
    if finding.name is not None:
        binders = program.binding_lines.get(finding.name, frozenset())
        if gone := sorted(binders & deleted_before.keys()):
            return tuple(gone)
    return tuple(sorted(deleted_last))
