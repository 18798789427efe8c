"""Past the clock one look that finds nothing computing is an accident; several in a row are not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.execution.backends import Backend, IsolationError
from lintseq_core.execution.harness import box
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.pool import Task, run
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation, Outcome, Verdict


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    yield backend
    backend.close()


def verdict_of(backend: Backend, body: str) -> Verdict:
    (problem, *_) = get_benchmark("basics").problems(None)
    head = problem.reference.partition("\n")[0]
    outcomes: dict[int, Outcome] = {}
    task = Task(0, f"{head}\n    {body}\n", problem.tests)
    run([task], backend, outcomes.__setitem__, workers=1, limits=Limits(cpu_s=1.0))
    return outcomes[0].verdict


def test_a_program_that_computes_is_not_ended_by_single_looks_that_find_it_idle(
    monkeypatch: pytest.MonkeyPatch, backend: Backend
) -> None:
    monkeypatch.setattr(Limits, "wall_limit_s", property(lambda _: 0.3))
    monkeypatch.setattr(Limits, "longest_wall_s", property(lambda _: 30.0))
    looks = itertools.cycle([False, False, True])
    monkeypatch.setattr(box, "is_runnable", lambda pid: next(looks))
    assert verdict_of(backend, "while True: pass") is Verdict.TIMEOUT_CPU


def test_a_program_that_waits_is_ended_soon_after_the_clock(
    monkeypatch: pytest.MonkeyPatch, backend: Backend
) -> None:
    monkeypatch.setattr(Limits, "wall_limit_s", property(lambda _: 0.3))
    monkeypatch.setattr(Limits, "longest_wall_s", property(lambda _: 30.0))
    assert verdict_of(backend, "import time; time.sleep(100)") is Verdict.TIMEOUT_WALL
