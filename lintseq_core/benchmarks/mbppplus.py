"""MBPP+ (arXiv 2305.01210): 378 problems of MBPP with corrected texts and added inputs."""

from __future__ import annotations

import ast
from pathlib import Path

from lintseq_core.benchmarks import mbpp
from lintseq_core.benchmarks.dataset import HubFiles, Row, field_of, load_rows, place_of
from lintseq_core.benchmarks.evalplus import Inputs, chosen_groups, has_inputs, input_tests
from lintseq_core.benchmarks.mbppplus_inputs import typed_inputs
from lintseq_core.benchmarks.problem import (
    BenchmarkError,
    Compat,
    Problem,
    ProblemSet,
    PromptStyle,
    Tests,
)

name = "mbppplus"
HUB = HubFiles("evalplus/mbppplus", "data/test-*.parquet")
PAPER_SKIPS = 100
"""Problems that the paper leaves out, from the first on: 278 remain."""


def problems(path: Path | None = None, *, skip: int = 0, inputs: Inputs = "plus") -> ProblemSet:
    """The problems but the first `skip` (the paper's 100 are `PAPER_SKIPS`).

    Reads EvalPlus' release file and the Hub's rows. The latter have no base inputs apart, so they
    always count all; their tests need numpy.
    """
    files = ("MbppPlus.jsonl.gz", "MbppPlus.jsonl")
    rows = load_rows(name, path, file_names=files, hub=HUB)
    if not 0 <= skip <= len(rows.rows):
        raise BenchmarkError(f"mbppplus: skip = {skip}: 0 to {len(rows.rows)} problems can be left")
    found = [_problem(row, place_of(rows, index), inputs) for index, row in enumerate(rows.rows)]
    return ProblemSet(tuple(found[skip:]), rows.source)


def prompt(problem: Problem, style: PromptStyle, compat: Compat | None = None) -> str:
    """As for MBPP."""
    return mbpp.prompt(problem, style, compat)


def program(
    problem: Problem,
    completion: str,
    style: PromptStyle = "completion",
    compat: Compat | None = None,
) -> str:
    """As for MBPP."""
    return mbpp.program(problem, completion, style, compat)


def _problem(row: Row, place: str, inputs: Inputs) -> Problem:
    released = has_inputs(row)
    code = field_of(row, "canonical_solution" if released else "code", str, place)
    question = field_of(row, "prompt", str, place)
    if released:
        task_id = field_of(row, "task_id", str, place)
        question = _question(question, place)
        entry_point = field_of(row, "entry_point", str, place)
        groups = [
            typed_inputs(int(task_id.removeprefix("Mbpp/")), group)
            for group in chosen_groups(row, place, inputs)
        ]
        tests = input_tests(row, place, reference=code, groups=groups)
    else:
        task_id = f"Mbpp/{field_of(row, 'task_id', object, place)}"
        source = field_of(row, "test", str, place)
        entry_point = _asked_function(field_of(row, "test_list", list, place), code, place)
        tests = Tests("split", f"{source}\n", (entry_point,), packages=("numpy",))
    asked, instruction, upstream = mbpp.asked_texts(question, code, entry_point)
    return Problem(
        benchmark=name,
        task_id=task_id,
        prompt=asked,
        instruction=instruction,
        entry_point=entry_point,
        reference=code,
        tests=tests,
        upstream_prompts=upstream,
    )


def _question(prompt: str, place: str) -> str:
    """The sentence of a released prompt, which is a docstring of it and an assert.

    The paper reads the Hub's rows, whose `prompt` is that sentence alone.
    """
    lines = prompt.strip().removeprefix('"""').removesuffix('"""').strip().split("\n")
    sentence = [line for line in lines if not line.startswith("assert")]
    if not sentence:
        raise BenchmarkError(f"{place}: no question in prompt {prompt!r:.60}")
    return "\n".join(sentence)


def _asked_function(asserts: list[str], code: str, place: str) -> str:
    """The function of `code` that the published asserts call."""
    defined = {node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)}
    tree = ast.parse("\n".join(map(str, asserts)))
    used = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    called = [used_name for used_name in used if used_name in defined]
    if not called:
        raise BenchmarkError(f"{place}: test_list calls no function of code")
    return called[0]
