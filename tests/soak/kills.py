"""Data set builds and evaluations that are killed at random moments and started again.

What they leave in the end must be what a run that nobody killed leaves.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lintseq_core.benchmarks import get_benchmark

SHORTEST_S, MEAN_S = 0.3, 8.0
"""Between a start and its kill: at the shortest, and on top of that a mean of an exponential, so that
now and then a run has the time to end."""
VERDICT = ("task_id", "sample_id", "verdict")


@dataclass(slots=True)
class Job:
    """A command that is killed and repeated, and what it came to."""

    name: str
    rounds: int = 0
    """Runs from nothing to the end."""
    kills: int = 0
    faults: list[str] = field(default_factory=list)


def repeat(
    job: Job,
    command: Callable[[Path], list[str]],
    rows_of: Callable[[Path], list[str]],
    folder: Path,
    environment: Mapping[str, str],
    *,
    seed: int,
    until: float,
) -> None:
    """Run `command` of an output file over and over until the clock says `until`.

    The rows of its output are compared with those of a run that was left alone.
    """
    rng = random.Random(seed)
    folder.mkdir()
    expected = _left_alone(command, rows_of, folder / "alone.jsonl", environment)
    while time.monotonic() < until:
        output = folder / f"{job.rounds}.jsonl"
        if not _killed_and_resumed(job, command(output), environment, rng, until=until):
            return
        found = rows_of(output)
        if found != expected:
            job.faults.append(
                f"{job.name}: round {job.rounds} left other rows than a run left alone: "
                f"{difference(found, expected)}"
            )
        for path in folder.glob(f"{job.rounds}.jsonl*"):
            path.unlink() if path.is_file() else None
        job.rounds += 1


def _left_alone(
    command: Callable[[Path], list[str]],
    rows_of: Callable[[Path], list[str]],
    output: Path,
    environment: Mapping[str, str],
) -> list[str]:
    subprocess.run(command(output), env=environment, check=True, capture_output=True)
    return rows_of(output)


def _killed_and_resumed(
    job: Job,
    command: list[str],
    environment: Mapping[str, str],
    rng: random.Random,
    *,
    until: float,
) -> bool:
    """Whether the command came to its end; False where time ran out before."""
    while True:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        try:
            _, said = process.communicate(timeout=SHORTEST_S + rng.expovariate(1 / MEAN_S))
        except subprocess.TimeoutExpired:
            # The command alone: what it started must end with it.
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            job.kills += 1
            if time.monotonic() >= until:
                return False
            continue
        if process.returncode != 0:
            job.faults.append(f"{job.name}: code {process.returncode}: {said.decode()[-200:]}")
        return True


def build_command(rows: Path) -> Callable[[Path], list[str]]:
    """`lintseq dataset build` of ten sequences a program."""
    words = [sys.executable, "-m", "lintseq_core", "dataset", "build", str(rows), "-s", "10"]
    return lambda output: [*words, "--workers", "1", "-o", str(output)]


def data_rows(path: Path) -> list[str]:
    """All that a build wrote, to the byte."""
    return path.read_bytes().decode("utf-8").split("\n")


def evaluate_command(samples: Path) -> Callable[[Path], list[str]]:
    """`lintseq evaluate` of samples of the problems that ship."""
    words = [sys.executable, "-m", "lintseq_core", "evaluate", str(samples), "-b", "basics"]
    return lambda output: [*words, "--allow-execution", "--workers", "1", "-o", str(output)]


def verdict_rows(path: Path) -> list[str]:
    """What was judged; times differ from run to run."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [" ".join(str(row.get(name)) for name in VERDICT) for row in rows if "task_id" in row]


def difference(found: list[str], expected: list[str]) -> str:
    """The first rows that differ, and how many rows there are."""
    pairs = [(one, other) for one, other in zip(found, expected, strict=False) if one != other]
    told = "; ".join(f"{one[:80]} for {other[:80]}" for one, other in pairs[:3])
    return f"{len(found)} rows for {len(expected)}, {len(pairs)} differ: {told}"


def write_samples(path: Path, *, n_samples: int) -> None:
    """Right, wrong and broken programs for every problem of `basics`, and one without an end."""
    rows = []
    for problem in get_benchmark("basics").problems(None):
        kinds = (problem.reference, "def nothing():\n    pass\n", problem.reference[:-9])
        rows += [{"task_id": problem.task_id, "solution": kinds[n % 3]} for n in range(n_samples)]
    rows.append({"task_id": rows[0]["task_id"], "solution": "while True:\n    pass\n"})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
