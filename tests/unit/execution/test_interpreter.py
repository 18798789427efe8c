"""What a box must show for Python to start."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lintseq_core.execution.harness import interpreter


def test_a_machine_without_time_for_ldd_shows_all_library_folders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_slow(command: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, 60)

    monkeypatch.setattr(interpreter.shutil, "which", lambda _: "/usr/bin/ldd")
    monkeypatch.setattr(interpreter.subprocess, "run", too_slow)
    everything = [path for path in ("/lib", "/lib64", "/usr/lib") if Path(path).is_dir()]
    assert interpreter._linked(["python3"]) == everything
