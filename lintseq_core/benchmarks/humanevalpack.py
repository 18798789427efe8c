"""HumanEvalPack, Python (arXiv 2308.07124): HumanEval with an instruction for each problem."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lintseq_core.benchmarks import humaneval
from lintseq_core.benchmarks.dataset import HubFiles, Row, field_of, load_rows, place_of
from lintseq_core.benchmarks.problem import Problem, ProblemSet, Tests

NAME = "humanevalpack"
HUB = HubFiles("bigcode/humanevalpack", "data/python/data/humanevalpack.jsonl")


def problems(path: Path | None = None) -> ProblemSet:
    """The 164 problems, with HumanEval's tests as this data set has them."""
    files = ("humanevalpack_python.jsonl", "humanevalpack.jsonl")
    rows = load_rows(NAME, path, file_names=files, hub=HUB)
    all_problems = [_problem(row, place_of(rows, index)) for index, row in enumerate(rows.rows)]
    return ProblemSet(tuple(all_problems), rows.source)


def instructions(path: Path | None = None) -> dict[str, str]:
    """The instruction of each problem by HumanEval's id: what the paper's models are asked."""
    return {
        problem.task_id.replace("Python/", "HumanEval/"): problem.instruction
        for problem in problems(path)
    }


def _problem(row: Row, place: str) -> Problem:
    text = field_of(row, "prompt", str, place)
    entry_point = field_of(row, "entry_point", str, place)
    given = humaneval.given_definitions(text, entry_point, place)
    # Their `test` ends with the call of `check`.
    source = given + field_of(row, "test", str, place) + "\n"
    return Problem(
        benchmark=NAME,
        task_id=field_of(row, "task_id", str, place),
        prompt=text,
        instruction=field_of(row, "instruction", str, place),
        entry_point=entry_point,
        reference=text + field_of(row, "canonical_solution", str, place),
        tests=Tests("split", source, entry_points=(entry_point,)),
    )


BENCHMARK = replace(humaneval.BENCHMARK, name=NAME, problems=problems)
