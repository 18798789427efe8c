"""From a data set to pass@k with nothing but the command line, on the tiny model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.execution.backends import IsolationError
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation
from lintseq_core.generation.trace_reading import read_trace

PROBLEMS = [
    {
        "task_id": "Mini/0",
        "entry_point": "double",
        "prompt": 'def double(x):\n    """Twice x."""\n',
        "canonical_solution": "    return x + x\n",
        "test": "def check(f):\n    assert f(2) == 4\n    assert f(-1) == -2\n",
    },
    {
        "task_id": "Mini/1",
        "entry_point": "total",
        "prompt": 'def total(xs):\n    """Sum xs."""\n',
        "canonical_solution": "    return sum(xs)\n",
        "test": "def check(f):\n    assert f([]) == 0\n    assert f([1, 2]) == 3\n",
    },
]
# What is taught: the first is right, the second is wrong for every list but the empty one.
PROGRAMS = [
    "def double(x):\n    y = x + x\n    return y\n",
    "def total(xs):\n    s = 0\n    return s\n",
]


@pytest.fixture(autouse=True)
def _needs_a_box() -> None:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    backend.close()


def lintseq(*words: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "lintseq_core", *map(str, words)],
        env=os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_data_set_training_generation_verdicts_and_pass_at_k(tmp_path: Path) -> None:
    problems = write(tmp_path / "HumanEval.jsonl", PROBLEMS)
    taught = [
        {"instruction": problem["prompt"], "response": program}
        for problem, program in zip(PROBLEMS, PROGRAMS, strict=True)
    ]
    rows, edits = write(tmp_path / "rows.jsonl", taught), tmp_path / "edits.jsonl"
    lintseq("dataset", "build", rows, "-o", edits, "-s", "3")

    values = ["--epochs", "250", "--batch-size", "6", "--device", "cpu", "--save-every", "1000"]
    said = lintseq("train", edits, "-o", tmp_path / "run", "--model", "tiny", *values)
    model = Path(said.strip())
    assert model == tmp_path / "run" / "model"

    folder = tmp_path / "traces"
    asked = ["generate", "-b", "humaneval", "--data", problems, "--model", model, "--device", "cpu"]
    asked += ["--stepwise", "-n", "3", "--temperature", "0.3", "--allow-execution", "-o", folder]
    told = lintseq(*asked)
    assert [line.split(":")[0] for line in told.splitlines()] == ["Mini/0", "Mini/1"]
    assert told.splitlines()[0].endswith(" 3 compile, 3 passed")
    assert told.splitlines()[1].endswith(" 3 compile, 0 passed")

    trace = read_trace(folder / "Mini_0.jsonl")
    assert trace.header.problem == "humaneval Mini/0"
    for sample in trace.samples:
        assert sample.end is not None
        assert (sample.end.program, sample.end.stop_reason) == (PROGRAMS[0], "close")
        # An unfinished program fails, and the last edit is the first that passes.
        verdicts = [step.verdict for step in sample.kept_steps]
        assert verdicts[-1] == sample.end.verdict == "passed"
        assert "passed" not in verdicts[:-1]

    results = tmp_path / "results.jsonl"
    lintseq(
        "evaluate", folder / "samples.jsonl", "-b", "humaneval", "--data", problems,
        "-o", results, "--allow-execution",
    )  # fmt: skip
    judged = [json.loads(line) for line in results.read_text().splitlines()]
    assert [row["verdict"] for row in judged] == ["passed"] * 3 + ["wrong_answer"] * 3
    record = json.loads((tmp_path / "results.jsonl.record.json").read_text())
    assert record["counts"] == {"passed": 3, "wrong_answer": 3}
    report = json.loads(lintseq("passk", results, "--k", "1,3", "--json"))
    assert (report["pass@1"], report["pass@3"], report["is_complete"]) == (0.5, 0.5, True)
