"""Benchmarks: problems, prompts, programs and tests, one module each with one `BENCHMARK`."""

from __future__ import annotations

from importlib import import_module

from lintseq_core.benchmarks.benchmark import Benchmark
from lintseq_core.benchmarks.problem import (
    PROMPT_STYLES,
    BenchmarkError,
    DatasetSource,
    Problem,
    ProblemSet,
    PromptStyle,
    Tests,
)

BENCHMARK_NAMES = (  # one line for each module, in the order that commands list them
    "basics",
    "humaneval",
    "humanevalplus",
    "humanevalpack",
    "mbpp",
    "mbppplus",
    "ds1000",
    "bigcodebench",
    "codecontests",
    "pocket",
)


def get_benchmark(name: str) -> Benchmark:
    """The benchmark called `name`; BenchmarkError lists those there are."""
    if name not in BENCHMARK_NAMES:
        raise BenchmarkError(f"unknown benchmark {name!r}: one of {', '.join(BENCHMARK_NAMES)}")
    benchmark: Benchmark = import_module(f"lintseq_core.benchmarks.{name}").BENCHMARK
    return benchmark


__all__ = [
    "BENCHMARK_NAMES",
    "PROMPT_STYLES",
    "Benchmark",
    "BenchmarkError",
    "DatasetSource",
    "Problem",
    "ProblemSet",
    "PromptStyle",
    "Tests",
    "get_benchmark",
]
