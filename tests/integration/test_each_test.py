"""Which tests pass, not only whether all do: the verdicts stay, behaviours become known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.benchmarks.problem import Tests
from lintseq_core.execution import pool
from lintseq_core.execution.backends import Backend, IsolationError
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.pool import Task
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation, Outcome
from tests.integration.test_command_line import lintseq

LIMITS = Limits(cpu_s=1.0)
SPLIT = Tests(
    "split",
    "def check(f):\n"
    "    assert True, 'of no use'\n"
    "    for x in (1, 2):\n"
    "        assert f(x) == x + 1, f'for {x}'\n"
    "    assert f(3) == 4\n"
    "check(solve)\n",
    entry_points=("solve",),
)
STDIO = Tests("stdio", cases=(("1", "2"), ("2", "3"), ("3", "4")))


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    yield backend
    backend.close()


def outcomes(backend: Backend, source: str, tests: Tests) -> tuple[Outcome, Outcome]:
    """Up to the first failure, and with each test."""
    tasks = [Task(n, source, replace(tests, each=bool(n))) for n in range(2)]
    found: dict[int, Outcome] = {}
    pool.run(tasks, backend, found.__setitem__, workers=2, limits=LIMITS)
    return found[0], found[1]


@pytest.mark.parametrize(
    ("answer", "verdict", "tested"),
    [
        ("return x + 1", "passed", "111"),
        ("return {1: 2, 2: 0, 3: 4}[x]", "wrong_answer", "101"),
        ("return {1: 2, 3: 4}[x]", "exception", "101"),
        ("return 'x'", "wrong_answer", "000"),
        ("return 1 / (x - 1)", "exception", "000"),
        ("while x == 2: pass\n    return x + 1", "timeout_cpu", "1"),
        ("while x == 2: pass\n    return 0", "wrong_answer", "0"),
        ("import os\n    if x == 3: os._exit(0)\n    return x + 1", "exited_early", "11"),
        ("import os\n    if x == 3: os._exit(0)\n    return 0", "wrong_answer", "00"),
        ("return object() if x == 3 else 0", "wrong_answer", "00"),
        ("raise SystemExit", "exception", ""),
    ],
)
def test_the_first_failure_decides_and_the_rest_is_counted(
    backend: Backend, answer: str, verdict: str, tested: str
) -> None:
    first, each = outcomes(backend, f"def solve(x):\n    {answer}\n", SPLIT)
    assert (first.verdict, first.tested) == (verdict, "")
    assert (each.verdict, each.detail, each.integrity) == (verdict, first.detail, first.integrity)
    assert each.tested == tested


def test_each_case_of_standard_input_is_run(backend: Backend) -> None:
    source = "x = int(input())\nprint(0 if x == 1 else x + 1)\n"
    first, each = outcomes(backend, source, STDIO)
    assert (first.verdict, first.detail) == ("wrong_answer", "case 1: the output differs")
    assert (each.verdict, each.detail, each.tested) == (first.verdict, first.detail, "011")


def test_canonical_solutions_pass_each_test(backend: Backend) -> None:
    problems = list(get_benchmark("humaneval").problems())[:12]
    tasks = [Task(n, p.reference, replace(p.tests, each=True)) for n, p in enumerate(problems)]
    found: dict[int, Outcome] = {}
    pool.run(tasks, backend, found.__setitem__, workers=2)
    assert {outcome.verdict for outcome in found.values()} == {"passed"}
    assert all(set(outcome.tested) == {"1"} for outcome in found.values())


def test_behaviours_come_from_results_with_each_test(tmp_path: Path) -> None:
    samples, results = tmp_path / "samples.jsonl", tmp_path / "results.jsonl"
    answers = ("return None", "return 0", "return []", "return (")
    rows = [{"task_id": "HumanEval/53", "completion": f"    {text}\n"} for text in answers]
    rows += [{"task_id": "HumanEval/53", "completion": "    return x + y\n"}] * 2
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    evaluate = ("evaluate", str(samples), "-b", "humaneval", "--allow-execution")
    assert lintseq(*evaluate, "-o", str(results), "--each-test")[0] == 0
    told = [json.loads(line) for line in results.read_text().splitlines()]
    assert [set(row["tests"]) for row in told] == [{"0"}, {"0"}, {"0"}, set(), {"1"}, {"1"}]
    ask = ("diversity", str(samples), "-b", "humaneval", "--json", "--results")
    code, out, _ = lintseq(*ask, str(results))
    measured = json.loads(out)["by_problem"]["HumanEval/53"]
    assert code == 0 and measured["n_programs"] == 6
    # Wrong on all tests, one that does not parse, right: 3, 1, 2 of 6.
    assert measured["behaviours"] == 3
    assert measured["effective_behaviours"] == pytest.approx(2.7495, abs=1e-3)

    plain = tmp_path / "plain.jsonl"
    assert lintseq(*evaluate, "-o", str(plain))[0] == 0
    code, _, error = lintseq(*ask, str(plain))
    assert code == 3
    assert error == (
        f"lintseq: error: {plain}, row 1: does not say which tests passed; evaluate with "
        "--each-test\n"
    )
