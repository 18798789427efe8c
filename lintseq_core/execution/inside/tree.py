"""What the processes below another one use, and how to end them; Linux's /proc."""

# Looked at ten times a second for each box: plain calls are cheaper.
# ruff: noqa: PTH123, PTH208

from __future__ import annotations

import contextlib
import os
import signal
import time
from dataclasses import dataclass, field

_TICK_S = 1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01
_HIDDEN_FACTOR = 2.0
_UNKNOWN_S = 0.001
"""What the kernel has not counted yet, of a process that it has not interrupted."""
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(slots=True)
class TreeUse:
    """CPU time of a tree of processes so far, and its size when last looked at.

    The system adds up the time of children that are waited for. Where a parent ignores their ends,
    nobody does: then a process that has ended counts with what was last seen of it, and when first
    seen it also stands for what nobody saw, of itself and of those that came and went between two
    looks: n short-lived processes that compute at any moment use n seconds a second. That is an
    estimate, so it decides only where it is twice what was counted.
    """

    processes: int = 0
    memory_bytes: int = 0
    cpu_s: float = 0.0
    _own: dict[tuple[int, int], float] = field(default_factory=dict)
    _unseen: dict[tuple[int, int], float] = field(default_factory=dict)
    """Seconds that each process that lives stands for beyond its own, should it end unseen."""
    _counted_s: float = 0.0
    _uncounted_s: float = 0.0
    """The same of those that have ended."""
    _looked_at: float = field(default_factory=time.monotonic)

    def look(self, root: int, memory_limit: int) -> None:
        """Look at the tree below `root` again; exact memory only where the cheap bound is over."""
        self.processes = 0
        resident, waited = 0, 0.0
        now = time.monotonic()
        since, self._looked_at = now - self._looked_at, now
        ended = set(self._unseen)
        pids = below(root)
        for pid in pids:
            stat = _stat(pid)
            if stat is None:
                continue
            self.processes += 1
            own = (int(stat[11]) + int(stat[12])) * _TICK_S
            waited += own + (int(stat[13]) + int(stat[14])) * _TICK_S
            key = pid, int(stat[19])
            if key not in self._own:
                share = _share_of_processor(*key) if stat[0] == b"R" else 0.0
                self._unseen[key] = since * share - own
            ended.discard(key)
            self._own[key] = own
            resident += int(stat[21]) * _PAGE
        self._uncounted_s += sum(self._unseen.pop(key) for key in ended)
        seen_s = sum(self._own.values())
        self._counted_s = max(self._counted_s, waited, seen_s)
        seen_s += self._uncounted_s
        is_hidden = seen_s >= _HIDDEN_FACTOR * self._counted_s
        self.cpu_s = max(self.cpu_s, seen_s if is_hidden else self._counted_s)
        if resident > memory_limit:
            resident = sum(map(_proportional_bytes, pids))
        self.memory_bytes = resident


def _share_of_processor(pid: int, started_ticks: int) -> float:
    """What part of its life so far a process has computed, at most 1."""
    try:
        with open(f"/proc/{pid}/schedstat", "rb") as file:
            ran_s = int(file.read().split()[0]) / 1e9
    except (OSError, ValueError, IndexError):  # a kernel that does not say: all of it
        return 1.0
    lived_s = time.clock_gettime(time.CLOCK_BOOTTIME) - (started_ticks + 0.5) * _TICK_S
    return min(1.0, (ran_s + _UNKNOWN_S) / max(lived_s, 2 * _UNKNOWN_S))


def is_runnable(root: int) -> bool:
    """Whether a thread below `root` computes, or waits for nothing but a processor."""
    return any(
        (stat := _stat(f"{pid}/task/{task}")) is not None and stat[0] == b"R"
        for pid in below(root)
        for task in _tasks(pid)
    )


def below(root: int) -> list[int]:
    """All processes below `root`, parents before children.

    Below the first process are all others, and gVisor's /proc does not tell whose children.
    """
    if root == os.getpid() == 1:
        return sorted(int(name) for name in os.listdir("/proc") if name.isdecimal() and name != "1")
    found: list[int] = []
    left = [root]
    while left:
        children = _children(left.pop())
        found += children
        left += children
    return found


def end_tree(root: int) -> None:
    """Kill everything below `root` until nothing is left; only safe where orphans stay below it."""
    for _ in range(100):
        pids = below(root)
        if not pids:
            return
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def first_child(pid: int) -> int | None:
    """The oldest child of `pid`."""
    children = _children(pid)
    return children[0] if children else None


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in _tasks(pid):
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:
                found += map(int, file.read().split())
    except (OSError, ValueError):
        pass
    return found


def _tasks(pid: int) -> list[str]:
    """The threads of `pid`; none once it is gone."""
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _stat(pid: int | str) -> list[bytes] | None:
    """The fields of /proc/PID/stat after the name, None if the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return None


def _proportional_bytes(pid: int) -> int:
    """Memory of a process with shared pages divided among those who share; 0 once it is gone."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) << 10
    except OSError:
        stat = _stat(pid)
        return 0 if stat is None else int(stat[21]) * _PAGE
    return 0
