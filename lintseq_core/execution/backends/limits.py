"""L1 and L0: no box, only limits, or not even those."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Literal

from lintseq_core.execution.backends.interface import (
    PYTHON_OPTIONS,
    Job,
    Launch,
    limits_of_process,
)
from lintseq_core.execution.harness.bundle import bundle_folder
from lintseq_core.execution.harness.interpreter import interpreter
from lintseq_core.execution.verdict import Isolation


class LimitsOnly:
    """L1: limits, a session and scratch folder of its own, a clean environment; or L0: nothing."""

    has_packages = True

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
        from lintseq_core.execution.harness.site import inside_paths, shown_packages

        packages = shown_packages(job.packages)
        folder = tempfile.mkdtemp(prefix="lintseq-run-")
        links = tempfile.mkdtemp(prefix="lintseq-run-") if packages else ""
        for path, inside in packages:  # the folder that they are in holds all others too
            link = Path(links, inside)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)

        def clean() -> None:
            for made in filter(None, (folder, links)):
                shutil.rmtree(made, ignore_errors=True)

        limits = limits_of_process(job.limits)
        del limits["NPROC"]  # counts all processes of the user, not those of the test
        script = f"{self._bundles}/{job.script}.pyc"
        launch = Launch(
            [interpreter().executable, *PYTHON_OPTIONS, script, str(channel), "keep-orphans"],
            folder,
            python_paths=inside_paths(job.packages, links),
            limits=limits,
            clean=clean,
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
