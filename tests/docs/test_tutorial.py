"""The tutorial's commands print what it shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


def shown(text: str) -> list[tuple[str, str]]:
    """The commands behind `$ ` in console blocks, each with the output that stands below it."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    calls = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks), re.MULTILINE)
    return calls


def pattern(output: str) -> str:
    """A line of three dots stands for any lines."""
    return "".join(
        "(?:.*\n)*?" if line == "...\n" else re.escape(line)
        for line in output.splitlines(keepends=True)
    )


def test_every_command_prints_what_the_tutorial_shows(tmp_path: Path) -> None:
    calls = shown(TUTORIAL)
    assert len(calls) == TUTORIAL.count("\n$ ") >= 8
    folder = tmp_path / "tutorial"
    folder.mkdir()
    shutil.copy(ROOT / "assets" / "programs" / "matrix_sum.py", folder)
    lintseq = tmp_path / "bin" / "lintseq"
    lintseq.parent.mkdir()
    lintseq.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lintseq_core "$@"\n')
    lintseq.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{lintseq.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "NO_COLOR": "1",
    }
    for command, output in calls:
        run = subprocess.run(
            ["sh", "-c", command],  # notes on standard error depend on how fast it goes
            cwd=folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, (command, run.stderr)
        assert re.fullmatch(pattern(output), run.stdout), (command, run.stdout)
