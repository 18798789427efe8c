"""Every backend from the command line, as far as it can be had here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.execution.backends import IsolationError
from lintseq_core.execution.backends.candidates import BACKENDS, CANDIDATES
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation

LEVELS = {candidate.name: candidate.level for candidate in CANDIDATES}


def lintseq(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lintseq_core", *words],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def evaluated(folder: Path, *words: str) -> tuple[subprocess.CompletedProcess[str], list[Any]]:
    """What the command says about a right, a wrong, an endless and an escaping answer, and rows."""
    problem = get_benchmark("humaneval").problems()[0]
    completions = (
        problem.reference.removeprefix(problem.prompt),
        "    return None\n",
        "    raise SystemExit(0)\n",
        "    print('x' * 100)\n    return open('/etc/shadow').read()\n",
    )
    given, output = folder / "samples.jsonl", folder / "out.jsonl"
    rows = [{"task_id": "HumanEval/0", "completion": text} for text in completions]
    given.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = ["evaluate", str(given), "-b", "humaneval", "-o", str(output), "--allow-execution"]
    done = lintseq(*asked, *words)
    if not output.exists():
        return done, []
    return done, [json.loads(line) for line in output.read_text().splitlines()]


@pytest.mark.parametrize("name", [name for name in BACKENDS if name != "limits"])
def test_verdicts_do_not_depend_on_the_backend(name: str, tmp_path: Path) -> None:
    try:
        choose(LEVELS[name], name)[0].close()
    except IsolationError as error:
        pytest.skip(str(error))
    done, rows = evaluated(tmp_path, "--backend", name)
    assert done.returncode == 0, done.stderr
    assert [row["verdict"] for row in rows] == ["passed", "wrong_answer", "exception", "exception"]
    assert {(row["isolation"], row["integrity"]) for row in rows} == {(str(LEVELS[name]), "I2")}
    (record,) = [path for path in tmp_path.glob("out*.json")]
    assert json.loads(record.read_text())["device"]["self_check"]["backend"] == name


def test_a_weaker_backend_is_taken_only_where_its_level_is_accepted(tmp_path: Path) -> None:
    done, rows = evaluated(tmp_path, "--backend", "limits")
    assert (done.returncode, rows) == (3, [])
    assert done.stderr == (
        "lintseq: error: limits gives isolation L1, less than L3: accept that with "
        "--min-isolation L1, or leave --backend away\n"
    )
    done, rows = evaluated(tmp_path, "--backend", "limits", "--min-isolation", "L1")
    assert done.returncode == 0, done.stderr
    assert [row["isolation"] for row in rows] == ["L1"] * 4


def test_a_backend_that_is_missing_is_not_replaced() -> None:
    with (
        pytest.raises(IsolationError, match="podman is not installed"),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("PATH", "/nowhere")
        choose(Isolation.BOX, "podman")


def test_doctor_names_every_backend_with_its_level_and_what_is_missing() -> None:
    told = json.loads(lintseq("doctor", "--json").stdout)
    for name, level in LEVELS.items():
        check = told[f"backend {name}"]
        assert check["found"].startswith(str(level)), check
        assert check["works"] or check["remedy"], check
        assert "\n" not in check["found"] + check["remedy"]
