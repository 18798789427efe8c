"""How a program ends: by the builtins of an ordinary interpreter, with a status, or by accident."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lintseq_core.benchmarks.problem import Tests
from lintseq_core.execution import pool
from lintseq_core.execution.backends import Backend, IsolationError, LimitsOnly
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.pool import Task
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation, Outcome

PRINTS = Tests("stdio", cases=(("4\n", "YES\n"), ("6\n", "yes\n")))
ADDS = Tests("split", "assert solve(1, 2) == 3\n", entry_points=("solve",))
ADDS_BESIDE = Tests("in_process", "assert solve(1, 2) == 3\n", entry_points=("solve",))
RIGHT = "def solve(x, y):\n    return x + y\n"


@pytest.fixture(scope="module", params=["box", "limits"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    if request.param == "limits":
        backend: Backend = LimitsOnly()
    else:
        try:
            backend, _ = choose(Isolation.BOX)
        except IsolationError as error:
            pytest.skip(f"no box on this machine: {error}")
    yield backend
    backend.close()


def outcomes(backend: Backend, tasks: list[tuple[str, Tests]]) -> list[Outcome]:
    found: dict[int, Outcome] = {}
    made = [Task(number, source, tests) for number, (source, tests) in enumerate(tasks)]
    pool.run(made, backend, found.__setitem__, workers=2, limits=Limits(cpu_s=2.0))
    return [found[number] for number in range(len(made))]


RIGHT_ENDS = (
    "exit()",
    "quit()",
    "exit(0)",
    "quit(None)",
    "exit(False)",
    "import sys; sys.exit()",
    "import sys; sys.exit(0)",
    "raise SystemExit",
    "raise SystemExit(0)",
    "import os, sys; sys.stdout.flush(); os._exit(0)",
    "__import__('builtins').exit()",
    "eval('ex' + 'it')()",
    "import atexit; atexit.register(print, end=''); exit()",
    "try: exit()\nexcept Exception as error: print(error)",
    "h = help, license, credits, copyright, exit, quit",
    "print('', end='', file=open('/dev/null', 'w')) if str(exit) + str(license) else 1 / 0",
)
WRONG_ENDS = {
    "exit(1)": "exit status 1",
    "quit(3)": "exit status 3",
    "exit(True)": "exit status 1",
    "exit(-1)": "exit status 255",
    "raise SystemExit(2**70)": "exit status 255",
    "exit(0.0)": "SystemExit: 0.0",
    "exit('all is well')": "SystemExit: all is well",
    "exit('')": "SystemExit",
    "exit([])": "SystemExit: []",
    "raise SystemExit(0, 0)": "SystemExit: (0, 0)",
    "import sys; sys.exit('no')": "SystemExit: no",
    "import os, sys; sys.stdout.flush(); os._exit(7)": "exit status 7",
}


def test_a_program_that_leaves_with_status_0_is_judged_by_its_output(backend: Backend) -> None:
    tasks = [(f"print('YES')\n{end}\n", PRINTS) for end in RIGHT_ENDS]
    tasks += [(f"print('NO')\n{end}\n", PRINTS) for end in RIGHT_ENDS]
    told = [outcome.verdict for outcome in outcomes(backend, tasks)]
    assert told == ["passed"] * len(RIGHT_ENDS) + ["wrong_answer"] * len(RIGHT_ENDS)


def test_a_program_that_leaves_with_another_status_or_a_text_exited_early(
    backend: Backend,
) -> None:
    found = outcomes(backend, [(f"print('YES')\n{end}\n", PRINTS) for end in WRONG_ENDS])
    for (end, detail), outcome in zip(WRONG_ENDS.items(), found, strict=True):
        assert outcome.verdict == "exited_early", (end, outcome)
        assert outcome.detail.rstrip(": ") == f"case 1: {detail}", end


@pytest.mark.parametrize("tests", [ADDS, ADDS_BESIDE], ids=["split", "beside"])
def test_a_function_that_leaves_has_not_answered(backend: Backend, tests: Tests) -> None:
    ends = ("exit()", "quit()", "exit(0)", "raise SystemExit", "import sys; sys.exit(0)")
    called = [(f"def solve(x, y):\n    {end}\n    return x + y\n", tests) for end in ends]
    assert {o.verdict for o in outcomes(backend, called)} == {"exception"}
    loaded = [(f"{RIGHT}{end}\n", tests) for end in ends]
    assert {o.verdict for o in outcomes(backend, loaded)} == {"exited_early"}


@pytest.mark.parametrize("tests", [ADDS, ADDS_BESIDE], ids=["split", "beside"])
@pytest.mark.parametrize("name", ["exit", "quit", "help", "license", "credits", "copyright"])
def test_a_name_that_an_ordinary_interpreter_has_may_be_mentioned(
    backend: Backend, tests: Tests, name: str
) -> None:
    uses = (
        f"{RIGHT}    # {name}\n_ = {name}, repr({name})\n",
        f"def solve(x, y):\n    if x is None:\n        {name}()\n    try:\n        return x + y\n"
        f"    finally:\n        kept = {name}\n",
        f"{RIGHT}if __name__ == '__main__':\n    {name}()\n",
        f"{RIGHT}{name} = None\n",
    )
    found = outcomes(backend, [(use, tests) for use in uses])
    assert [outcome.verdict for outcome in found] == ["passed"] * len(uses)


def test_tests_may_mention_them_too(backend: Backend) -> None:
    names = "(exit, quit, help, license, credits, copyright)"
    tests = Tests("split", f"assert len({names}) == 6 * solve(0, 1)\n", entry_points=("solve",))
    (outcome,) = outcomes(backend, [(RIGHT, tests)])
    assert outcome.verdict == "passed"
