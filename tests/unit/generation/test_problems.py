"""The judge of a benchmark's problem says what it could not measure."""

from __future__ import annotations

from typing import Any

import pytest

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.execution import pool
from lintseq_core.execution.verdict import Flag, Outcome, Verdict
from lintseq_core.generation.problems import ProblemJudge


@pytest.mark.parametrize("flags", [(), (Flag.REFERENCE_FAILED,)])
def test_a_reference_that_does_not_pass_is_reported(
    monkeypatch: pytest.MonkeyPatch, flags: tuple[Flag, ...]
) -> None:
    timed_out = Outcome(Verdict.TIMEOUT_CPU, flags=flags)

    def run(tasks: Any, backend: Any, take: Any, workers: int) -> None:
        take(0, timed_out)

    monkeypatch.setattr(pool, "run", run)
    benchmark = get_benchmark("basics")
    backend: Any = None
    judge = ProblemJudge(benchmark, benchmark.problems()[0], backend)
    assert not judge.reference_failed
    assert judge("while True: pass") == "timeout_cpu"
    assert judge.reference_failed is bool(flags)
