"""What faults cost: a mended copy of the samples is judged beside them, in boxes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lintseq_core.execution import pool
from lintseq_core.execution.backends import Backend
from lintseq_core.execution.verdict import Outcome, Verdict
from lintseq_core.results.diagnosis.diagnose import Diagnosis, Examined
from lintseq_core.results.diagnosis.kinds import FaultKind


@dataclass(frozen=True, slots=True)
class Points:
    """Shares of all samples, in points: 100 where all of them count."""

    before: float
    """Those that pass as they stand."""
    after: float
    """Those that pass once their faults are mended."""
    by_kind: Mapping[FaultKind, float]
    """Those of each kind that fail as they stand and pass once mended: what has two faults counts
    for both. Kinds that nobody can mend have none."""


def measure_points(
    diagnosis: Diagnosis,
    backend: Backend,
    *,
    workers: int,
    on_progress: Callable[[int, int], None] | None = None,
    stop: threading.Event | None = None,
) -> Points:
    """What mending brings: samples with a fault are run as they stand and mended, others as they
    stand. Equal programs of a problem are run once; verdicts that come with the rows are kept.

    A sample of a wrong task_id, or of a neighbouring problem, fails as it stands. HarnessError
    where a test cannot be run.
    """
    wanted: dict[tuple[str, str], int] = {}
    tasks: list[pool.Task] = []

    def ask(one: Examined, program: str) -> None:
        assert one.problem is not None
        key = one.problem.task_id, program
        if key not in wanted:
            wanted[key] = len(tasks)
            problem = one.problem
            tasks.append(
                pool.Task(
                    len(tasks),
                    program,
                    problem.tests,
                    one.sample.place or problem.task_id,
                    problem.reference,
                    problem.cpu_limit_s,
                )
            )

    for one in diagnosis.samples:
        if _is_run(one):
            ask(one, one.program)
        if one.can_be_mended and one.problem is not None:
            ask(one, one.mended)
    passed: dict[int, bool] = {}

    def take(key: int, outcome: Outcome) -> None:
        passed[key] = outcome.verdict is Verdict.PASSED
        if on_progress is not None:
            on_progress(len(passed), len(tasks))

    pool.run(_each(tasks), backend, take, workers=workers, stop=stop)
    before = after = 0
    gained: dict[FaultKind, int] = dict.fromkeys(diagnosis.shares, 0)
    for one in diagnosis.samples:
        did = bool(one.sample.passed)
        if _is_run(one):
            assert one.problem is not None
            did = passed.get(wanted[one.problem.task_id, one.program], False)
        does = did
        if one.can_be_mended and one.problem is not None:
            does = did or passed.get(wanted[one.problem.task_id, one.mended], False)
        before, after = before + did, after + does
        if does and not did:
            for kind in set(one.faults) & gained.keys():
                gained[kind] += 1
    unit = 100 / max(1, len(diagnosis.samples))
    can_mend = {kind for one in diagnosis.samples if one.can_be_mended for kind in one.faults}
    by_kind = {kind: n * unit for kind, n in gained.items() if kind in can_mend}
    return Points(before * unit, after * unit, by_kind)


def _is_run(one: Examined) -> bool:
    """Whether a sample as it stands has to be run to know whether it passes."""
    is_known = one.sample.passed is not None
    is_elsewhere = bool({"wrong_version", "shifted", "empty"} & {*one.faults})
    return not is_known and not is_elsewhere and one.problem is not None


def _each(tasks: list[pool.Task]) -> Iterator[pool.Task]:
    yield from tasks
