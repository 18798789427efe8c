"""What every edit sequence promises, on programs that Hypothesis writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintseq_core import Program, SamplingConfig, get_linter, sample_path
from tests.property.generated_programs import program_texts
from tests.property.promises import (
    assert_promises,
    assert_randseq_restores,
    assert_reasons_lead_to_the_drawn_line,
)

seeds = st.integers(0, 2**53 - 1)


@pytest.mark.parametrize("linter_name", ["pyflakes", "syntax"])
@given(text=program_texts, seed=seeds, indent_bias=st.sampled_from([1, 3, None]))
def test_every_generated_program_keeps_the_promises(
    linter_name: str, text: str, seed: int, indent_bias: int | None
) -> None:
    program = Program.from_text(text)
    linter = get_linter(linter_name)
    config = SamplingConfig(indent_bias=indent_bias)
    sequence = sample_path(program, seed=seed, linter=linter, config=config)
    assert sequence == sample_path(Program(program.text), seed=seed, linter=linter, config=config)
    assert_promises(program, sequence, linter)
    assert_reasons_lead_to_the_drawn_line(sequence)


@given(text=program_texts, seed=seeds)
def test_without_a_linter_and_at_random_every_program_is_restored(text: str, seed: int) -> None:
    program = Program.from_text(text)
    assert_promises(
        program, sample_path(program, seed=seed, linter=get_linter("none")), get_linter("none")
    )
    assert_randseq_restores(program, seed)
