"""What the tests of a problem say about each state of a program: stored results, and new ones.

    problems.jsonl   {"task_id": "count_vowels", "instruction": ..., "tests": ["assert ...", ...]}
    results.jsonl    {"kind": "results", "schema_version": 1, "isolation": "L3", ...}
                     {"task_id": "count_vowels", "state_sha256": ..., "outcomes": ["passed", ...]}

A state is known by its text alone: one row serves every sequence and sample that goes through it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lintseq_core.benchmarks.problem import Problem, Tests
from lintseq_core.errors import RecordError
from lintseq_core.generation.trace import state_id
from lintseq_core.json_text import json_text

if TYPE_CHECKING:
    from lintseq_core.execution.backends import Backend

RESULTS_SCHEMA_VERSION = 1
PASSED = "passed"
Outcomes = tuple[str, ...]
"""The verdict of each test on one state, as in `execution.verdict.Verdict`."""


@dataclass(frozen=True, slots=True)
class TestedTask:
    """A task with tests that are judged one by one."""

    __test__ = False  # not a test of pytest's

    task_id: str
    tests: tuple[Tests, ...]
    names: tuple[str, ...]
    """What each test is, in its own words."""
    instruction: str = ""
    """What a model is asked; "" for a program that has tests."""
    program: str = ""
    """The file of the example program that the tests are of; "" for none."""
    solutions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """Outcomes by task and state, and how they came about."""

    made: str = ""
    """In a sentence: isolation, versions, command. "" where there are none."""
    outcomes: Mapping[tuple[str, str], Outcomes] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    """The same of each task that has results of another origin."""

    def of(self, task: TestedTask, state: str) -> Outcomes | None:
        """The outcome of each test on `state`, None where it was not run."""
        found = self.outcomes.get((task.task_id, state_id(state)))
        return found if found is not None and len(found) == len(task.tests) else None

    def known(self, task: TestedTask, states: Iterable[str]) -> bool:
        """Whether the tests were run on all of `states`; the empty program needs no run."""
        return all(not state.strip() or self.of(task, state) for state in states)

    def made_of(self, task: TestedTask) -> str:
        """How the results of `task` came about."""
        return self.added.get(task.task_id, self.made)

    def adding(self, made: str, outcomes: Mapping[tuple[str, str], Outcomes]) -> Results:
        """With `outcomes`, which came about as `made` says."""
        added = dict(self.added)
        for task_id in {task_id for task_id, _ in outcomes}:
            has_others = any(known == task_id for known, _ in self.outcomes)
            before = self.added.get(task_id, self.made if has_others else "")
            parts = [*before.split("; "), made]
            added[task_id] = "; ".join(dict.fromkeys(part for part in parts if part))
        return Results(self.made, {**self.outcomes, **outcomes}, added)


def n_passed(outcomes: Sequence[str]) -> int:
    """How many tests passed."""
    return sum(outcome == PASSED for outcome in outcomes)


def tested_problem(problem: Problem) -> TestedTask:
    """A benchmark's problem; its tests are judged as the benchmark does: all together."""
    name = f"{problem.benchmark} {problem.task_id}"
    return TestedTask(name, (problem.tests,), ("all tests",), problem.instruction)


def read_tasks(text: str, name: str) -> tuple[TestedTask, ...]:
    """The tasks in `text`, rows of problems.jsonl. RecordError names the row that does not fit."""
    tasks = []
    for number, row in enumerate(filter(str.strip, text.split("\n")), start=1):
        try:
            tasks.append(_task(json.loads(row)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecordError(f"{error!r:.120}", place=f"{name}, row {number}") from None
    return tuple(tasks)


def _task(record: dict[str, Any]) -> TestedTask:
    names = tuple(str(test) for test in record["tests"])
    points = record.get("entry_points") or [record["entry_point"]]
    tests = tuple(
        Tests("split", f"{name}\n", entry_points=tuple(p for p in points if f"{p}(" in name))
        for name in names
    )
    return TestedTask(
        str(record["task_id"]),
        tests,
        names,
        instruction=str(record.get("instruction", "")),
        program=str(record.get("program", "")),
        solutions=tuple(map(str, record.get("programs", ()))),
    )


def read_results(text: str, name: str) -> Results:
    """The results in `text`, what `write_results` wrote. RecordError names what does not fit."""
    rows = [json.loads(row) for row in text.split("\n") if row.strip()]
    header = rows[0] if rows else {}
    if header.get("kind") != "results" or header.get("schema_version") != RESULTS_SCHEMA_VERSION:
        raise RecordError(
            f"no results of schema {RESULTS_SCHEMA_VERSION}", place=name, remedy="make it anew"
        )
    found = {(row["task_id"], row["state_sha256"]): tuple(row["outcomes"]) for row in rows[1:]}
    return Results(str(header["made"]), found)


def write_results(made: str, outcomes: Mapping[tuple[str, str], Outcomes], **more: Any) -> str:
    """Text of a results file; `more` goes into its first row."""
    header = {"kind": "results", "schema_version": RESULTS_SCHEMA_VERSION, "made": made, **more}
    rows = [
        {"task_id": task_id, "state_sha256": state, "outcomes": list(found)}
        for (task_id, state), found in sorted(outcomes.items())
    ]
    return "".join(json_text(row, ensure_ascii=False) + "\n" for row in [header, *rows])


def judge_states(
    task: TestedTask,
    states: Iterable[str],
    backend: Backend,
    *,
    stop: threading.Event | None = None,
    on_progress: Callable[[int, int], None] = lambda done, of: None,
    workers: int = 1,
) -> dict[tuple[str, str], Outcomes]:
    """The outcome of every test on every state, run in boxes of `backend`.

    States that are not finished when `stop` is set are left out. Raises HarnessError where a test
    could not be run for reasons that are not the program's.
    """
    from lintseq_core.execution.pool import Task, run

    sources = list(dict.fromkeys(state for state in states if state.strip()))
    n_tests = len(task.tests)
    found: dict[int, str] = {}
    total = len(sources) * n_tests

    def take(key: int, outcome: Any) -> None:
        found[key] = str(outcome.verdict)
        on_progress(len(found), total)

    tasks = (
        Task(at * n_tests + i, source, test, name=f"{task.task_id}, state {at + 1}")
        for at, source in enumerate(sources)
        for i, test in enumerate(task.tests)
    )
    run(tasks, backend, take, workers=workers, stop=stop)
    outcomes = {}
    for at, source in enumerate(sources):
        told = [found.get(at * n_tests + i) for i in range(n_tests)]
        if all(each is not None for each in told):
            outcomes[task.task_id, state_id(source)] = tuple(map(str, told))
    return outcomes
