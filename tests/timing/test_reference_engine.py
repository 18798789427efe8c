"""How fast the reference engine is: the yardstick for faster ones."""

from __future__ import annotations

import time

import pytest

from lintseq_core import Program, get_linter, sample_path
from tests.property.real_code import humaneval_programs

LEAST_PROGRAMS_PER_CPU_SECOND = 150


@pytest.mark.timing
def test_the_reference_engine_samples_150_humaneval_programs_a_cpu_second() -> None:
    linter = get_linter("pyflakes")
    texts = [program.text for _, program in humaneval_programs()]
    best = 0.0
    for seed in range(3):
        start = time.process_time()
        for text in texts:
            sample_path(Program(text), seed=seed, linter=linter)
        best = max(best, len(texts) / (time.process_time() - start))
    assert best >= LEAST_PROGRAMS_PER_CPU_SECOND
