"""Many programs, a few boxes at a time, one outcome each.

Workers are threads: they wait for boxes, which are processes of their own. A program that timed
out is run again, alone, once all others are done; that run decides.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from lintseq_core.benchmarks.problem import Tests
from lintseq_core.errors import LintSeqError
from lintseq_core.execution.backends import Backend
from lintseq_core.execution.harness.judging import JudgeBox
from lintseq_core.execution.harness.starting import BoxError
from lintseq_core.execution.limits import DEFAULT_CPU_S, JUDGE_LIMITS, REFERENCE_FACTOR, Limits
from lintseq_core.execution.oracle import decide
from lintseq_core.execution.verdict import TIMEOUTS, Flag, Outcome, Verdict, printable

ATTEMPTS = 3
REFERENCE_LIMITS = Limits(cpu_s=120.0)


class HarnessError(LintSeqError):
    """A box or a judge failed again and again; nothing is known about the program."""


@dataclass(frozen=True, slots=True)
class Task:
    """A program to judge. `key` comes back with the outcome."""

    key: int
    source: str
    tests: Tests
    name: str = ""
    """For messages: the problem and the sample."""
    reference: str = ""
    """A program that solves the problem, to know how much time that takes; "" if there is none."""
    cpu_limit_s: float | None = None


def default_workers() -> int:
    """Two boxes a core: half of a box's life goes by waiting for the kernel, not computing."""
    usable = getattr(os, "sched_getaffinity", None)
    return 2 * (len(usable(0)) if usable else os.cpu_count() or 1)


def run(
    tasks: Iterable[Task],
    backend: Backend,
    on_outcome: Callable[[int, Outcome], None],
    *,
    workers: int,
    limits: Limits | None = None,
    judge_limits: Limits = JUDGE_LIMITS,
    stop: threading.Event | None = None,
) -> None:
    """Judge every task; `on_outcome` gets each key and outcome once, one call at a time.

    `tasks` is read as workers need it. Raises HarnessError, after ending all boxes, where a test
    cannot be run for reasons of ours; what was decided until then has been handed over.
    """
    given = limits or Limits()
    _Run(backend, on_outcome, given, judge_limits, stop or threading.Event()).all(tasks, workers)


class _Run:
    def __init__(
        self,
        backend: Backend,
        on_outcome: Callable[[int, Outcome], None],
        limits: Limits,
        judge_limits: Limits,
        stop: threading.Event,
    ) -> None:
        self._backend = backend
        self._on_outcome = on_outcome
        self._limits = limits
        self._judge_limits = judge_limits
        self._stop = stop
        self._taking = threading.Lock()
        self._giving = threading.Lock()
        self._timed_out: list[tuple[Task, Outcome]] = []
        self._error: BaseException | None = None
        self._references: dict[tuple[str, Tests], Outcome] = {}

    def all(self, tasks: Iterable[Task], workers: int) -> None:
        left = iter(tasks)
        threads = [
            threading.Thread(target=self._work, args=(left,), name=f"box-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException:  # Ctrl-C: let the boxes end before the process does
            self._stop.set()
            for thread in threads:
                thread.join()
            raise
        if self._error is not None:
            raise self._error
        judge = JudgeBox(self._backend, self._judge_limits)
        try:
            for task, first in sorted(self._timed_out, key=lambda pair: pair[0].key):
                if self._stop.is_set():
                    return
                self._on_outcome(task.key, self._again(task, first, judge))
        finally:
            judge.stop()

    def _work(self, left: Iterator[Task]) -> None:
        judge = JudgeBox(self._backend, self._judge_limits)
        try:
            while not self._stop.is_set():
                with self._taking:
                    task = next(left, None)
                if task is None:
                    return
                outcome = self._decide(task, self._limits_of(task), judge)
                with self._giving:
                    if outcome.verdict in TIMEOUTS:
                        self._timed_out.append((task, outcome))
                    else:
                        self._on_outcome(task.key, outcome)
        except BaseException as error:
            with self._giving:
                self._error = self._error or error
            self._stop.set()
        finally:
            judge.stop()

    def _limits_of(self, task: Task) -> Limits:
        if task.cpu_limit_s is None:
            return self._limits
        return replace(self._limits, cpu_s=task.cpu_limit_s)

    def _decide(self, task: Task, limits: Limits, judge: JudgeBox) -> Outcome:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return decide(task.source, task.tests, limits, self._backend, judge)
            except BoxError as error:
                judge.stop()
                if attempt == ATTEMPTS:
                    raise HarnessError(
                        f"{task.name or f'program {task.key}'}: harness_error, {ATTEMPTS} times: "
                        f"{error}; nothing was scored for it, and the run stops here"
                    ) from error
        raise AssertionError("unreachable")

    def _again(self, task: Task, first: Outcome, judge: JudgeBox) -> Outcome:
        """The outcome alone on the machine, with the reference's time for a measure.

        A reference that does not pass measures nothing: the limit stays, and the outcome says so.
        """
        limits = self._limits_of(task)
        cpu_s = limits.cpu_s
        reference = None
        if task.cpu_limit_s is None and task.reference and cpu_s >= DEFAULT_CPU_S:
            reference = self._reference(task, judge)
            if reference.verdict is Verdict.PASSED:
                cpu_s = max(cpu_s, REFERENCE_FACTOR * reference.cpu_s)
        second = self._decide(task, replace(limits, cpu_s=cpu_s), judge)
        if second.verdict is not first.verdict and cpu_s == limits.cpu_s:
            second = second.flagged(Flag.FLAKY)
        if reference is None or reference.verdict is Verdict.PASSED:
            return second
        why = ": ".join(filter(None, (str(reference.verdict), reference.detail)))
        told = f"the limit is the default, as the reference solution does not pass ({why})"
        detail = printable(f"{second.detail}; {told}") if second.detail else ""
        return replace(second.flagged(Flag.REFERENCE_FAILED), detail=detail)

    def _reference(self, task: Task, judge: JudgeBox) -> Outcome:
        """The outcome of the reference, run once for each problem."""
        key = (task.reference, task.tests)
        if key not in self._references:
            reference = replace(task, source=task.reference)
            self._references[key] = self._decide(reference, REFERENCE_LIMITS, judge)
        return self._references[key]
