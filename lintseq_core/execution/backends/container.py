"""L3 or L4: docker or podman, one container a test, without an image of anybody's.

The container holds what a box of bubblewrap's holds: this interpreter and its libraries, mounted
read-only over an image that is empty. So verdicts do not depend on the backend.
"""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import os
import secrets
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Literal

from lintseq_core.execution.backends.ending import Ending
from lintseq_core.execution.backends.interface import (
    ENVIRONMENT,
    PYTHON_OPTIONS,
    IsolationError,
    Job,
    Launch,
    limits_of_process,
)
from lintseq_core.execution.harness.bundle import bundle_folder
from lintseq_core.execution.harness.interpreter import interpreter
from lintseq_core.execution.harness.site import inside_paths, shown_packages
from lintseq_core.execution.limits import MIB, Limits
from lintseq_core.execution.verdict import Isolation

Engine = Literal["docker", "podman"]

IMAGE = "localhost/lintseq-empty:1"
PROBE_S = 20.0
_KILL_S = 30.0
_OVERHEAD = 64 * MIB
"""Of memory, for the relay: the program's limit is watched, the container's is the last resort."""

# Within the 65,536 that an engine without root has for its containers, and with root far from the
# ids of people and services. One a container: the kernel counts processes by user.
_WITHOUT_ROOT = itertools.cycle(range(10_000, 60_000))
_WITH_ROOT = itertools.cycle(range(os.getpid() % 30_000 * 64 + 1_000_000, 3_000_000))


