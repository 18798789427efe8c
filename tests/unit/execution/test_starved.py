"""On a machine with no processor free, what computes is ended by its CPU time, not by the clock."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.execution.backends import Backend, IsolationError
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.pool import Task, run
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation, Outcome, Verdict

pytestmark = pytest.mark.timing  # alone: it takes a processor for itself

SHORT = Limits(cpu_s=0.4)
"""3.2 s by the clock."""


@pytest.fixture
def backend() -> Iterator[Backend]:
    """Boxes, chosen on the only processor that this process may use, where ten others compute."""
    try:
        choose(Isolation.BOX)[0].close()
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    busy = [subprocess.Popen([sys.executable, "-c", "while 1: pass"]) for _ in range(10)]
    try:
        chosen, _ = choose(Isolation.BOX)
        yield chosen
        chosen.close()
    finally:
        for process in busy:
            process.kill()
            process.wait()
        os.sched_setaffinity(0, allowed)


def test_the_clock_ends_only_what_waits(backend: Backend) -> None:
    (problem, *_) = get_benchmark("basics").problems(None)
    head = problem.reference.partition("\n")[0]
    bodies = ["while True: pass", "import time; time.sleep(100)"]
    outcomes: dict[int, Outcome] = {}
    run(
        [Task(n, f"{head}\n    {body}\n", problem.tests) for n, body in enumerate(bodies)],
        backend,
        outcomes.__setitem__,
        workers=2,
        limits=SHORT,
    )
    assert outcomes[0].verdict is Verdict.TIMEOUT_CPU
    assert outcomes[1].verdict is Verdict.TIMEOUT_WALL
