"""A benchmark's problems: what a model is asked, and their tests as the judge of every state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lintseq_core.benchmarks import Benchmark, Problem
from lintseq_core.execution.verdict import Flag, Outcome
from lintseq_core.generation.trace import GenerationTrace

if TYPE_CHECKING:
    from lintseq_core.execution.backends import Backend


class ProblemJudge:
    """Runs the tests of one problem on programs, in boxes; each program once."""

    def __init__(self, benchmark: Benchmark, problem: Problem, backend: Backend) -> None:
        self._benchmark, self._problem, self._backend = benchmark, problem, backend
        self._known: dict[str, str] = {}
        self.reference_failed = False
        """Whether a program timed out and the reference, to measure the limit by, did not pass."""

    def __call__(self, program: str) -> str:
        """The verdict on `program`. HarnessError where a box fails for reasons of ours."""
        if program not in self._known:
            self._known[program] = self._run(program)
        return self._known[program]

    def _run(self, program: str) -> str:
        from lintseq_core.execution.pool import Task, run

        problem = self._problem
        task = Task(
            0,
            solution(self._benchmark, problem, program),
            problem.tests,
            problem.task_id,
            problem.reference,
            problem.cpu_limit_s,
        )
        found: list[Outcome] = []
        run([task], self._backend, lambda _, outcome: found.append(outcome), workers=1)
        self.reference_failed |= Flag.REFERENCE_FAILED in found[0].flags
        return str(found[0].verdict)


def solution(benchmark: Benchmark, problem: Problem, program: str) -> str:
    """What is run for `program`, which a model was asked for by the problem's instruction."""
    return benchmark.program(problem, program, "instruction")


def sample_rows(
    trace: GenerationTrace, benchmark: Benchmark, problem: Problem
) -> Iterator[dict[str, object]]:
    """The finished samples of `trace` as rows for `lintseq evaluate`."""
    for sample in trace.samples:
        if sample.end is not None:
            yield {
                "task_id": problem.task_id,
                "sample_id": sample.sample_index,
                "solution": solution(benchmark, problem, sample.end.program),
            }
