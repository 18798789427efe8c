"""Does the isolation hold here and now? Twelve probes in the box, with a control outside it."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import secrets
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintseq_core.execution.backends import Backend, IsolationError, Job, LimitsOnly
from lintseq_core.execution.backends.candidates import CANDIDATES
from lintseq_core.execution.harness.box import Box
from lintseq_core.execution.harness.starting import BoxError
from lintseq_core.execution.inside import protocol
from lintseq_core.execution.limits import MIB, Limits
from lintseq_core.execution.verdict import Isolation, printable

PROBE_NAMES = (
    "read_file",
    "read_environment",
    "connect_loopback",
    "connect_abstract_socket",
    "write_outside",
    "signal_process",
    "trace_process",
    "new_user_namespace",
    "mount_something",
    "leave_orphan",
    "take_memory",
    "start_processes",
)
_LIMITS = Limits(cpu_s=3.0, memory_bytes=256 * MIB)
_NO_LIMITS = Limits(cpu_s=60.0, wall_s=60.0, memory_bytes=1 << 40, processes=10_000)
_HELD_AT = {
    Isolation.BARE: frozenset[str](),
    Isolation.LIMITS: frozenset({"read_environment", "leave_orphan", "take_memory"}),
    Isolation.BOX: frozenset(PROBE_NAMES),
    # A namespace made there is one of that kernel's, which has nothing of ours to give.
    Isolation.OTHER_KERNEL: frozenset(PROBE_NAMES) - {"new_user_namespace"},
}


@dataclass(frozen=True, slots=True)
class Probe:
    """One attempt: whether the box stopped it, and whether it works where nothing stops it."""

    name: str
    held: bool
    control: bool
    """False: it fails without a box too, so that `held` says nothing about the box."""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What was found, for run records."""

    backend: str
    isolation: Isolation
    mechanisms: tuple[str, ...]
    kernel: str
    probes: tuple[Probe, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        """Probes that got through although the level promises to stop them."""
        promised = _HELD_AT[self.isolation]
        return tuple(
            probe.name for probe in self.probes if probe.name in promised and not probe.held
        )

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "backend": self.backend,
            "isolation": str(self.isolation),
            "mechanisms": list(self.mechanisms),
            "kernel": self.kernel,
            "probes": {p.name: {"held": p.held, "control": p.control} for p in self.probes},
        }


_PROVEN: ContextVar[dict[tuple[str, int], SelfCheck] | None] = ContextVar("proven", default=None)
"""What was found inside `proven_once`; None outside."""


def check(backend: Backend) -> SelfCheck:
    """Run all probes in `backend` and without it."""
    bare = LimitsOnly(Isolation.BARE)
    try:
        with _surroundings() as asked:
            inside = _reached(backend, asked, _LIMITS)
            Path(asked["outside"]).unlink(missing_ok=True)
            outside = _reached(bare, asked, _NO_LIMITS)
    finally:
        bare.close()
    probes = tuple(
        Probe(name, held=not inside.get(name, False), control=outside.get(name, False))
        for name in PROBE_NAMES
    )
    return SelfCheck(
        backend.name,
        backend.level,
        backend.mechanisms(),
        f"{platform.system()} {platform.release()} {platform.machine()}",
        probes,
    )


def choose(least: Isolation, name: str | None = None) -> tuple[Backend, SelfCheck]:
    """The first backend here that holds what its level promises, at least `least`.

    With `name`, that backend or none. Raises IsolationError with the remedy; a weaker level is
    never taken instead.
    """
    reasons: list[str] = []
    for candidate in CANDIDATES:
        if name is not None and candidate.name != name:
            continue
        if candidate.level < least and name is None:
            continue
        if candidate.level < least:
            raise IsolationError(
                f"{name} gives isolation {candidate.level}, less than {least}: accept that with "
                f"--min-isolation {candidate.level}, or leave --backend away"
            )
        for number, make in enumerate(candidate.makers()):
            try:
                return _proven(make, (candidate.name, number))
            except IsolationError as error:
                reasons.append(str(error))
    if name is not None:
        raise IsolationError("; ".join(dict.fromkeys(reasons)))
    why = "; ".join(dict.fromkeys(reasons)) or "no backend here reaches it"
    weaker = ""
    if least > Isolation.BOX:
        weaker = " Or accept less: --min-isolation L3 is a box that this kernel keeps"
    elif least > Isolation.LIMITS:
        weaker = " Or accept less: --min-isolation L1 sets limits but keeps a program from nothing"
    raise IsolationError(f"isolation {least} cannot be had: {why}.{weaker}")


