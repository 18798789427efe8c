"""`lintseq diagnose` as a user meets it: names without running, points where it may run."""

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

PROBLEMS = get_benchmark("basics").problems()


def lintseq(*words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "LINTSEQ_ALLOW_EXECUTION"}
    return subprocess.run(
        [sys.executable, "-m", "lintseq_core", "diagnose", *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=kept,
    )


@pytest.fixture
def samples(tmp_path: Path) -> str:
    """Eight right answers: two in fences, two cut off, two without their indentation."""
    rows = []
    for number, one in enumerate(PROBLEMS[:8]):
        body = one.reference[len(one.prompt) :]
        if number < 2:
            body = f"```python\n{body}```"
        elif number < 4:
            body = body.rstrip()[:-4] + " ("
        elif number < 6:
            body = body.strip()
        rows.append({"task_id": one.task_id, "completion": body})
    path = tmp_path / "samples.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_without_leave_to_run_kinds_and_shares_are_named(samples: str, tmp_path: Path) -> None:
    done = lintseq(samples, "-b", "basics")
    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == [
        f"{samples}: 8 samples",
        "   25.0 %  code in Markdown fences",
    ]
    assert "for example Basics/0 (row 1); Basics/1 (row 2)" in done.stdout
    assert "measured with --allow-execution" in done.stderr
    told = json.loads(lintseq(samples, "-b", "basics", "--json").stdout)
    assert {fault["kind"]: (fault["share"], fault["points"]) for fault in told["faults"]} == {
        "code_fences": (0.25, None),
        "lost_indentation": (0.25, None),
        "truncated": (0.25, None),
    }
    assert [len(fault["examples"]) for fault in told["faults"]] == [2, 2, 2]


def test_mending_is_measured_by_running_a_mended_copy(samples: str, tmp_path: Path) -> None:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    backend.close()
    copy = tmp_path / "mended.jsonl"
    done = lintseq(samples, "-b", "basics", "--json", "--allow-execution", "--mended", str(copy))
    told = json.loads(done.stdout)
    assert (told["passed"], told["passed_mended"]) == (0.25, 0.75)
    assert {fault["kind"]: fault["points"] for fault in told["faults"]} == {
        "code_fences": 25.0,
        "lost_indentation": 25.0,
        "truncated": None,
    }
    rows = [json.loads(line) for line in copy.read_text().splitlines()]
    assert rows[0]["solution"].rstrip() == PROBLEMS[0].reference.rstrip()
    again = lintseq(samples, "-b", "basics", "--mended", str(copy))
    assert again.returncode == 3
    assert again.stderr == (
        f"lintseq: error: {copy}: exists already; remove it, or choose another name\n"
    )
