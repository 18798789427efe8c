"""MBPP+ (arXiv 2305.01210): 378 problems of MBPP with corrected texts and added inputs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lintseq_core.benchmarks import mbpp
from lintseq_core.benchmarks.dataset import HubFiles, Row, field_of, load_rows, place_of
from lintseq_core.benchmarks.evalplus import Inputs, chosen_groups, has_inputs, input_tests
from lintseq_core.benchmarks.problem import BenchmarkError, Problem, ProblemSet, Tests

NAME = "mbppplus"
HUB = HubFiles("evalplus/mbppplus", "data/test-*.parquet")
PAPER_SKIPS = 100
"""Problems that the paper leaves out, from the first on: 278 remain."""

Arguments = Sequence[Any]
"""Of one call."""


def problems(path: Path | None = None, *, skip: int = 0, inputs: Inputs = "plus") -> ProblemSet:
    """The problems but the first `skip` (the paper's 100 are `PAPER_SKIPS`).

    Reads EvalPlus' release file and the Hub's rows. The latter have no base inputs apart, so they
    always count all; their tests need numpy.
    """
    files = ("MbppPlus.jsonl.gz", "MbppPlus.jsonl")
    rows = load_rows(NAME, path, file_names=files, hub=HUB)
    if not 0 <= skip <= len(rows.rows):
        raise BenchmarkError(f"mbppplus: skip = {skip}: 0 to {len(rows.rows)} problems can be left")
    all_problems = [
        _problem(row, place_of(rows, index), inputs) for index, row in enumerate(rows.rows)
    ]
    return ProblemSet(tuple(all_problems[skip:]), rows.source)


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
        benchmark=NAME,
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


def typed_inputs(number: int, inputs: Sequence[Arguments]) -> list[list[Any]]:
    """The inputs of task Mbpp/`number`, each argument with the type it had before it was JSON.

    JSON has no tuples, sets or complex numbers, and the release file does not say which lists
    were which: evalplus 0.3.1 keeps that by task number, and so must every reader.

    >>> typed_inputs(2, [[[3, 4], [4, 5]]])
    [[(3, 4), (4, 5)]]
    >>> typed_inputs(3, [[7]])
    [[7]]
    """
    convert = _BY_TASK.get(number)
    return [
        list(arguments) if convert is None else list(convert(arguments)) for arguments in inputs
    ]


def _each_tuple(arguments: Arguments) -> Arguments:
    return [tuple(argument) for argument in arguments]


def _each_list_of_tuples(arguments: Arguments) -> Arguments:
    return [_tuples(argument) for argument in arguments]


def _each_tuple_of_tuples(arguments: Arguments) -> Arguments:
    return [tuple(_tuples(argument)) for argument in arguments]


def _first_list_of_tuples(arguments: Arguments) -> Arguments:
    return [_tuples(arguments[0]), arguments[1]]


def _first_tuple(arguments: Arguments) -> Arguments:
    return [tuple(arguments[0]), *arguments[1:]]


def _second_tuple(arguments: Arguments) -> Arguments:
    return [arguments[0], tuple(arguments[1])]


def _sets(arguments: Arguments) -> Arguments:
    # An empty one comes as an empty dictionary: evalplus writes {} for it.
    return [[set(item) if isinstance(item, list) and item else {} for item in arguments[0]]]


def _float_and_complex(arguments: Arguments) -> Arguments:
    return [float(arguments[0]), complex(arguments[1])]


def _complex(arguments: Arguments) -> Arguments:
    return [complex(arguments[0])]


def _tuple_of_mixed(arguments: Arguments) -> Arguments:
    return [tuple(tuple(x) if isinstance(x, list) else x for x in arguments[0])]


def _dictionary_of_tuples(arguments: Arguments) -> Arguments:
    return [{key: tuple(value) for key, value in arguments[0].items()}, *arguments[1:]]


def _tuples_all_through(arguments: Arguments) -> Arguments:
    return [_deep_tuple(argument) for argument in arguments]


def _tuples(items: Sequence[Any]) -> list[Any]:
    return [tuple(item) for item in items]


def _deep_tuple(value: Any) -> Any:
    return tuple(_deep_tuple(item) for item in value) if isinstance(value, list) else value


_TASKS: dict[Callable[[Arguments], Arguments], tuple[int, ...]] = {
    _each_tuple: (
        *(2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596),
        *(616, 630, 726, 740, 744, 809),
    ),
    _each_list_of_tuples: (
        *(63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780),
    ),
    _each_tuple_of_tuples: (259, 401, 445),
    _first_list_of_tuples: (75, 413, 444, 753),
    _first_tuple: (250, 307, 405, 446, 617, 720, 763, 808),
    _second_tuple: (106, 750),
    _sets: (115,),
    _float_and_complex: (124,),
    _complex: (252,),
    _tuple_of_mixed: (278,),
    _dictionary_of_tuples: (722,),
    _tuples_all_through: (580, 615, 791),
}
_BY_TASK = {number: convert for convert, numbers in _TASKS.items() for number in numbers}


BENCHMARK = replace(mbpp.BENCHMARK, name=NAME, problems=problems)
