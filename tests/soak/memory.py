"""The memory of a server over time, and processes that should have ended."""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass, field
from itertools import pairwise

import psutil

MARK = "LINTSEQ_SOAK"
"""An environment variable that everything a run starts inherits."""
MOST_GROWTH = 1.10
"""Of the last quarter's median over the second quarter's: what counts as flat."""
EVERY_S = 2.0


@dataclass(slots=True)
class Memory:
    """Resident memory of a process and its children, in MB, every two seconds."""

    megabytes: list[float] = field(default_factory=list)

    def watch(self, pid: int, until: float) -> None:
        """Measures until the clock (time.monotonic) says `until`, or the process is gone."""
        while time.monotonic() < until:
            try:
                server = psutil.Process(pid)
                tree = [server, *server.children(recursive=True)]
                self.megabytes.append(sum(_resident_mb(one) for one in tree))
            except psutil.NoSuchProcess:
                return
            time.sleep(EVERY_S)

    def quarters(self) -> tuple[float, ...]:
        """The median of each quarter of the time."""
        n = len(self.megabytes)
        ends = [n * part // 4 for part in range(5)]
        parts = [self.megabytes[a:b] for a, b in pairwise(ends)]
        return tuple(statistics.median(part) if part else 0.0 for part in parts)

    def is_flat(self) -> bool:
        """Whether the last quarter needs no more than 10 % more than the second."""
        _, second, _, last = self.quarters()
        return last <= MOST_GROWTH * second


def _resident_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def left_over(mark: str, *, patience_s: float = 20.0) -> list[str]:
    """Command lines of processes that carry `mark` and live on after `patience_s`."""
    deadline = time.monotonic() + patience_s
    while True:
        found = [
            " ".join(process.info["cmdline"] or [process.info["name"]])[:120]
            for process in psutil.process_iter(["cmdline", "name", "environ"])
            if (process.info["environ"] or {}).get(MARK) == mark and process.pid != os.getpid()
        ]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.5)