@contextlib.contextmanager
def proven_once() -> Iterator[None]:
    """Inside, a backend that held is not probed again: for several commands of one short run."""
    token = _PROVEN.set({})
    try:
        yield
    finally:
        _PROVEN.reset(token)


def _proven(make: Callable[[], Backend], name: tuple[str, int]) -> tuple[Backend, SelfCheck]:
    """A new backend and what was found about it; raises IsolationError if it does not hold.

    `name` tells it from other backends: its candidate's, and which of the ways to make that it is.
    """
    backend, known = make(), _PROVEN.get()
    if known is not None and name in known:
        return backend, known[name]
    try:
        found = check(backend)
        if found.broken:
            raise IsolationError(f"{backend.name} does not hold {', '.join(found.broken)}")
    except BoxError as error:
        backend.close()
        raise IsolationError(_explained(backend.name, str(error))) from error
    except IsolationError:
        backend.close()
        raise
    if known is not None:
        known[name] = found
    return backend, found


def _explained(name: str, error: str) -> str:
    if name == "bwrap" and re.search(r"namespace|uid map|Operation not permitted|loopback", error):
        return (
            f"this system refuses user namespaces to bwrap ({printable(error, 120)}): allow them "
            "(Ubuntu 24.04: install the system's bubblewrap with its AppArmor profile, or sysctl "
            "kernel.apparmor_restrict_unprivileged_userns=0; Docker: --security-opt "
            "seccomp=unconfined --security-opt apparmor=unconfined)"
        )
    return f"{name} cannot be used: {printable(error, 200)}"


@contextlib.contextmanager
def _surroundings() -> Iterator[dict[str, Any]]:
    """Things outside the box to reach for; all gone afterwards."""
    secret, variable = secrets.token_hex(8), "LINTSEQ_CANARY"
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lintseq-canary-")))
        (folder / "canary").write_text(secret)
        (folder / "mount").mkdir()
        loopback = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        name = f"lintseq-canary-{secret}"
        abstract.bind("\0" + name)
        abstract.listen()
        # It reads until there is nobody left to write: a kill of ours ends it too.
        sleeper = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        stack.enter_context(sleeper)
        stack.callback(sleeper.kill)
        os.environ[variable] = secret
        stack.callback(os.environ.pop, variable, None)
        yield {
            "file": str(folder / "canary"),
            "secret": secret,
            "variable": variable,
            "port": loopback.getsockname()[1],
            "abstract": name,
            "outside": str(folder / "written"),
            "pid": sleeper.pid,
            "start": Path(f"/proc/{sleeper.pid}/stat").read_text().rpartition(")")[2].split()[19],
            "mount_on": str(folder / "mount"),
            "memory_bytes": 400 * MIB,
            "processes": _LIMITS.processes + 40,
        }


def _reached(backend: Backend, asked: dict[str, Any], limits: Limits) -> dict[str, bool]:
    """Which probes got through in `backend`."""
    source = (Path(__file__).parent / "inside" / "probes.py").read_text(encoding="utf-8")
    source = source.replace("(ASKED)", f"({asked!r})")
    with Box(backend, Job("child", limits)) as box:
        job = {
            "mode": "stdio",
            "source": source,
            "names": [],
            "folder": box.launch.folder,
            "paths": [],
            "limits": dict(box.launch.limits),
        }
        box.begin(protocol.encode(job))
        box.wait_exit()
        if not box.said_hello:
            raise BoxError(box.stderr.text() or "the box does not start")
        orphan_lives = not box.outputs_closed
        text, errors = box.stdout.text(), box.stderr.text()
    found: dict[str, bool] = {}
    for line in text.splitlines():
        try:
            name, reached, _ = json.loads(line)
        except (ValueError, TypeError):
            raise BoxError(f"the probes say {printable(line, 80)!r}") from None
        found[name] = reached
    if not found:  # nothing tried is nothing held
        said = printable(errors) or f"status {box.exit_status}"
        raise BoxError(f"the probes do not run: {said}")
    found["write_outside"] = Path(asked["outside"]).exists()
    found["leave_orphan"] = found.get("leave_orphan", False) and orphan_lives
    return found
