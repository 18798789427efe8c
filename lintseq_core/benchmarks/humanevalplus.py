"""HumanEval+ (arXiv 2305.01210): HumanEval with about 80 times as many inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lintseq_core.benchmarks import humaneval
from lintseq_core.benchmarks.dataset import HubFiles, Row, field_of, load_rows, place_of
from lintseq_core.benchmarks.evalplus import Inputs, chosen_groups, has_inputs, input_tests
from lintseq_core.benchmarks.problem import Problem, ProblemSet

NAME = "humanevalplus"
HUB = HubFiles("evalplus/humanevalplus", "data/test-*.parquet")


def problems(
    path: Path | None = None,
    *,
    inputs: Inputs = "plus",
    instructions: Mapping[str, str] | None = None,
) -> ProblemSet:
    """The 164 problems, with the base inputs or those and the added ones.

    `instructions` as for `humaneval.problems`. The Hub's rows have no base inputs apart, so they
    always count all; their tests need numpy.
    """
    files = ("HumanEvalPlus.jsonl.gz", "HumanEvalPlus.jsonl")
    rows = load_rows(NAME, path, file_names=files, hub=HUB)
    all_problems = [
        _problem(row, place_of(rows, index), inputs) for index, row in enumerate(rows.rows)
    ]
    if instructions is not None:
        all_problems = [humaneval.instructed(problem, instructions) for problem in all_problems]
    return ProblemSet(tuple(all_problems), rows.source)


def _problem(row: Row, place: str, inputs: Inputs) -> Problem:
    text = field_of(row, "prompt", str, place)
    reference = text + field_of(row, "canonical_solution", str, place)
    entry_point = field_of(row, "entry_point", str, place)
    if has_inputs(row):
        groups = chosen_groups(row, place, inputs)
        tests = input_tests(row, place, reference=reference, groups=groups)
    else:
        given = humaneval.given_definitions(text, entry_point, place)
        tests = humaneval.check_tests(field_of(row, "test", str, place), entry_point, given)
        tests = replace(tests, packages=("numpy",))
    return Problem(
        benchmark=NAME,
        task_id=field_of(row, "task_id", str, place),
        prompt=text,
        instruction=text,
        entry_point=entry_point,
        reference=reference,
        tests=tests,
    )


BENCHMARK = replace(humaneval.BENCHMARK, name=NAME, problems=problems)
