"""`lintseq doctor`: what this machine can do."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import typer

from lintseq_core.cli.options import JsonOption
from lintseq_core.cli.shell import CHECK_FAILED
from lintseq_core.errors import LinterUnavailable, LintSeqError
from lintseq_core.json_text import json_text
from lintseq_core.linting import LINTER_NAMES, get_linter

if TYPE_CHECKING:
    from lintseq_core.execution.backends.candidates import Candidate

_BROKEN = "def f():\n    return missing\nif f:\n"
_WIDTH = len("linter pyflakes")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it works, what was found, and what to do if it does not."""

    name: str
    works: bool
    found: str
    remedy: str = ""
    needed: bool = False
    """Whether nothing works without it."""


def doctor(
    as_json: JsonOption = False,
) -> None:
    """Say what this machine can do: Python, linters, isolation, GPU, Chromium, torch, dashboard.

    Exits with 1 if something is missing that everything needs; extras only cost what they offer.
    """
    checks = []
    for check in _checks():
        checks.append(check)
        if not as_json:  # as they come: trying out every backend takes seconds
            mark = "yes" if check.works else "NO " if check.needed else "no "
            remedy = f"  ->  {check.remedy}" if check.remedy and not check.works else ""
            print(f"{mark}  {check.name:<{_WIDTH}}  {check.found}{remedy}", flush=True)
    if as_json:
        print(json_text({check.name: asdict(check) for check in checks}))
    if any(check.needed and not check.works for check in checks):
        raise typer.Exit(CHECK_FAILED)


def _checks() -> Iterator[Check]:
    version = platform.python_version()
    system = f"{platform.system()} {platform.machine()}"
    supported = sys.version_info >= (3, 11)
    yield Check("Python", supported, f"{version}, {system}", "install Python 3.11 or later", True)
    for name in LINTER_NAMES:
        if name != "none":
            yield _check_linter(name)
    yield _check_package("streamlit", "dashboard", "the dashboard")
    yield _check_package("jupyterlab", "notebooks", "the notebooks")
    yield from _check_backends()
    yield _check_browser()
    yield _check_gpu()
    yield _check_torch()


def _check_linter(name: str) -> Check:
    """It works if it finds the fault in a broken program, not if it can be imported."""
    label, needed = f"linter {name}", name in ("pyflakes", "syntax")
    try:
        linter = get_linter(name)
        findings = linter.lint(_BROKEN)
    except LinterUnavailable as error:
        _, _, remedy = str(error).partition(" is not installed: ")
        return Check(label, False, "not installed", remedy or str(error), needed)
    except (LintSeqError, Exception) as error:
        return Check(label, False, f"fails: {error}", "install it again", needed)
    found = f"{linter.version}, finds {findings[0].code}" if findings else "finds nothing"
    return Check(label, bool(findings), found, "install it again", needed)


def _check_package(package: str, extra: str, what: str) -> Check:
    import importlib.metadata  # 15 ms that no other command should pay

    remedy = f"pip install 'lintseq-core[{extra}]'"
    try:
        return Check(what, True, f"{package} {importlib.metadata.version(package)}")
    except importlib.metadata.PackageNotFoundError:
        return Check(what, False, f"{package} is not installed", remedy)


def _check_backends() -> Iterator[Check]:
    """What each backend promises and whether it holds that here and now; last the one in use."""
    from lintseq_core.execution.backends.candidates import CANDIDATES
    from lintseq_core.execution.verdict import Isolation

    found = {}
    for candidate in CANDIDATES:
        found[candidate.name] = _check_backend(candidate)
        yield found[candidate.name]
    boxes = [c.name for c in CANDIDATES if c.level >= Isolation.BOX and found[c.name].works]
    if boxes:
        yield Check("isolation", True, found[boxes[0]].found)
    else:
        yield Check("isolation", False, "L1 at most: limits, no box", found["bwrap"].remedy)


def _check_backend(candidate: Candidate) -> Check:
    from lintseq_core.execution.backends import Wasm
    from lintseq_core.execution.selfcheck import choose

    label, level = f"backend {candidate.name}", candidate.level
    try:
        if candidate.name == Wasm.name and not Wasm().is_compiled:
            return Check(label, True, f"{level} wasm: installed; the first run compiles it")
        backend, found = choose(level, candidate.name)
    except LintSeqError as error:
        return Check(label, False, f"{level} promised", str(error))
    backend.close()
    held = len(found.probes) - sum(not (probe.held and probe.control) for probe in found.probes)
    proven = f"{held} of {len(found.probes)} probes stopped that get through outside"
    bare = candidate.name == "bwrap" and "seccomp" not in found.mechanisms
    filtered = ", no system call filter on this processor" if bare else ""
    return Check(label, True, f"{backend.level} {backend.name}: {proven}{filtered}")


def _check_browser() -> Check:
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        remedy = "install Chromium (Debian: apt install chromium); only browser tests need it"
        return Check("Chromium", False, "not found", remedy)
    return Check("Chromium", True, _first_line([path, "--version"]) or path)


def _check_gpu() -> Check:
    path = shutil.which("nvidia-smi")
    query = "--query-gpu=name,memory.total"
    found = _first_line([path, query, "--format=csv,noheader"]) if path else ""
    return Check("GPU", bool(found), found or "no NVIDIA GPU found; everything small runs without")


def _check_torch() -> Check:
    import importlib.util

    if importlib.util.find_spec("torch") is None:
        return Check("torch", False, "not installed", "pip install 'lintseq-core[train]'")
    asked = "import torch; print(torch.__version__, 'CUDA' if torch.cuda.is_available() else 'CPU')"
    found = _first_line([sys.executable, "-c", asked])
    return Check("torch", bool(found), found or "does not import", "install it again")


def _first_line(command: list[str]) -> str:
    """The first line a command prints; "" if it cannot be run, fails, or takes over 30 s."""
    import subprocess

    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip().partition("\n")[0]
