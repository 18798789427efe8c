"""The promises of an edit sequence, as assertions for any program."""

from __future__ import annotations

import itertools

from lintseq_core import EditSequence, Linter, Program, apply_edits, parse_edits, sample_path
from lintseq_core.edits.verify import verify_sequence
from lintseq_core.programs.blocks import is_code


def assert_promises(program: Program, sequence: EditSequence, linter: Linter) -> None:
    """Replay ends at the program, edits only insert, states are clean, encode/parse is identity."""
    states = [state.split("\n")[:-1] for state in sequence.states()]
    assert states[0] == []
    assert states[-1] == list(program.lines)
    for before, after in itertools.pairwise(states):
        assert len(after) > len(before)
        rest = iter(after)
        assert all(line in rest for line in before)  # a subsequence: nothing deleted or moved
    parsed = parse_edits(sequence.to_model_text())
    assert parsed.edits == sequence.hunks()
    assert apply_edits(parsed.edits) == program.text
    assert EditSequence.from_json(sequence.to_json()) == sequence
    assert verify_sequence(sequence, linter).problems == ()


def assert_reasons_lead_to_the_drawn_line(sequence: EditSequence) -> None:
    """One drawn line an edit; every other reason points at lines of the same edit."""
    drawn = [0] * sequence.n_edits
    for line, (birth, reason) in enumerate(
        zip(sequence.birth_steps, sequence.reasons, strict=True)
    ):
        if reason.kind == "drawn":
            drawn[birth] += 1
        elif reason.kind == "leftover":
            assert birth == 0
            assert not is_code(sequence.program.lines[line]) or "=" in sequence.program.text
        else:
            causes = [reason.of] if reason.kind == "dependent" else reason.absent
            assert causes
            assert {sequence.birth_steps[cause] for cause in causes} == {birth}
            assert line not in causes
    assert all(count == 1 for count in drawn[1:])
    assert drawn[0] == (0 if "leftover" in {reason.kind for reason in sequence.reasons} else 1)


def assert_randseq_restores(program: Program, seed: int) -> None:
    """RandSeq edits, written and read, give the program."""
    randseq = sample_path(program, seed=seed, method="randseq")
    assert parse_edits(randseq.to_model_text()).edits == randseq.hunks()
    assert apply_edits(randseq.hunks()) == program.text
