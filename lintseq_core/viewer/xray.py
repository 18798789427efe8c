"""Why the lines of an edit go together, as numbers: what the player draws its arrows from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lintseq_core.edits.reasons import Dependent, Drawn, FromFinding, Leftover, Reason
from lintseq_core.edits.sequence import EditSequence
from lintseq_core.edits.words import describe_edit, describe_reasons

DRAWN, FINDING, DEPENDENT, LEFTOVER, UNTOLD = range(5)
"""Kinds of a reason, in the order the player knows them."""


@dataclass(frozen=True, slots=True)
class XRay:
    """Kind, round and cause of each reason of some lines.

    `causes[i]` is an index into `cause_sets`, or -1: the lines whose absence took the line.
    """

    kinds: list[int]
    rounds: list[int]
    """0: went with the drawn line; r: went in the r-th round of findings, or with such a line."""
    causes: list[int]
    cause_sets: list[list[int]]


def xray_reasons(reasons: Mapping[int, Reason]) -> XRay:
    """The X-ray of `reasons` by line, its lists in the order of the mapping.

    Safe for reasons read from a file: what they point at need not be in the mapping, and a chain
    of dependents may run in a circle.
    """
    sets: dict[tuple[int, ...], int] = {}
    rounds = _rounds(reasons)
    kinds, causes = [], []
    for reason in reasons.values():
        kind, absent = _kind_and_cause(reason)
        kinds.append(kind)
        causes.append(sets.setdefault(absent, len(sets)) if absent else -1)
    return XRay(kinds, [rounds[line] for line in reasons], causes, [list(each) for each in sets])


def xray_sequence(sequence: EditSequence) -> XRay:
    """The X-ray of every line of `sequence`."""
    if not sequence.reasons:  # a stored row may leave them out
        n_lines = len(sequence.program.lines)
        return XRay([UNTOLD] * n_lines, [0] * n_lines, [-1] * n_lines, [])
    return xray_reasons(dict(enumerate(sequence.reasons)))


def tell_rounds(sequence: EditSequence, edit_index: int, xray: XRay) -> list[tuple[int, str]]:
    """Why the lines of an edit belong together: sentences, in the order it came out.

    Each with its round; the drawn line and what went with it are round 0.
    """
    if sequence.method == "randseq" or not sequence.reasons:
        return [(0, sentence) for sentence in describe_edit(sequence, edit_index)]
    by_round: dict[int, dict[int, Reason]] = {}
    for line, birth in enumerate(sequence.birth_steps):
        if birth == edit_index:
            by_round.setdefault(xray.rounds[line], {})[line] = sequence.reasons[line]
    return [
        (number, sentence)
        for number, reasons in sorted(by_round.items())
        for sentence in describe_reasons(sequence.program, reasons)
    ]


def _kind_and_cause(reason: Reason) -> tuple[int, tuple[int, ...]]:
    match reason:
        case Drawn():
            return DRAWN, ()
        case FromFinding(absent=absent):
            return FINDING, absent
        case Dependent(of=of):
            return DEPENDENT, (of,)
        case Leftover():
            return LEFTOVER, ()


def _rounds(reasons: Mapping[int, Reason]) -> dict[int, int]:
    rounds: dict[int, int] = {}
    for line in reasons:
        chain: dict[int, None] = {}
        at, number = line, 0
        while at not in chain:
            if at in rounds:
                number = rounds[at]
                break
            chain[at] = None
            reason = reasons.get(at)
            if isinstance(reason, FromFinding):
                number = reason.round
                break
            if not isinstance(reason, Dependent):
                break
            at = reason.of
        rounds |= dict.fromkeys(chain, number)
    return rounds
