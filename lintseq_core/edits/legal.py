"""Which edits may come next: all that LintSeq could have drawn here, not only the one it drew.

Going backwards, LintSeq draws a line of a state X and deletes its closure, which leaves a smaller
state. Read forwards, the edit E may follow the state S if the state S + E comes from the whole
program by some draws, and a line of E, drawn there, takes exactly E along. So the edits that may
follow S are found among the states between S and the whole program: draw every candidate of every
such state whose closure leaves S alone, and keep what ends in S. The probability of a state is
summed up on the way, largest states first, so each edit has its exact share too.

There can be exponentially many states: of k independent lines every subset is one. The more lines S
has, the fewer are above it. Where the walk would be too long nothing is said about S.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lintseq_core.edits.closure import ReferenceState, State, close_deletion, original_findings
from lintseq_core.edits.draws import candidate_lines, line_weights
from lintseq_core.edits.engines import open_state
from lintseq_core.edits.sequence import EditSequence
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import Linter, get_linter
from lintseq_core.programs import Program

MAX_CLOSURES = 20_000
"""Closures that a walk may take: seconds with pyflakes."""


@dataclass(frozen=True, slots=True)
class LegalEdit:
    """An edit that may come next."""

    lines: tuple[int, ...]
    """What it inserts, 0-based, in order."""
    probability: float
    """The share of it among all sequences that come through the state, as LintSeq draws them."""
    draws: tuple[int, ...]
    """Lines that, drawn one after the other from the whole program, delete this edit last.

    A first edit of blank lines and comments is what no draw takes: it has no draw of its own.
    """


def legal_edits(
    sequence: EditSequence,
    *,
    steps: Iterable[int] | None = None,
    linter: Linter | None = None,
    max_closures: int = MAX_CLOSURES,
) -> dict[int, tuple[LegalEdit, ...]]:
    """For each of `steps` of `sequence`, every edit that may come after that many edits.

    `steps` are 0 to `n_edits` - 1, all of them by default; `linter` is the sequence's own by
    default. The likeliest edit stands first; the one that the sequence has is among them. A step is
    left out if more than `max_closures` closures stand between its state and the whole program: the
    first steps of a long program. LintSeqError for RandSeq, for the authors' rules, and for a
    sequence that LintSeq does not draw. Raises LinterFailure.
    """
    _refuse_other_rules(sequence)
    wanted = sorted(set(range(sequence.n_edits) if steps is None else steps))
    if strange := [step for step in wanted if not 0 <= step < sequence.n_edits]:
        raise LintSeqError(
            f"step {strange[0]}: an edit follows the steps 0 to {sequence.n_edits - 1} alone"
        )
    walk = _Walk(sequence.program, linter or get_linter(sequence.linter_name), sequence.indent_bias)
    _refuse_other_draws(sequence, walk)
    states = [_state(sequence, step) for step in wanted]
    walked: dict[int, dict[int, tuple[LegalEdit, ...]]] = {}

    def is_short(at: int) -> bool:
        """Whether the walk ends; the one above a state finds what follows all later states."""
        found = walk.above(states[at], states[at:], max_closures)
        if found is not None:
            walked[at] = found
        return found is not None

    first = bisect_left(range(len(states)), True, key=is_short)
    return {wanted[at]: walked[first][states[at]] for at in range(first, len(states))}


def _refuse_other_rules(sequence: EditSequence) -> None:
    if sequence.method != "lintseq":
        raise LintSeqError(
            "a RandSeq sequence may go on with any lines: give a sequence of method 'lintseq'"
        )
    if sequence.compat is not None:
        raise LintSeqError(
            f"the sequence follows compat={sequence.compat!r}: sample it without, to ask what may "
            "come next"
        )


def _refuse_other_draws(sequence: EditSequence, walk: _Walk) -> None:
    """LintSeqError unless each edit is one that draws make; a row of a file need not be."""
    larger = _state(sequence, sequence.n_edits)
    for step in range(sequence.n_edits - 1, -1, -1):
        state = _state(sequence, step)
        edit = larger & ~state
        drawn = _lines(edit & walk.candidates)
        is_rest = step == 0 and not drawn
        if not is_rest and all(walk.closure(larger, line) != edit for line in drawn):
            raise LintSeqError(
                f"edit {step + 1} is none that LintSeq with {sequence.linter_name} draws here: "
                "sample the program anew"
            )
        larger = state


@dataclass(slots=True)
class _Node:
    probability: float
    parent: int
    drawn: int


@dataclass(slots=True)
class _Edge:
    """From a state to a smaller one: the lines that do it, and how often one of them is drawn."""

    drawn: int
    probability: float


class _Walk:
    """The states of one program as bit masks, bit i for line i, with the closures taken so far."""

    def __init__(self, program: Program, linter: Linter, indent_bias: int | None) -> None:
        self._program = program
        self._open = _opener(program, linter)
        self._weights = line_weights(program, indent_bias)
        self._closures: dict[tuple[int, int], int] = {}
        self._full = (1 << len(program.lines)) - 1
        self.candidates = _mask(candidate_lines(program))

    def closure(self, state: int, line: int) -> int:
        """What goes if `line` is drawn from `state`."""
        known = self._closures.get((state, line))
        if known is None:
            opened = self._open(_lines(state))
            gone = close_deletion(self._program, opened, line, self._program.structure.dependents)
            known = self._closures[state, line] = _mask(gone.reasons)
        return known

    def above(
        self, low: int, wanted: Sequence[int], max_closures: int
    ) -> dict[int, tuple[LegalEdit, ...]] | None:
        """What may follow each state of `wanted`, all of which hold `low`; None: too long."""
        nodes = {self._full: _Node(1.0, -1, -1)}
        by_size: list[list[int]] = [[] for _ in range(self._full.bit_length() + 1)]
        by_size[-1].append(self._full)
        into: dict[int, dict[int, _Edge]] = {state: {} for state in wanted}
        n_closures = 0
        for states in reversed(by_size):  # a state is reached from larger ones alone
            for state in states:
                left = _lines(state & self.candidates)
                if not left and state and 0 in into:  # nothing to draw: the rest is one edit
                    into[0][state] = _Edge(-1, 1.0)
                total = sum(self._weights[line] for line in left)
                for line in _lines(state & self.candidates & ~low):
                    n_closures += 1
                    if n_closures > max_closures:
                        return None
                    smaller = state & ~self.closure(state, line)
                    if smaller & low != low:
                        continue
                    share = self._weights[line] / total
                    if smaller in into:
                        edge = into[smaller].setdefault(state, _Edge(line, 0.0))
                        edge.probability += share
                    if smaller not in nodes:
                        nodes[smaller] = _Node(0.0, state, line)
                        by_size[smaller.bit_count()].append(smaller)
                    nodes[smaller].probability += nodes[state].probability * share
        return {state: _shared(state, edges, nodes) for state, edges in into.items()}


def _shared(state: int, edges: dict[int, _Edge], nodes: dict[int, _Node]) -> tuple[LegalEdit, ...]:
    weights = {
        larger: nodes[larger].probability * edge.probability for larger, edge in edges.items()
    }
    total = sum(weights.values())
    found = [
        LegalEdit(
            tuple(_lines(larger & ~state)),
            weights[larger] / total,
            _draws(nodes, larger, edge.drawn),
        )
        for larger, edge in edges.items()
    ]
    return tuple(sorted(found, key=lambda edit: (-edit.probability, edit.lines)))


def _draws(nodes: dict[int, _Node], state: int, last: int) -> tuple[int, ...]:
    draws = [last] if last >= 0 else []
    while nodes[state].parent >= 0:
        draws.append(nodes[state].drawn)
        state = nodes[state].parent
    return tuple(reversed(draws))


def _opener(program: Program, linter: Linter) -> Callable[[Sequence[int]], State]:
    """How to open a state; what the whole program has wrong is worked out once."""
    if not isinstance(open_state(program, linter), ReferenceState):
        return lambda present: open_state(program, linter, present=present)
    known = original_findings(program, linter)
    return lambda present: ReferenceState(program, linter, known, present)


def _state(sequence: EditSequence, step: int) -> int:
    return _mask(line for line, birth in enumerate(sequence.birth_steps) if birth < step)


def _mask(lines: Iterable[int]) -> int:
    mask = 0
    for line in lines:
        mask |= 1 << line
    return mask


def _lines(mask: int) -> list[int]:
    return [line for line in range(mask.bit_length()) if mask >> line & 1]
