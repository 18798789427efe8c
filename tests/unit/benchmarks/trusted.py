"""Runs references, which are trusted, against their tests inside this process."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any

from lintseq_core.benchmarks.problem import Problem


def run_trusted(problem: Problem, program: str | None = None) -> None:
    """Raises what the tests raise; the tests see only the entry points of the program."""
    tests = problem.tests
    space: dict[str, Any] = {"__name__": "solution"}
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # published solutions hold odd escapes and formats
        exec(compile(program or problem.reference, "<solution>", "exec"), space)
        if tests.kind == "split":
            judge: dict[str, Any] = {"__name__": "judge"}
            judge |= {name: space[name] for name in tests.entry_points}
        else:
            judge = space
        exec(compile(tests.source, "<tests>", "exec"), judge)
