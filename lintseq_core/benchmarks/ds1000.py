"""DS-1000 (arXiv 2211.11501): 1,000 snippets for numpy, pandas and five more libraries.

In the authors' simplified format: `code_context` defines `test_execution(code)`, and for some
problems `test_string(code)`, which take the snippet as text and put it into a program of their own.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from lintseq_core.benchmarks.answers import answered_code
from lintseq_core.benchmarks.benchmark import Benchmark
from lintseq_core.benchmarks.dataset import HubFiles, Row, field_of, load_rows, place_of
from lintseq_core.benchmarks.problem import (
    BenchmarkError,
    Problem,
    ProblemSet,
    PromptStyle,
    Tests,
)

NAME = "ds1000"
HUB = HubFiles("xlangai/DS-1000", "test.jsonl")
IMPORT_NAMES = {
    "Matplotlib": "matplotlib",
    "Numpy": "numpy",
    "Pandas": "pandas",
    "Pytorch": "torch",
    "Scipy": "scipy",
    "Sklearn": "sklearn",
    "Tensorflow": "tensorflow",
}


def problems(path: Path | None = None) -> ProblemSet:
    """The 1,000 problems; ids are "DS-1000/0" to "DS-1000/999"."""
    files = ("ds1000.jsonl.gz", "ds1000.jsonl")
    rows = load_rows(NAME, path, file_names=files, hub=HUB)
    all_problems = (_problem(row, place_of(rows, index)) for index, row in enumerate(rows.rows))
    return ProblemSet(tuple(all_problems), rows.source)


def holding_program(problem: Problem, completion: str, style: PromptStyle) -> str:
    """A program that holds the snippet as text, `code = '...'`, as the tests want it."""
    return _holding(snippet(completion, style))


def snippet(completion: str, style: PromptStyle = "completion") -> str:
    """The code of a completion: up to the end marks of the prompts, without fences.

    >>> snippet("result = df.sum()\\n</code>\\nEND SOLUTION")
    'result = df.sum()\\n'
    """
    text = answered_code(completion, style)
    text = text.split("</code>")[0].split("\nEND SOLUTION")[0]
    if style == "completion":
        text = text.replace("```python", "").split("```")[0]
    return text.replace("<code>", "")


def _problem(row: Row, place: str) -> Problem:
    metadata = field_of(row, "metadata", dict, place)
    number = field_of(metadata, "problem_id", object, f"{place}, metadata")
    library = field_of(metadata, "library", str, f"{place}, metadata")
    if library not in IMPORT_NAMES:
        raise BenchmarkError(f"{place}: unknown library {library!r}: one of {list(IMPORT_NAMES)}")
    context = field_of(row, "code_context", str, place)
    text = field_of(row, "prompt", str, place)
    calls = "test_execution(code)\n"
    if "test_string(" in context:
        calls += "test_string(code)\n"
    return Problem(
        benchmark=NAME,
        task_id=f"DS-1000/{number}",
        prompt=text,
        instruction=text,
        entry_point="",
        reference=_holding(field_of(row, "reference_code", str, place)),
        tests=Tests(
            "in_process",
            f"{context}\n{calls}",
            entry_points=("code",),
            packages=_packages(context, library, place),
        ),
    )


def _holding(code: str) -> str:
    return f"code = {code!r}\n"


def _packages(context: str, library: str, place: str) -> tuple[str, ...]:
    """Import names of the library and of what the tests import themselves."""
    try:
        tree = ast.parse(context)
    except SyntaxError as error:
        raise BenchmarkError(f"{place}: code_context does not parse: {error}") from None
    imported = {IMPORT_NAMES[library]}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.split(".")[0])
    return tuple(sorted(imported - sys.stdlib_module_names))


BENCHMARK = Benchmark(NAME, problems, holding_program)
