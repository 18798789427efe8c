"""MBPP: splits, prompts and which tests need the solution beside them."""

from __future__ import annotations

import pytest

from lintseq_core.benchmarks import mbpp
from lintseq_core.benchmarks.problem import BenchmarkError
from tests.unit.benchmarks.trusted import run_trusted


@pytest.fixture(scope="session")
def every(data_dir):
    return mbpp.problems(data_dir / "mbpp.jsonl", split=None)


@pytest.mark.parametrize(
    ("split", "first", "count"),
    [("prompt", 1, 10), ("test", 11, 500), ("validation", 511, 90), ("train", 601, 374)],
)
def test_splits_are_those_of_the_paper(data_dir, split, first, count):
    found = mbpp.problems(data_dir / "mbpp.jsonl", split=split)
    assert (found[0].task_id, len(found)) == (f"Mbpp/{first}", count)


def test_an_unknown_split_is_refused(data_dir):
    with pytest.raises(BenchmarkError, match="no split 'dev': one of prompt, test"):
        mbpp.problems(data_dir / "mbpp.jsonl", split="dev")


def test_references_pass_their_tests(every):
    failed = {}
    for problem in every:
        try:
            run_trusted(problem)
        except Exception as error:
            failed[problem.task_id] = repr(error)
    assert (len(every), failed) == (974, {})


def test_tests_that_hand_over_objects_run_beside_the_solution(every):
    beside = [problem.task_id for problem in every if problem.tests.kind == "in_process"]
    assert beside == ["Mbpp/367", "Mbpp/601", "Mbpp/927"]


def test_imports_of_the_reference_that_tests_call_are_given_to_them(every):
    assert every.named("Mbpp/596").tests.source.startswith("import sys\n")


def test_code_has_no_carriage_returns(every):
    assert not any("\r" in problem.reference + problem.prompt for problem in every)


@pytest.mark.parametrize(
    ("code", "start"),
    [
        ("def f(a): return a", "def f(a)"),
        ("def f(a: int = (1, 2)) -> int:\n    return a", "def f(a: int = (1, 2)) -> int"),
        ("def f(a={1: 2}, *, b=lambda: 1) :\n    return a", "def f(a={1: 2}, *, b=lambda: 1) "),
        (
            "import re\nX = 1\ndef g(): pass\ndef f(\n    a,\n):\n    return a",
            "import re\ndef f(\n    a,\n)",
        ),
    ],
)
def test_the_start_of_a_function_is_its_imports_and_its_header(code, start):
    assert mbpp.function_start(code, "f") == start
