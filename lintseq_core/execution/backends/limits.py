"""L1 and L0: no box, only limits, or not even those."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Literal

from lintseq_core.execution.backends.interface import (
    PYTHON_OPTIONS,
    Job,
    Launch,
    limits_of_process,
)
from lintseq_core.execution.bundle import bundle_folder
from lintseq_core.execution.interpreter import interpreter
from lintseq_core.execution.verdict import Isolation


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

        script = f"{self._bundles}/{job.script}.pyc"
        launch = Launch(
            [interpreter().executable, *PYTHON_OPTIONS, script, str(channel), "keep-orphans"],
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
        """Nothing to do."""
