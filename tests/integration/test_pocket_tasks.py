"""`lintseq pocket`, and `-b pocket`, as a user meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.execution.backends import IsolationError
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation

PROBLEMS = get_benchmark("pocket").problems()


def lintseq(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lintseq_core", *words],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "LINTSEQ_ALLOW_EXECUTION": "1"},
    )


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_rows_are_written_once_and_become_edits(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    done = lintseq("pocket", "data", "-n", "12", "-o", str(rows), "--difficulty", "2")
    assert (done.returncode, done.stdout) == (0, f"{rows}: 12 rows\n")
    assert [row.keys() for row in read(rows)] == [{"instruction", "response"}] * 12
    kept = rows.read_bytes()
    done = lintseq("pocket", "data", "-n", "3", "-o", str(rows))
    assert done.returncode == 3
    assert done.stderr.endswith("exists; choose another name, or replace it with --force\n")
    assert rows.read_bytes() == kept
    edits = tmp_path / "edits.jsonl"
    done = lintseq("dataset", "build", str(rows), "-o", str(edits))
    assert done.returncode == 0, done.stderr
    assert {row["instruction"] for row in read(edits)} == {row["instruction"] for row in read(rows)}


def test_tasks_of_a_file_are_judged_as_those_of_the_benchmark(tmp_path: Path) -> None:
    _needs_a_box()
    file = tmp_path / "tasks.jsonl"
    done = lintseq("pocket", "tasks", "-n", "4", "--difficulty", "1", "-o", str(file))
    assert (done.returncode, done.stdout) == (0, f"{file}: 4 rows\n")
    tasks = read(file)
    assert {task["split"] for task in tasks} == {"validation"}
    assert all(task["task_id"].startswith("Pocket/validation-") for task in tasks)
    samples = tmp_path / "samples.jsonl"
    lines = [{"task_id": task["task_id"], "solution": task["reference"]} for task in tasks]
    samples.write_text("".join(json.dumps(line) + "\n" for line in lines))
    results = tmp_path / "results.jsonl"
    asked = ("-b", "pocket", "--data", str(file), "-o", str(results))
    done = lintseq("evaluate", str(samples), *asked)
    assert done.returncode == 0, done.stderr
    assert [row["verdict"] for row in read(results)] == ["passed"] * 4


def test_the_benchmark_is_what_its_command_writes(tmp_path: Path) -> None:
    """Samples for the file are samples for the benchmark."""
    file = tmp_path / "tasks.jsonl"
    asked = ("--split", "test", "-n", "200", "--difficulty", "1", "--difficulty", "2")
    done = lintseq("pocket", "tasks", *asked, "-o", str(file))
    assert (done.returncode, done.stdout) == (0, f"{file}: 200 rows\n")
    of_file = get_benchmark("pocket").problems(file)
    assert list(of_file) == list(PROBLEMS)
    assert of_file.source.sha256 == PROBLEMS.source.sha256


def test_samples_of_ten_tasks_are_judged_and_the_others_left(tmp_path: Path) -> None:
    """References are right, and right again as what a model answers; others do not pass."""
    _needs_a_box()
    samples = tmp_path / "samples.jsonl"
    rows = []
    for index, problem in enumerate(PROBLEMS):
        program = problem.reference if index % 40 else f"def {problem.entry_point}(*x):\n    pass\n"
        rows.append({"task_id": problem.task_id, "completion": f"```python\n{program}```\n"})
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    results = tmp_path / "results.jsonl"
    asked = ("evaluate", str(samples), "-b", "pocket", "-o", str(results))
    done = lintseq(*asked, "--tasks", "10")
    assert done.returncode == 0, done.stderr
    assert [(row["task_id"], row["verdict"]) for row in read(results)] == [
        (f"Pocket/{index}", "passed" if index % 40 else "wrong_answer")
        for index in range(0, 200, 20)
    ]
    record = json.loads((tmp_path / "results.jsonl.record.json").read_text())
    assert record["config"]["tasks"] == 10
    assert set(record["promised"]) == {f"Pocket/{index}" for index in range(0, 200, 20)}


def test_samples_of_none_of_the_tasks_are_refused_in_one_line(tmp_path: Path) -> None:
    samples = tmp_path / "samples.jsonl"
    samples.write_text(json.dumps({"task_id": "Pocket/1", "solution": "x = 1\n"}) + "\n")
    results = tmp_path / "results.jsonl"
    done = lintseq("evaluate", str(samples), "-b", "pocket", "-o", str(results), "--tasks", "10")
    assert (done.returncode, done.stderr) == (
        3,
        "lintseq: error: --tasks: no sample is of one of these 10 problems, such as Pocket/0; "
        "samples for them come from 'lintseq generate' with the same --tasks\n",
    )


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("data", "-o", "/nowhere/rows.jsonl"), 3, "/nowhere: no such folder; make it first"),
        (("data", "-n", "0", "-o", "rows.jsonl"), 2, "0 is not in the range x>=1"),
        (("tasks", "--difficulty", "6", "-o", "t.jsonl"), 2, "6 is not in the range 1<=x<=5"),
        (("tasks", "--split", "dev", "-o", "t.jsonl"), 2, "'dev' is not one of"),
    ],
)
def test_bad_input_is_one_line_that_says_what_to_do(
    words: tuple[str, ...], code: int, message: str
) -> None:
    done = lintseq("pocket", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr and done.stderr.count("\n") == 1


def _needs_a_box() -> None:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    backend.close()
