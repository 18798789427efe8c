"""A pocket model that knows one task by heart: it writes a program that passes, edit by edit."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

from lintseq_core.benchmarks.pocket import held_out
from lintseq_core.models.pocket.folder import compact_pocket

TASK = "Pocket/0"
NAME = "pocket-lintseq"
N_STEPS = 80
"""Then a sample at temperature 1 has a log-probability of -1."""


def pocket_by_heart(place: Path) -> Path:
    """The folder of the model below `place`: made by the first process that asks, in some 15 s."""
    folder = place / "by_heart" / NAME
    with (place / "by_heart.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _train(place / "by_heart_run", folder)
    return folder


def _train(run: Path, folder: Path) -> None:
    run.mkdir()
    problem = held_out.problems().named(TASK)
    row = {"instruction": problem.instruction, "response": problem.reference}
    (run / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    _lintseq("dataset", "build", str(run / "rows.jsonl"), "-o", str(run / "edits.jsonl"), "-s", "1")
    given = [str(run / "edits.jsonl"), "-o", str(run / "run"), "--model", "pocket"]
    _lintseq(
        "train",
        *given,
        "--device",
        "cpu",
        "--steps",
        str(N_STEPS),
        "--batch-size",
        "1",
        "--lr",
        "8e-3",
    )
    compact_pocket(run / "run" / "model", folder)


def _lintseq(*arguments: str) -> None:
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "lintseq_core", *arguments]
    subprocess.run(command, check=True, env=one_thread, capture_output=True)