class Container:
    """A container a test: no network, read-only, no capabilities, the box's system call filter."""

    has_packages = True

    def __init__(self, engine: Engine, runtime: Literal["runsc"] | None = None) -> None:
        """Raises IsolationError with the remedy where `engine` cannot run; asks within 20 s."""
        program = shutil.which(engine)
        if program is None:
            raise IsolationError(
                f"{engine} is not installed: install it, or choose another backend"
            )
        self.engine: Engine = engine
        self._program = program
        self._runtime = runtime
        self.name: str = engine if runtime is None else "gvisor"
        self.level: Isolation = Isolation.BOX if runtime is None else Isolation.OTHER_KERNEL
        self._bundles = bundle_folder()
        self.version = self._probe()

    def mechanisms(self) -> tuple[str, ...]:
        """What the engine was asked for, and with what."""
        filtered = ("seccomp",) if self._profile(loopback=False) else ()
        return (f"{self.engine} {self.version}", *_MECHANISMS, *filtered)

    def launch(self, job: Job, channel: int) -> Launch:
        """The engine's command behind the carrier, which is to the harness what a box is."""
        name = f"lintseq-{os.getpid()}-{secrets.token_hex(6)}"
        ending = Ending(functools.partial(self._remove, name))
        mounts = self._view()
        for path, inside in shown_packages(job.packages):
            mounts += _mounted(path, f"/site/{inside}")
        carrier = [interpreter().executable, "-I", "-S", f"{self._bundles}/carrier.pyc"]
        relay = [
            *(interpreter().executable, *PYTHON_OPTIONS, "/lintseq/relay.pyc", job.script),
            *(f"{job.limits.cpu_s:g}", str(job.limits.memory_bytes), str(job.limits.files)),
            str(job.limits.processes),
            *ENVIRONMENT,
        ]
        command = [
            *(*carrier, str(channel), str(ending.writing)),
            *(self._program, *self._before_run(), "run", "--name", name, *self._options(job)),
            *(*mounts, IMAGE, *relay),
        ]
        return Launch(
            command,
            "/box",
            python_paths=inside_paths(job.packages, "/site"),
            descriptors=(ending.writing,),
            limits=self._limits(job.limits),
            environment=dict(os.environ),  # the engine's command finds its daemon by it
            told=ending.told,
            clean=ending.close,
        )

    def _options(self, job: Job) -> list[str]:
        limits = job.limits
        memory = limits.memory_bytes + limits.disk_bytes + limits.shared_memory_bytes + _OVERHEAD
        user = next(_WITH_ROOT if self._has_root else _WITHOUT_ROOT)
        options = [
            *("--rm", "--interactive", "--pull", "never", "--log-driver", "none"),
            *("--network", "none", "--read-only", "--cap-drop", "ALL", "--cgroupns", "private"),
            *("--security-opt", "no-new-privileges", "--security-opt", "label=disable"),
            *("--user", f"{user}:{user}", "--hostname", "box", "--workdir", "/box"),
            *("--memory", str(memory), "--memory-swap", str(memory)),
            *("--shm-size", str(limits.shared_memory_bytes)),
            *("--ulimit", f"nofile={limits.descriptors + 16}:{limits.descriptors + 16}"),
            *("--ulimit", f"nproc={limits.processes + 16}:{limits.processes + 16}"),
            *("--ulimit", "core=0:0", "--tmpfs", f"/box:{_disk(limits)}"),
            *itertools.chain(*(("--env", f"{name}={v}") for name, v in ENVIRONMENT.items())),
        ]
        if self.engine == "podman":
            options += ["--read-only-tmpfs=false", "--http-proxy=false", "--no-hosts"]
        elif self._runtime is not None:
            options += ["--runtime", self._runtime]
        if self._runtime is None:  # gVisor's own threads would count, and it waits for ever for one
            options += ["--pids-limit", str(limits.processes + 2)]
        profile = self._profile(loopback=job.loopback)
        if profile is not None:
            options += ["--security-opt", f"seccomp={profile}"]
        return options

    def _limits(self, limits: Limits) -> dict[str, int]:
        """Limits that each process sets for itself; gVisor refuses to be told of queues."""
        found = limits_of_process(limits)
        if self._runtime is not None:
            del found["MSGQUEUE"]
        return found

    def _before_run(self) -> list[str]:
        """How podman is told of another runtime; docker knows it by its daemon's configuration."""
        if self._runtime is None or self.engine == "docker":
            return []
        return ["--runtime", self._runtime, "--runtime-flag", "network=none"]

    def _profile(self, *, loopback: bool) -> Path | None:
        """The box's filter as engines read it; gVisor is a kernel of its own, and has none."""
        profile = self._bundles / f"seccomp{'-loopback' if loopback else ''}.json"
        return profile if self._runtime is None and profile.exists() else None

    def _view(self) -> list[str]:
        """Options that show the interpreter and the scripts."""
        options = _mounted(str(self._bundles), "/lintseq")
        for path in interpreter().paths:
            options += _mounted(path, path)
        for path in interpreter().hidden:
            options += _mounted(f"{self._bundles}/empty", path)
        return options

    def _probe(self) -> str:
        """The engine's version, once it answers and has the empty image."""
        version = self._asked("version", "--format", "{{.Server.Version}}")
        asked = "{{.Host.Security.Rootless}}" if self.engine == "podman" else "{{.SecurityOptions}}"
        told = self._asked("info", "--format", asked)
        self._has_root = told != "true" and "rootless" not in told
        try:
            self._asked("image", "inspect", IMAGE)
        except IsolationError:
            self._asked("import", "-", IMAGE, given=_empty_image())
        return version

    def _asked(self, *words: str, given: bytes = b"") -> str:
        """What the engine answers; raises IsolationError where it does not, in time."""
        command = [self._program, *words]
        try:
            done = subprocess.run(
                command, input=given, capture_output=True, timeout=PROBE_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise IsolationError(
                f"{self.engine} does not answer within {PROBE_S:g} s: start its service again"
            ) from None
        if done.returncode != 0:
            said = (
                done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:200].rstrip(".")
            )
            raise IsolationError(
                f"{self.engine} cannot be used: {said or done.returncode}. {_REMEDY}"
            )
        return done.stdout.decode("utf-8", "replace").strip()

    def _remove(self, name: str) -> None:
        """Make sure that nothing is left of a container that did not end by itself."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(
                [self._program, "rm", "--force", name],
                capture_output=True,
                timeout=_KILL_S,
                check=False,
            )

    def close(self) -> None:
        """Nothing to do: the empty image stays for the next run."""


_MECHANISMS = ("network none", "read-only", "cap-drop ALL", "no-new-privileges", "pids", "memory")
_REMEDY = "Start its service, or let this user use it"


def _mounted(source: str, place: str) -> list[str]:
    return ["--mount", f"type=bind,source={source},target={place},readonly"]


def _disk(limits: Limits) -> str:
    return f"rw,nosuid,nodev,size={limits.disk_bytes},mode=0777"


def _empty_image() -> bytes:
    """A file system with nothing in it but where /tmp is."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        link = tarfile.TarInfo("tmp")
        link.type, link.linkname = tarfile.SYMTYPE, "box/tmp"
        archive.addfile(link)
    return data.getvalue()
