"""BigCodeBench (arXiv 2406.15877): 1,140 functions that call many libraries, with unittests."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from lintseq_core.benchmarks.answers import answered_code, put_under
from lintseq_core.benchmarks.benchmark import Benchmark
from lintseq_core.benchmarks.dataset import HubFiles, Row, field_of, load_rows, place_of
from lintseq_core.benchmarks.problem import (
    BenchmarkError,
    Problem,
    ProblemSet,
    PromptStyle,
    Tests,
)

NAME = "bigcodebench"
HUB = HubFiles("bigcode/bigcodebench", "data/v0.1.2-*.parquet")


def problems(path: Path | None = None) -> ProblemSet:
    """The problems, "Complete" and "Instruct" in one: `prompt` and `instruction`."""
    rows = load_rows(NAME, path, file_names=("BigCodeBench.jsonl",), hub=HUB)
    all_problems = (_problem(row, place_of(rows, index)) for index, row in enumerate(rows.rows))
    return ProblemSet(tuple(all_problems), rows.source)


def calibrated_program(problem: Problem, completion: str, style: PromptStyle) -> str:
    """The code that was written, below the prompt or, in an answer, below an empty function.

    The latter is what BigCodeBench calls calibrated: imports of the instruction count as given.
    """
    given = problem.prompt if style == "completion" else problem.preamble
    return put_under(given, answered_code(completion, style))


def _problem(row: Row, place: str) -> Problem:
    text = field_of(row, "complete_prompt", str, place)
    entry_point = field_of(row, "entry_point", str, place)
    test = field_of(row, "test", str, place)
    _check_tests(test, place)
    return Problem(
        benchmark=NAME,
        task_id=field_of(row, "task_id", str, place),
        prompt=text,
        instruction=field_of(row, "instruct_prompt", str, place),
        entry_point=entry_point,
        reference=text + field_of(row, "canonical_solution", str, place),
        tests=Tests(
            "in_process",
            test,
            entry_points=(entry_point,),
            packages=_libraries(row, place),
        ),
        preamble=field_of(row, "code_prompt", str, place) + "\n    pass\n",
    )


def _check_tests(test: str, place: str) -> None:
    """Raise unless `test` has what will be run, and counted: the unittest class TestCases."""
    try:
        tree = ast.parse(test)
    except SyntaxError as error:
        raise BenchmarkError(f"{place}: test does not parse: {error}") from None
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "TestCases" and node.bases:
            methods = (item.name for item in node.body if isinstance(item, ast.FunctionDef))
            if any(method.startswith("test") for method in methods):
                return
    raise BenchmarkError(f"{place}: test has no unittest class TestCases with tests")


def _libraries(row: Row, place: str) -> tuple[str, ...]:
    """`libs`, a list written as Python or JSON text, without the standard library."""
    text = field_of(row, "libs", object, place)
    try:
        libraries = ast.literal_eval(text) if isinstance(text, str) else text
    except (ValueError, SyntaxError):
        libraries = None
    if not isinstance(libraries, list) or not all(isinstance(item, str) for item in libraries):
        raise BenchmarkError(f"{place}: libs is {text!r:.60}, not a list of names")
    top_level_names = {library.split(".")[0] for library in libraries}
    return tuple(sorted(top_level_names - sys.stdlib_module_names))


BENCHMARK = Benchmark(NAME, problems, calibrated_program)
