"""A benchmark problem, and what decides whether a program solves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

TestKind = Literal["split", "stdio", "in_process"]
PromptStyle = Literal["completion", "instruction", "diff"]


@dataclass(frozen=True, slots=True)
class Tests:
    """What the judge runs. The solution never sees any of it where `kind` is "split" or "stdio"."""

    kind: TestKind
    """"split": `source` runs in the judge, with a proxy for each of `entry_points`; calls and
    results cross as data. "stdio": each of `cases` is one run of the program. "in_process": the
    tests run beside the solution, because their values cannot cross (arrays, data frames)."""
    source: str = ""
    """Python that raises where the solution is wrong. With "split", it calls the proxies."""
    entry_points: tuple[str, ...] = ()
    """Names the solution must define."""
    cases: tuple[tuple[str, str], ...] = ()
    """Standard input and the output it asks for."""
    packages: tuple[str, ...] = ()
    """Import names beyond the standard library that solution or tests need (numpy ...)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem; texts as the benchmark publishes them."""

    benchmark: str
    task_id: str
    prompt: str
    """What a base model continues, or the question in words."""
    instruction: str
    """What an instruction model is asked; the prompt where the benchmark has no other."""
    entry_point: str
    """The function asked for; "" where the program is run as a whole."""
    reference: str
    """A whole program that solves it; "" if none is published."""
    tests: Tests
    cpu_limit_s: float | None = None
    """CPU seconds a solution may take; None: from the reference, measured on this machine."""


class Benchmark(Protocol):
    """What each module of `lintseq_core.benchmarks` offers."""

    name: str

    def problems(self) -> Sequence[Problem]:
        """All problems, in the benchmark's order."""
        ...

    def prompt(self, problem: Problem, style: PromptStyle) -> str:
        """The text a model is given; "diff" ends in the edit marker (paper, evaluation)."""
        ...

    def program(self, problem: Problem, completion: str) -> str:
        """The program to run for what a model wrote."""
        ...
