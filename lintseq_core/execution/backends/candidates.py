"""The backends there are, in the order in which they are tried."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from lintseq_core.execution.backends import (
    Backend,
    Bwrap,
    Container,
    IsolationError,
    LimitsOnly,
    Wasm,
    bwrap_programs,
)
from lintseq_core.execution.verdict import Isolation

NEEDS_LINUX = "bubblewrap needs Linux: use --backend docker or podman, on Windows inside WSL 2"
NEEDS_UNIX = "limits need the processes of Unix: use --backend docker, or Linux inside WSL 2"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A kind of backend, made only when it is asked for."""

    name: str
    level: Isolation
    makers: Callable[[], Iterator[Callable[[], Backend]]]
    """Ways to make it, the best first; each raises IsolationError where it cannot be had."""


def _refused(why: str) -> Backend:
    raise IsolationError(why)


def _bwrap() -> Iterator[Callable[[], Backend]]:
    if sys.platform != "linux":
        yield partial(_refused, NEEDS_LINUX)
        return
    for program in bwrap_programs() or [""]:
        yield partial(Bwrap, program)


def _gvisor() -> Iterator[Callable[[], Backend]]:
    yield partial(Container, "docker", "runsc")
    yield partial(Container, "podman", "runsc")


def _limits() -> Iterator[Callable[[], Backend]]:
    if sys.platform == "win32":
        yield partial(_refused, NEEDS_UNIX)
        return
    yield LimitsOnly


CANDIDATES = (
    Candidate("bwrap", Isolation.BOX, _bwrap),
    Candidate("docker", Isolation.BOX, lambda: iter([partial(Container, "docker")])),
    Candidate("podman", Isolation.BOX, lambda: iter([partial(Container, "podman")])),
    Candidate("gvisor", Isolation.OTHER_KERNEL, _gvisor),
    Candidate("wasm", Isolation.OTHER_KERNEL, lambda: iter([Wasm])),
    Candidate("limits", Isolation.LIMITS, _limits),
)
BACKENDS = tuple(candidate.name for candidate in CANDIDATES)
