"""The problems that ship: solvable, not trivially so, and nobody else's."""

from __future__ import annotations

import pytest

from lintseq_core.benchmarks import basics, humaneval
from lintseq_core.data.overlap.problems import load_fingerprints
from lintseq_core.execution import pool
from lintseq_core.execution.backends import IsolationError
from lintseq_core.execution.pool import Task
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation, Outcome
from lintseq_core.linting import get_linter

HUMANEVAL = humaneval.problems()
PROBLEMS = basics.problems()
README = (basics.packaged_file()[0].parent / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_each_problem_once() -> None:
    rows = README.partition("|---|---|\n")[2].split("\n")
    names = [name for row in rows if row for name in row.split("|")[2].strip().split(", ")]
    assert sorted(names) == sorted(problem.entry_point for problem in PROBLEMS)
    assert len(PROBLEMS) == 24


def test_references_pass_and_doing_nothing_does_not() -> None:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    sources = [problem.reference for problem in PROBLEMS]
    sources += [basics.BENCHMARK.program(problem, "    return None\n") for problem in PROBLEMS]
    tasks = [Task(n, source, PROBLEMS[n % 24].tests) for n, source in enumerate(sources)]
    found: dict[int, Outcome] = {}
    pool.run(tasks, backend, found.__setitem__, workers=2)
    backend.close()
    assert [found[n].verdict for n in range(24)] == ["passed"] * 24
    assert "passed" not in {found[n].verdict for n in range(24, 48)}


def test_references_are_free_of_findings() -> None:
    pyflakes = get_linter("pyflakes")
    assert [list(pyflakes.lint(problem.reference)) for problem in PROBLEMS] == [[]] * 24


def test_none_is_a_problem_of_humaneval_or_mbpp() -> None:
    """As mining leaves such functions out: by solution, code and description."""
    known = load_fingerprints()
    assert known.find(HUMANEVAL[0].reference, "") is not None
    found = [known.find(problem.reference, problem.instruction) for problem in PROBLEMS]
    assert found == [None] * 24
