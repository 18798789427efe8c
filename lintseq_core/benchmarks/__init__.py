"""Benchmarks: problems, prompts, programs and tests, one module each."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from lintseq_core.benchmarks.problem import (
    PROMPT_STYLES,
    Benchmark,
    BenchmarkError,
    DatasetSource,
    Problem,
    ProblemSet,
    PromptStyle,
    Tests,
)

BENCHMARK_NAMES = (
    "basics",
    "humaneval",
    "humanevalplus",
    "humanevalpack",
    "mbpp",
    "mbppplus",
    "ds1000",
    "bigcodebench",
    "codecontests",
)


def get_benchmark(name: str) -> Benchmark:
    """The benchmark called `name`; BenchmarkError lists those there are."""
    if name not in BENCHMARK_NAMES:
        raise BenchmarkError(f"unknown benchmark {name!r}: one of {', '.join(BENCHMARK_NAMES)}")
    return cast(Benchmark, import_module(f"lintseq_core.benchmarks.{name}"))


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
