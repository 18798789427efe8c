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
    LimitsOnly,
    Wasm,
    bwrap_programs,
)
from lintseq_core.execution.verdict import Isolation


@dataclass(frozen=True, slots=True)
class Candidate:
    """A kind of backend, made only when it is asked for."""

    name: str
    level: Isolation
    makers: Callable[[], Iterator[Callable[[], Backend]]]
    """Ways to make it, the best first; each raises IsolationError where it cannot be had."""


def _bwrap() -> Iterator[Callable[[], Backend]]:
    for program in bwrap_programs() or [""]:
        yield partial(Bwrap, program)


def _gvisor() -> Iterator[Callable[[], Backend]]:
    yield partial(Container, "docker", "runsc")
    yield partial(Container, "podman", "runsc")


def _limits() -> Iterator[Callable[[], Backend]]:
    if sys.platform != "win32":
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
