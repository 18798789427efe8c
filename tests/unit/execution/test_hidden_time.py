"""CPU time that no parent waits for counts, in time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lintseq_core.benchmarks.problem import Tests
from lintseq_core.execution.backends import Backend, IsolationError
from lintseq_core.execution.harness.judging import JudgeBox
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.oracle import decide
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation, Verdict

pytestmark = pytest.mark.timing  # alone: what a program does not get, it does not use

CASES = Path(__file__).parents[2] / "adversarial" / "execution" / "cases"
TESTS = Tests("split", "assert solve([2, 1]) == [1, 2]\n", entry_points=("solve",))


@pytest.fixture
def backend() -> Iterator[Backend]:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    yield backend
    backend.close()


def test_hidden_cpu_time_ends_a_program_within_twice_its_limit_by_the_clock(
    backend: Backend,
) -> None:
    source = (CASES / "114_hide_cpu_time.py").read_text(encoding="utf-8")
    judge = JudgeBox(backend)
    try:
        outcome = decide(source, TESTS, Limits(cpu_s=4.0), backend, judge)
    finally:
        judge.stop()
    assert outcome.verdict is Verdict.TIMEOUT_CPU
    assert outcome.wall_s < 8.0
