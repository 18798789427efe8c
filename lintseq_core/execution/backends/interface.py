"""What a backend is: it says how to start a script apart, and how far apart that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from lintseq_core.errors import LintSeqError
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.verdict import Isolation

ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/box",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "Agg",
}
"""All that a program finds in its environment."""

# As isolated as -I, but PYTHONHASHSEED counts: -I would ignore it, and the order of sets would
# differ from run to run. Nothing else can come in through an environment that we make.
PYTHON_OPTIONS = ("-P", "-s", "-S")

Script = Literal["child", "judge"]


class IsolationError(LintSeqError):
    """The isolation asked for cannot be had here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to start in a box."""

    script: Script
    limits: Limits
    packages: tuple[str, ...] = ()
    loopback: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a backend learns about a tree that is not below the process it starts."""

    cpu_s: float | None
    """None: what the system counted for the process that was started is right."""
    verdict: str = ""
    """The limit that the backend saw exceeded; "" if none was."""


@dataclass(slots=True)
class Launch:
    """How to start it: a command, and what to tell the script about where it is."""

    command: list[str]
    folder: str
    """Working directory, as the script sees it."""
    python_paths: tuple[str, ...] = ()
    descriptors: tuple[int, ...] = ()
    """Open ones to pass on and then close."""
    limits: dict[str, int] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=lambda: dict(ENVIRONMENT))
    unwatched: frozenset[str] = frozenset()
    """Limits of the whole tree that are not enforced: all are, but for the suite's own test."""
    ends_with_root: bool = False
    """Whether the system ends the whole tree with its root."""
    told: Callable[[], Told | None] = lambda: None
    """Asked once the process has ended."""
    clean: Callable[[], None] = lambda: None


class Backend(Protocol):
    """A way to run a script of `bundle` with a channel on descriptor `channel`."""

    name: str
    level: Isolation
    has_packages: bool
    """Whether a program can be shown packages that are installed here."""

    def launch(self, job: Job, channel: int) -> Launch:
        """What to execute for `job`."""
        ...

    def mechanisms(self) -> tuple[str, ...]:
        """What holds the program, by name, for run records."""
        ...

    def close(self) -> None:
        """Remove what the backend keeps on disk."""
        ...


def limits_of_process(limits: Limits) -> dict[str, int]:
    """Limits that a process sets for itself and its children, by the system's names."""
    return {
        "address_space": limits.memory_bytes,
        "CPU": max(1, -int(-limits.cpu_s // 1)),
        "FSIZE": limits.disk_bytes,
        "NPROC": limits.processes,
        "NOFILE": limits.descriptors,
        "STACK": limits.stack_bytes,
        "CORE": 0,
        "MEMLOCK": 0,
        "MSGQUEUE": 0,
    }
