"""The exercise "predict the next edit": a state, the lines to come, and every edit that may follow.

A reader chooses lines; they are right if they are any edit that LintSeq could draw here, not only
the one that this sequence has. What the browser receives, beside the program as in payload.py:

    {
      "format": "lintseq-predict", "version": 1, "id", "title", "n_edits",
      "lines", "births", "token_classes", "tokens", "meta",      as in payload.py
      "free":   [0, 7, ...],    blank lines and comments: they come along by themselves
      "blocks": {"4": [5, 6]},  per header the code lines of its block
      "needs":  {"phrases", "cause_sets", "closures"},   what goes with each line of the whole
                                                         program, see whatif.py
      "sentences": ["Line 3 ...", ...],
      "rounds": [{"step": 3, "drawn": 1, "edits": [[[4, 5], 0.25, 4, [0, 2]], ...]}, ...]
    }

A round is the state after `step` edits. Each edit there has its code lines, its share among all
sequences that come through the state, the line whose drawing deletes it (-1: none does) and, as
indices into "sentences", why the others go with that line; the likeliest edit stands first. "drawn"
is the index of the edit that this sequence has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lintseq_core.edits import EditSequence, closure
from lintseq_core.edits.branch import lines_at
from lintseq_core.edits.legal import MAX_CLOSURES, LegalEdit, legal_edits
from lintseq_core.edits.words import describe_reasons
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import Linter, get_linter
from lintseq_core.programs.blocks import is_code
from lintseq_core.viewer.payload import build_payload, identified
from lintseq_core.viewer.whatif import closures_of_state

FORMAT = "lintseq-predict"
VERSION = 1
MAX_LINES = 400
"""Longest program of the exercise: what goes with each line travels with it."""
_SHARED = ("title", "n_edits", "lines", "births", "token_classes", "tokens", "meta")


def build_predict_payload(
    sequence: EditSequence,
    *,
    title: str = "",
    steps: Iterable[int] | None = None,
    linter: Linter | None = None,
    max_closures: int = MAX_CLOSURES,
) -> dict[str, Any]:
    """The exercise on `sequence`: JSON-safe, described at the top of this module.

    A round for each of `steps` (default: all) that has code to come and whose edits can all be
    worked out (`edits.legal`); of a long program those are the later ones. LintSeqError if no round
    is left, or for a sequence that is not LintSeq's. Raises LinterFailure.
    """
    program = sequence.program
    if len(program.lines) > MAX_LINES:
        raise LintSeqError(
            f"the exercise takes programs up to {MAX_LINES} lines, this one has "
            f"{len(program.lines):,}: choose one function of it"
        )
    linter = linter or get_linter(sequence.linter_name)
    sentences: dict[str, int] = {}
    rounds = []
    found = legal_edits(sequence, steps=steps, linter=linter, max_closures=max_closures)
    for step, edits in found.items():
        made = _round(sequence, step, edits, linter, sentences)
        if made is not None:
            rounds.append(made)
    if not rounds:
        raise LintSeqError(
            "no step of this sequence can be an exercise: too many edits may follow there, or only "
            "comments do; choose a later step or a shorter program"
        )
    whole = build_payload(sequence, title=title)
    return identified(
        {
            "format": FORMAT,
            "version": VERSION,
            **{name: whole[name] for name in _SHARED},
            "free": [i for i, line in enumerate(program.lines) if not is_code(line)],
            "blocks": _blocks(sequence),
            "needs": closures_of_state(program, range(len(program.lines)), linter),
            "sentences": list(sentences),
            "rounds": rounds,
        }
    )


def _round(
    sequence: EditSequence,
    step: int,
    edits: Iterable[LegalEdit],
    linter: Linter,
    sentences: dict[str, int],
) -> dict[str, Any] | None:
    """Edits that differ in blank lines and comments alone are one here."""
    program = sequence.program
    state = lines_at(sequence, step)
    by_code: dict[tuple[int, ...], list[Any]] = {}
    for edit in edits:
        code = tuple(line for line in edit.lines if is_code(program.lines[line]))
        if code in by_code:
            by_code[code][1] += edit.probability
            continue
        root, why = -1, []
        if edit.draws and edit.draws[-1] in edit.lines:
            root = edit.draws[-1]
            present = [*state, *edit.lines]
            reasons = dict(closure(program, root, present=present, linter=linter).reasons)
            others = {line: reason for line, reason in reasons.items() if line != root}
            told = describe_reasons(program, others)
            why = [sentences.setdefault(sentence, len(sentences)) for sentence in told]
        by_code[code] = [list(code), edit.probability, root, why]
    if any(not code for code in by_code):  # nothing but comments and blank lines comes first
        return None
    drawn = tuple(
        line
        for line, birth in enumerate(sequence.birth_steps)
        if birth == step and is_code(program.lines[line])
    )
    rows = sorted(by_code.values(), key=lambda row: (-row[1], row[0]))
    for row in rows:
        row[1] = round(row[1], 6)
    return {"step": step, "drawn": [row[0] for row in rows].index(list(drawn)), "edits": rows}


def _blocks(sequence: EditSequence) -> dict[str, list[int]]:
    program = sequence.program
    blocks = {}
    for line, taken in enumerate(program.structure.dependents):
        inside = [n for relation, lines in taken if relation == "block" for n in lines]
        if code := [n for n in inside if is_code(program.lines[n])]:
            blocks[str(line)] = code
    return blocks
