"""What every edit sequence promises, on real programs: a sample here, all with `-m full`."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lintseq_core import Program, get_linter, sample_path
from tests.property.promises import (
    assert_promises,
    assert_randseq_restores,
    assert_reasons_lead_to_the_drawn_line,
)
from tests.property.real_code import humaneval_programs, stdlib_programs

LINTER = get_linter("pyflakes")


def check(programs: Sequence[tuple[str, Program]], seeds: Sequence[int]) -> None:
    assert programs
    for name, program in programs:
        for seed in seeds:
            try:
                sequence = sample_path(program, seed=seed, linter=LINTER)
                assert sequence == sample_path(Program(program.text), seed=seed, linter=LINTER)
                assert_promises(program, sequence, LINTER)
                assert_reasons_lead_to_the_drawn_line(sequence)
                assert_randseq_restores(program, seed)
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
