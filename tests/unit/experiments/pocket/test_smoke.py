"""The whole study in small: data, base, pilot, trainings, samples, verdicts and report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lintseq_core.execution.backends import IsolationError
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation
from lintseq_core.experiments.pocket.study import PROFILES, StudyFolder


def study(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lintseq_core.experiments.pocket", "--profile", "smoke", *words],
        capture_output=True,
        text=True,
        timeout=3_000,
        check=False,
    )


@pytest.mark.full
@pytest.mark.timeout(3_600)
def test_a_study_that_is_stopped_goes_on_and_ends_in_a_report(tmp_path: Path) -> None:
    try:
        choose(Isolation.BOX)[0].close()
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    output = tmp_path / "study"
    stopped = study("-o", str(output), "--hours", "0.004")
    assert (stopped.returncode, stopped.stderr) == (
        0,
        "not all is done: the same command goes on\n",
    )
    done = study("-o", str(output))
    assert done.returncode == 0, done.stderr
    folder = StudyFolder(PROFILES["smoke"], output)
    for arm, seed in folder.trainings():
        for cell in folder.cells(arm, seed):
            assert folder.counted(cell.name).is_file()
    commands = [
        json.loads(line)["command"] for line in (output / "stages.jsonl").read_text().splitlines()
    ]
    assert len(commands) == len(set(commands))  # nothing was done twice
    assert "cannot be told" in done.stdout
    again = study("-o", str(output))
    assert again.returncode == 0
    assert (output / "stages.jsonl").read_text().count("\n") == len(commands)
    assert again.stdout == done.stdout
