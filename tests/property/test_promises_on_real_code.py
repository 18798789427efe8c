"""What every edit sequence promises, on real programs: a sample here, all with `-m full`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from lintseq_core import (
    EditSequence,
    Program,
    apply_edits,
    get_linter,
    parse_edits,
    sample_path,
)
from lintseq_core.edits.verify import verify_sequence
from lintseq_core.programs.blocks import is_code
from tests.property.real_code import humaneval_programs, stdlib_programs

LINTER = get_linter("pyflakes")


def assert_promises(program: Program, sequence: EditSequence) -> None:
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
    assert verify_sequence(sequence, LINTER).problems == ()


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


def check(programs: Sequence[tuple[str, Program]], seeds: Sequence[int]) -> None:
    assert programs
    for name, program in programs:
        for seed in seeds:
            try:
                sequence = sample_path(program, seed=seed, linter=LINTER)
                assert sequence == sample_path(Program(program.text), seed=seed, linter=LINTER)
                assert_promises(program, sequence)
                assert_reasons_lead_to_the_drawn_line(sequence)
                randseq = sample_path(program, seed=seed, method="randseq")
                assert parse_edits(randseq.to_model_text()).edits == randseq.hunks()
                assert apply_edits(randseq.hunks()) == program.text
            except BaseException as error:
                error.add_note(f"{name}, seed {seed}")
                raise


def test_every_humaneval_program_keeps_the_promises() -> None:
    check(humaneval_programs(), seeds=[0])


def test_a_sample_of_standard_library_modules_keeps_the_promises() -> None:
    short = [item for item in stdlib_programs() if len(item[1].lines) <= 250]
    check(short[:40], seeds=[1])


@pytest.mark.full
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("start", range(0, 300, 20))
def test_every_standard_library_module_keeps_the_promises(start: int) -> None:
    check(stdlib_programs()[start : start + 20], seeds=[0, 1])
