"""Mixed load for half an hour, then a look at what is left.

    python -m tests.soak [--minutes 30] [--write]

Twenty visitors that speak Streamlit's protocol and two Chromium windows use one dashboard; beside
them a data set build and an evaluation are killed with SIGKILL at random moments and started again.
With --write the report goes to docs/reliability.md. Exit code 1 where anything went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tests.dashboard.conftest import ROOT
from tests.serving import free_port, serve_command, wait_until_healthy
from tests.soak import kills, windows
from tests.soak.memory import MARK, Memory, left_over
from tests.soak.visitors import Visits, visit

REPORT = ROOT / "docs" / "reliability.md"
N_VISITORS, N_WINDOWS = 20, 2
SHOWN_FAULTS = 20
ERROR_LINE = re.compile(r"\w+(Error|Exception)\b")
"""The last line of a traceback."""


@dataclass(slots=True)
class Soak:
    """Everything that a run came to."""

    minutes: float
    visits: Visits = field(default_factory=Visits)
    windows: list[windows.Window] = field(default_factory=list)
    jobs: list[kills.Job] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    left: list[str] = field(default_factory=list)
    server_faults: list[str] = field(default_factory=list)
    load: float = 0.0
    """Mean load of the machine in the last minutes."""

    def faults(self) -> list[str]:
        """What went wrong, in words."""
        found = [*self.visits.faults, *self.server_faults]
        found += [fault for window in self.windows for fault in window.faults]
        found += [fault for job in self.jobs for fault in job.faults]
        # What was never tried is not proven.
        found += [f"{job.name}: no run came to its end" for job in self.jobs if not job.rounds]
        found += [] if self.visits.seconds else ["no visitor saw a page"]
        found += ["a window did nothing" for one in self.windows if not one.keys + one.uploads]
        found += [f"lives on: {one}" for one in self.left]
        if not self.memory.is_flat():
            told = ", ".join(f"{part:.0f}" for part in self.memory.quarters())
            found.append(f"the server's memory grew: {told} MB by quarters of the time")
        return found


def run(minutes: float, *, n_visitors: int = N_VISITORS, n_windows: int = N_WINDOWS) -> Soak:
    """The whole run; what it starts has ended when it returns, or is named in `left`."""
    soak = Soak(minutes)
    mark = uuid.uuid4().hex
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {
            **os.environ,
            MARK: mark,
            "PYTHONPATH": str(ROOT),
            "LINTSEQ_CACHE": str(folder / "cache"),
            "STREAMLIT_LOGGER_ENABLE_RICH": "false",
        }
        rows, samples = folder / "rows.jsonl", folder / "samples.jsonl"
        mine = [sys.executable, "-m", "lintseq_core", "dataset", "mine", "stdlib", "-o", str(rows)]
        subprocess.run(mine, env=environment, check=True, capture_output=True)
        kills.write_samples(samples, n_samples=12)
        with (folder / "server.log").open("wb") as log:
            server, url = _serve(environment, log)
            until = time.monotonic() + 60 * minutes
            try:
                _load(soak, url, server.pid, until, folder, environment, rows, samples,
                      n_visitors, n_windows)  # fmt: skip
                if server.poll() is not None:
                    soak.server_faults.append(f"the server ended with code {server.returncode}")
            finally:
                soak.load = os.getloadavg()[2]
                server.terminate()
                server.wait(timeout=20)
        said = (folder / "server.log").read_text(errors="replace")
        if "Traceback" in said:
            errors = sorted({line for line in said.splitlines() if ERROR_LINE.match(line)})
            soak.server_faults.append(f"the server logged: {'; '.join(errors)}"[:2_000])
        soak.left = left_over(mark)
    return soak


def _serve(environment: dict[str, str], log: BinaryIO) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    process = subprocess.Popen(
        serve_command(port), cwd=ROOT, stdout=log, stderr=log, env=environment
    )
    url = f"http://localhost:{port}"
    wait_until_healthy(process, f"{url}/_stcore/health")
    return process, url


def _load(
    soak: Soak, url: str, pid: int, until: float, folder: Path, environment: dict[str, str],
    rows: Path, samples: Path, n_visitors: int, n_windows: int,
) -> None:  # fmt: skip
    soak.windows = [windows.Window() for _ in range(n_windows)]
    soak.jobs = [kills.Job("dataset build"), kills.Job("evaluate")]
    build, evaluation = soak.jobs

    async def visitors() -> None:
        await asyncio.gather(
            *(visit(url, soak.visits, seed=seed, until=until) for seed in range(n_visitors))
        )

    actions: list[Callable[[], None]] = [
        lambda: asyncio.run(visitors()),
        lambda: soak.memory.watch(pid, until),
        lambda: kills.repeat(
            build, kills.build_command(rows), kills.data_rows, folder / "builds", environment,
            seed=1, until=until,
        ),
        lambda: kills.repeat(
            evaluation, kills.evaluate_command(samples), kills.verdict_rows,
            folder / "evaluations", environment, seed=2, until=until,
        ),
    ]  # fmt: skip
    for number, window in enumerate(soak.windows):
        actions.append(lambda w=window, n=number: windows.drive(url, w, seed=n, until=until))  # type: ignore[misc]
    threads = [
        threading.Thread(target=_told, args=(soak, action), daemon=True) for action in actions
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _told(soak: Soak, action: Callable[[], None]) -> None:
    """Runs `action`; what it raises is a fault of the run."""
    try:
        action()
    except Exception as error:  # of any part: the others go on, and the report says it
        soak.server_faults.append(f"{type(error).__name__}: {error}"[:300])


def report(soak: Soak, machine: str) -> str:
    """The page docs/reliability.md."""
    seconds = sorted(soak.visits.seconds)
    median = statistics.median(seconds) if seconds else float("nan")
    slow = seconds[int(0.95 * len(seconds))] if seconds else float("nan")
    keys, uploads = (sum(getattr(w, name) for w in soak.windows) for name in ("keys", "uploads"))
    quarters = " → ".join(f"{part:.0f}" for part in soak.memory.quarters())
    faults = soak.faults()
    slowest = "; ".join(f"{taken:.0f} s: `{page}`" for taken, page in soak.visits.slowest[::-1])
    rows = [
        f"| visitors | {soak.visits.sessions:,} sessions, {len(seconds):,} pages; a page took "
        f"{median:.2f} s in the median, {slow:.2f} s for one in twenty |",
        f"| Chromium windows | {keys:,} keys in the player, {uploads:,} files uploaded |",
        f"| the slowest pages | {slowest} |",
        *(
            f"| `lintseq {job.name}` | killed {job.kills:,} times, {job.rounds:,} runs to the end "
            "compared with one left alone |"
            for job in soak.jobs
        ),
        f"| memory of the server | {quarters} MB, medians of the four quarters of the time |",
        f"| processes left | {len(soak.left)} |",
        f"| faults | {len(faults)} |",
    ]
    counted = Counter(faults).most_common(SHOWN_FAULTS)
    said = "".join(f"- {n} x {fault}\n" for fault, n in counted)
    return f"""# Reliability

