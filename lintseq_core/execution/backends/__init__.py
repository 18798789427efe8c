"""Ways to run a program apart, one interface; each says how far apart."""

from lintseq_core.execution.backends.bwrap import MECHANISMS, WATCHED, Bwrap, bwrap_programs
from lintseq_core.execution.backends.container import Container
from lintseq_core.execution.backends.interface import (
    ENVIRONMENT,
    Backend,
    IsolationError,
    Job,
    Launch,
    Told,
    limits_of_process,
)
from lintseq_core.execution.backends.limits import LimitsOnly
from lintseq_core.execution.backends.wasm import Wasm

__all__ = [
    "ENVIRONMENT",
    "MECHANISMS",
    "WATCHED",
    "Backend",
    "Bwrap",
    "Container",
    "IsolationError",
    "Job",
    "Launch",
    "LimitsOnly",
    "Told",
    "Wasm",
    "bwrap_programs",
    "limits_of_process",
]
