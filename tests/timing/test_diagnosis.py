"""A file of samples is looked at for faults of its harness while a reader waits."""

from __future__ import annotations

import time

import pytest

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.results.diagnosis.diagnose import diagnose
from lintseq_core.results.sample import Sample


@pytest.mark.timing
def test_20_samples_of_each_problem_of_humaneval_take_less_than_five_seconds_of_cpu_time() -> None:
    benchmark = get_benchmark("humaneval")
    problems = benchmark.problems()
    samples = [
        Sample(
            one.task_id,
            number,
            completion=f"```python\n{one.reference[len(one.prompt) :]}# {number}\n```\n",
        )
        for one in problems
        for number in range(20)
    ]
    start = time.process_time()
    found = diagnose(samples, benchmark, problems)
    took = time.process_time() - start
    assert found.shares == {"code_fences": 1.0}
    assert took < 5
