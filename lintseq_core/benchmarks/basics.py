"""Basics: 24 problems of this project's own, easy to medium, that come with it under its licence.

For lessons, for the traces that ship, and for trying things out without a download. Rows in the
layout of HumanEval, with an instruction beside; see assets/problems/README.md.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lintseq_core.benchmarks import humaneval
from lintseq_core.benchmarks.dataset import field_of, load_rows, place_of
from lintseq_core.benchmarks.problem import BenchmarkError, ProblemSet

NAME = "basics"
FILE = Path("assets", "problems", "problems.jsonl")


def problems(path: Path | None = None) -> ProblemSet:
    """The 24 problems, or those of another file in the same layout."""
    rows = load_rows(NAME, path, file_names=(), package=packaged_file)
    all_problems = []
    for index, row in enumerate(rows.rows):
        place = place_of(rows, index)
        instruction = field_of(row, "instruction", str, place)
        all_problems.append(humaneval.problem_of(row, place, NAME, instruction=instruction))
    return ProblemSet(tuple(all_problems), rows.source)


def packaged_file() -> tuple[Path, str, str]:
    """The file of a checkout or of the wheel, with the package's name and version."""
    from lintseq_core import __version__

    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_explorer", package.parent):
        if (folder / FILE).is_file():
            return folder / FILE, "lintseq-core", __version__
    raise BenchmarkError(
        f"{package}: {FILE.as_posix()} is missing; install lintseq-core from its wheel or a "
        "checkout"
    )


BENCHMARK = replace(humaneval.BENCHMARK, name=NAME, problems=problems)
