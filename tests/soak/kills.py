"""Data set builds and evaluations that are killed at random moments and started again.

What they leave in the end must be what a run that nobody killed leaves.
"""

from __future__ import annotations

import hashlib
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
    digest: Callable[[Path], str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    seed: int,
    until: float,
) -> None:
    """Run `command` of an output file over and over until the clock says `until`.

    `digest` of the output is compared with that of a run that was left alone.
    """
    rng = random.Random(seed)
    folder.mkdir()
    expected = _left_alone(command, digest, folder / "alone.jsonl", environment)
    while time.monotonic() < until:
        output = folder / f"{job.rounds}.jsonl"
        if not _killed_and_resumed(job, command(output), environment, rng, until=until):
            return
        found = digest(output)
        if found != expected:
            job.faults.append(
                f"{job.name}: round {job.rounds} left other rows than a run left alone"
            )
        for path in folder.glob(f"{job.rounds}.jsonl*"):
            path.unlink() if path.is_file() else None
        job.rounds += 1


def _left_alone(
    command: Callable[[Path], list[str]],
    digest: Callable[[Path], str],
    output: Path,
    environment: Mapping[str, str],
) -> str:
    subprocess.run(command(output), env=environment, check=True, capture_output=True)
    return digest(output)


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


def file_digest(path: Path) -> str:
    """Of all bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def evaluate_command(samples: Path) -> Callable[[Path], list[str]]:
    """`lintseq evaluate` of samples of the problems that ship."""
    words = [sys.executable, "-m", "lintseq_core", "evaluate", str(samples), "-b", "basics"]
    return lambda output: [*words, "--allow-execution", "--workers", "1", "-o", str(output)]


def verdict_digest(path: Path) -> str:
    """Of what is judged; times differ from run to run."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    kept = [[row.get(name) for name in VERDICT] for row in rows if "task_id" in row]
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()


def write_samples(path: Path, *, n_samples: int) -> None:
    """Right, wrong and broken programs for every problem of `basics`, and one without an end."""
    rows = []
    for problem in get_benchmark("basics").problems(None):
        kinds = (problem.reference, "def nothing():\n    pass\n", problem.reference[:-9])
        rows += [{"task_id": problem.task_id, "solution": kinds[n % 3]} for n in range(n_samples)]
    rows.append({"task_id": rows[0]["task_id"], "solution": "while True:\n    pass\n"})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
