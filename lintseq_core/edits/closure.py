"""The lines that go together with a drawn line: the reference, which lints every state in full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lintseq_core.edits.reasons import Dependent, Drawn, FromFinding, Reason
from lintseq_core.errors import LinterFailure, LintSeqError
from lintseq_core.linting import Finding, Linter, get_linter, run_linter
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


def closure(
    program: Program,
    line_index: int,
    *,
    linter: Linter | None = None,
    present: Iterable[int] | None = None,
) -> Closure:
    """The lines that go if line `line_index` of `program` goes, each with its reason.

    `present` are the 0-based lines of the state it is deleted from (default: the whole program);
    `linter` defaults to pyflakes. Lints about twice or more. Raises LinterFailure.
    """
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
    linter = linter or get_linter("pyflakes")
    known = original_findings(program, linter)
    return close_deletion(program, state, line_index, linter, known, program.structure.dependents)


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


def close_deletion(
    program: Program,
    state: Sequence[int],
    drawn: int,
    linter: Linter,
    known: frozenset[FindingKey],
    dependents: Dependents,
) -> Closure:
    """Delete `drawn` and its dependents, lint, delete what is newly named, until nothing is."""
    rest = list(state)
    reasons: dict[int, Reason] = {}
    affected: dict[int, Reason] = {drawn: Drawn()}
    rounds = 0
    while affected:
        deleted = _with_dependents(affected, dependents, set(rest))
        reasons |= deleted
        rest = [index for index in rest if index not in deleted]
        affected = {}
        if rest:
            rounds += 1
            found = [pair for pair in lint_state(program, rest, linter) if pair[1] not in known]
            # Sorted, so that the reason kept for a line is the leftmost finding's.
            for finding, key in sorted(found, key=lambda pair: (pair[0].column, *pair[1])):
                absent = _cause(program, finding, reasons, deleted)
                affected.setdefault(key[1], FromFinding(key[0], key[2], rounds, absent))
    return Closure(drawn, dict(sorted(reasons.items())), rounds)


def _with_dependents(
    affected: Mapping[int, Reason], dependents: Dependents, present: set[int]
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
                    if other in present and other not in reached:
                        taken.setdefault(other, Dependent(line, relation))
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
