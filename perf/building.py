"""Builds of edit data sets: parallel efficiency on two workers, and memory over the rows."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sampling import humaneval_texts
from tables import Table

EFFICIENCY_ROWS = 20_000
MEMORY_ROWS = (1_000, 10_000, 100_000)
LEAST_EFFICIENCY, MOST_GROWTH, MOST_BYTES_A_ROW = 0.85, 1.2, 200

# In a process of its own, which says what it took.
BUILD = """
import json, resource, sys, time
from pathlib import Path
from lintseq_core.data.building.dataset import build_dataset, settings_for
source, output, workers, samples, dedup = sys.argv[1:]
settings = settings_for(Path(source), samples=int(samples), dedup=dedup == "dedup")
start = time.perf_counter()
build_dataset(Path(source), Path(output), settings, workers=int(workers), force=True)
wall_s = time.perf_counter() - start
unit = 1 if sys.platform == "darwin" else 1024
own = resource.getrusage(resource.RUSAGE_SELF)
own_bytes = own.ru_maxrss * unit
if Path("/proc/self/status").exists():  # ru_maxrss begins with what the parent had
    status = Path("/proc/self/status").read_text()
    own_bytes = int(status.partition("VmHWM:")[2].split()[0]) * 1024
workers = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "wall_s": wall_s,
    "cpu_s": own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime,
    "own_bytes": own_bytes,
    "worker_bytes": workers.ru_maxrss * unit,
}))
"""


@dataclass
class Taken:
    """What one build took; memory at its peak, of the builder and of its largest worker."""

    wall_s: float
    cpu_s: float
    own_bytes: int
    worker_bytes: int


def write_rows(path: Path, count: int) -> None:
    """`count` different programs of HumanEval's length."""
    texts = humaneval_texts()
    with path.open("w", encoding="utf-8") as file:
        for index in range(count):
            text = f"{texts[index % len(texts)]}print({index})\n"
            row = {"instruction": f"Write program {index}.", "response": text}
            file.write(json.dumps(row) + "\n")


def build(source: Path, *, workers: int, samples: int, dedup: bool = False) -> Taken:
    output = source.with_suffix(".out.jsonl")
    command = [sys.executable, "-c", BUILD, str(source), str(output)]
    command += [str(workers), str(samples), "dedup" if dedup else "all"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    output.unlink()
    return Taken(**json.loads(done.stdout.splitlines()[-1]))


def both_cores_s() -> float:
    """How much slower one of two busy processes is than one alone: the machine's own share."""
    script = "sum(i * i for i in range(6_000_000))"
    command = [sys.executable, "-c", script]

    def wall_s(count: int) -> float:
        start = time.perf_counter()
        for process in [subprocess.Popen(command) for _ in range(count)]:
            process.wait()
        return time.perf_counter() - start

    alone = min(wall_s(1) for _ in range(3))
    return min(wall_s(2) for _ in range(3)) / alone


def measure(folder: Path) -> Table:
    table = Table(
        "Builds of an edit data set",
        ["rows in", "s", "workers", "dedup", "wall s", "rows out / s", "builder MB", "worker MB"],
    )

    def add(taken: Taken, rows: int, samples: int, workers: int, dedup: str) -> None:
        table.add(
            f"{rows:,}",
            str(samples),
            str(workers),
            dedup,
            f"{taken.wall_s:.1f}",
            f"{rows * samples / taken.wall_s:,.0f}",
            f"{taken.own_bytes / 1e6:.1f}",
            f"{taken.worker_bytes / 1e6:.1f}",
        )

    source = folder / "rows.jsonl"
    every = folder / "every.jsonl"
    write_rows(every, max(*MEMORY_ROWS, EFFICIENCY_ROWS))

    def take(rows: int) -> None:
        with every.open("rb") as lines, source.open("wb") as few:
            few.writelines(islice(lines, rows))

    take(EFFICIENCY_ROWS)
    walls = {}
    for workers in (1, 2):
        runs = [build(source, workers=workers, samples=5) for _ in range(2)]
        taken = min(runs, key=lambda run: run.wall_s)
        walls[workers] = taken.wall_s
        add(taken, EFFICIENCY_ROWS, 5, workers, "no")
    efficiency = walls[1] / (2 * walls[2])
    table.judge(
        "parallel efficiency on 2 workers",
        efficiency,
        f"at least {LEAST_EFFICIENCY}",
        holds=efficiency >= LEAST_EFFICIENCY,
    )
    table.notes.append(f"two busy processes each take {both_cores_s():.2f} times as long as one")
    peaks: dict[tuple[int, bool], Taken] = {}
    for dedup in (False, True):
        for rows in MEMORY_ROWS:
            take(rows)
            peaks[rows, dedup] = build(source, workers=2, samples=1, dedup=dedup)
            add(peaks[rows, dedup], rows, 1, 2, "exact" if dedup else "no")
    some, many = MEMORY_ROWS[1:]
    growth = max(
        peaks[many, False].own_bytes / peaks[some, False].own_bytes,
        peaks[many, False].worker_bytes / peaks[some, False].worker_bytes,
    )
    table.judge(
        f"peak memory for {many:,} rows over that for {some:,}",
        growth,
        f"at most {MOST_GROWTH}",
        holds=growth <= MOST_GROWTH,
    )
    grown = (peaks[many, True].own_bytes - peaks[some, True].own_bytes) - (
        peaks[many, False].own_bytes - peaks[some, False].own_bytes
    )
    a_row = grown / (many - some)
    table.judge(
        "exact de-duplication, bytes a row",
        a_row,
        f"at most {MOST_BYTES_A_ROW}",
        holds=a_row <= MOST_BYTES_A_ROW,
    )
    return table
