"""Does a stored edit sequence hold what LintSeq promises?

For sequences out of files, which anybody may have changed. What is sampled here needs no check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lintseq_core.edits.closure import lint_state, original_findings
from lintseq_core.edits.formats import EditParseError, apply_edits, parse_edits
from lintseq_core.edits.sequence import EditSequence
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import Linter
from lintseq_core.programs import Program


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found wrong, and how many new findings there are in the states of the sequence."""

    problems: tuple[str, ...]
    """Each names its step; empty if the sequence holds."""
    new_findings: int


def promises_clean_states(sequence: EditSequence) -> bool:
    """Whether a new finding is a broken promise; else findings are only counted."""
    clean = sequence.method == "lintseq" and sequence.linter_name != "none"
    return clean and sequence.compat is None


def verify_sequence(sequence: EditSequence, linter: Linter) -> Verification:
    """Round trip, insert-only, and no new finding of `linter` in any state. Lints every state.

    Raises LinterFailure if the linter cannot answer.
    """
    problems = [*_check_program(sequence), *_check_round_trip(sequence)]
    new_findings = 0
    if not problems:
        known = original_findings(sequence.program, linter)
        for step in range(1, sequence.n_edits):
            state = [i for i, birth in enumerate(sequence.birth_steps) if birth < step]
            new = [found for found, key in lint_state(sequence.program, state, linter)
                   if key not in known]  # fmt: skip
            new_findings += len(new)
            if new and promises_clean_states(sequence):
                what = f"{new[0].code} on line {new[0].line_number} of the state"
                detail = ", ".join(new[0].arguments).removesuffix(" on line")
                problems.append(f"step {step}: new finding of {linter.name}: {what}: {detail}")
    return Verification(tuple(problems), new_findings)


def _check_program(sequence: EditSequence) -> Iterator[str]:
    try:
        if Program.from_text(sequence.program.text).text != sequence.program.text:
            yield "lines are not in normal form: blank lines at an end, or a carriage return"
    except LintSeqError as error:
        yield f"lines are no program: {error}"


def _check_round_trip(sequence: EditSequence) -> Iterator[str]:
    """Written as model text and read strictly, each edit leads from one state to the next."""
    try:
        edits = parse_edits(sequence.to_model_text()).edits
    except EditParseError as error:
        yield f"the model text does not parse: {error}"
        return
    text = ""
    states = sequence.states()
    next(states)
    for step, (edit, state) in enumerate(zip(edits, states, strict=True), start=1):
        text = apply_edits([edit], base=text)
        if text != state:
            yield f"step {step}: replaying the edit does not give the state"
            return