`make soak` uses everything at once for half an hour, then looks at what is left. Written by that run.

- {N_VISITORS} visitors speak Streamlit's protocol: every page, parameters of links, and now and then
  parameters that no link has. An exception on a page is a fault.
- {N_WINDOWS} Chromium windows play programs with keys, open lessons and upload files: real ones, and
  bombs, pickles, damaged archives, markup. An error of a script or text that runs is a fault.
- A data set build and an evaluation are killed (SIGKILL) after some seconds, 8 on average, and repeated
  until they come to their end. Other bytes, or other verdicts, than of a run left alone are a fault.
- At the end: a process that lives on, or memory that grew by over 10 % from the second quarter of the
  time to the last, is a fault.

| what | came to |
|---|---|
{chr(10).join(rows)}

{said}
{datetime.date.today()}, {soak.minutes:g} minutes at a load of {soak.load:.0f}: {machine}.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--write", action="store_true", help="put the report into docs/")
    chosen = parser.parse_args()
    sys.path.insert(0, str(ROOT / "perf"))
    from measure import machine

    soak = run(chosen.minutes)
    text = report(soak, machine())
    print(text)
    if chosen.write:
        REPORT.write_text(text, encoding="utf-8")
    sys.exit(1 if soak.faults() else 0)


if __name__ == "__main__":
    main()
