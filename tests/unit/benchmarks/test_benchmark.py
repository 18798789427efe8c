"""What every benchmark answers, and how little a new one has to say."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from dataclasses import replace
from importlib import import_module

import pytest

from lintseq_core import benchmarks
from lintseq_core.benchmarks import (
    BENCHMARK_NAMES,
    PROMPT_STYLES,
    Benchmark,
    BenchmarkError,
    DatasetSource,
    Problem,
    ProblemSet,
    Tests,
    get_benchmark,
)
from lintseq_core.results.scores.remarks import _PROBLEMS

SOURCE = DatasetSource("doubles", "path doubles.jsonl", "", "0" * 64, 1)
PROBLEM = Problem(
    benchmark="doubles",
    task_id="Doubles/1",
    prompt="def f(x):\n",
    instruction="Write f.",
    entry_point="f",
    reference="def f(x):\n    return x + x\n",
    tests=Tests("split", "assert f(2) == 4\n", entry_points=("f",)),
)
WITH_UPSTREAM_PROMPTS = replace(
    PROBLEM, upstream_prompts=tuple((style, f"theirs, {style}") for style in PROMPT_STYLES)
)


@pytest.mark.parametrize("name", BENCHMARK_NAMES)
def test_every_benchmark_is_a_benchmark_of_its_name_and_is_found_by_it(name):
    benchmark = get_benchmark(name)
    assert isinstance(benchmark, Benchmark)
    assert benchmark.name == name


def test_every_module_with_a_benchmark_is_in_the_table():
    names = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    modules = [import_module(f"{benchmarks.__name__}.{name}") for name in names]
    assert sorted(BENCHMARK_NAMES) == sorted(
        module.BENCHMARK.name for module in modules if hasattr(module, "BENCHMARK")
    )


@pytest.mark.parametrize("name", BENCHMARK_NAMES)
@pytest.mark.parametrize("compat", [None, "upstream"])
def test_every_benchmark_names_the_styles_it_knows_where_it_is_asked_for_another(name, compat):
    with pytest.raises(BenchmarkError, match="unknown prompt style 'chat': one of completion, "):
        get_benchmark(name).prompt(WITH_UPSTREAM_PROMPTS, "chat", compat)


@pytest.mark.parametrize("name", BENCHMARK_NAMES)
def test_every_benchmark_refuses_a_harness_that_it_does_not_know(name):
    benchmark = get_benchmark(name)
    for ask in (
        lambda: benchmark.prompt(PROBLEM, "diff", "theirs"),
        lambda: benchmark.program(PROBLEM, "", "diff", "theirs"),
    ):
        with pytest.raises(BenchmarkError, match="'theirs' is neither None nor 'upstream'"):
            ask()


def test_a_benchmark_needs_a_name_and_problems_alone():
    benchmark = Benchmark("doubles", lambda path=None: ProblemSet((PROBLEM,), SOURCE))
    (problem,) = benchmark.problems()
    assert benchmark.prompt(problem, "completion") == PROBLEM.prompt
    assert benchmark.prompt(problem, "diff") == "Write f.\n<|diff|>"
    assert benchmark.prompt(WITH_UPSTREAM_PROMPTS, "diff", "upstream") == "theirs, diff"
    for compat in (None, "upstream"):
        program = benchmark.program(problem, "    return 2 * x\n", "completion", compat)
        assert program == "def f(x):\n    return 2 * x\n"


def test_some_problems_are_spread_evenly_over_all_of_them_the_first_among_them():
    named = tuple(replace(PROBLEM, task_id=f"Doubles/{i}") for i in range(200))
    problems = ProblemSet(named, SOURCE)
    ids = [problem.task_id for problem in problems.spread(10)]
    assert ids == [f"Doubles/{i}" for i in range(0, 200, 20)]
    assert list(problems.spread(200)) == list(problems)
    assert [len(problems.spread(n)) for n in (1, 7, 199)] == [1, 7, 199]
    for n in (0, 201):
        with pytest.raises(BenchmarkError, match=f"{n} tasks: doubles has 200 here; ask for 1 to"):
            problems.spread(n)


def test_an_unknown_benchmark_is_answered_with_the_names():
    with pytest.raises(BenchmarkError, match="unknown benchmark 'human': one of basics, "):
        get_benchmark("human")


def test_the_types_of_benchmarks_are_there_without_the_reader_of_answers():
    script = "import lintseq_core.benchmarks, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"lintseq_core.benchmarks.answers", "lintseq_core.programs.markdown"}.isdisjoint(loaded)


@pytest.mark.parametrize("name", ["basics", "humaneval"])
def test_a_size_that_is_named_where_problems_are_missing_is_that_of_the_benchmark(
    name: str,
) -> None:
    problems = get_benchmark(name).problems()
    (prefix,) = {problem.task_id.partition("/")[0] for problem in problems}
    assert _PROBLEMS[prefix] == len(problems)
