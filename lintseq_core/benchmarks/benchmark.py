"""What a benchmark is: its problems, the prompts for them, and the program in what a model writes.

A benchmark is one module with one instance, `BENCHMARK`, and one line in `BENCHMARK_NAMES`.
`answers` is imported where it is used: its patterns take 10 ms to compile, and most modules that
import this one need its names alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lintseq_core.benchmarks.problem import (
    BenchmarkError,
    Compat,
    Problem,
    ProblemSet,
    PromptStyle,
)


class ReadProblems(Protocol):
    """A function that reads the problems of a benchmark; it may know options of its own."""

    def __call__(self, path: Path | None = None) -> ProblemSet: ...


ReadProgram = Callable[[Problem, str, PromptStyle], str]
"""The program to run for a problem, what a model wrote, and the style it was asked in."""


def code_under_prompt(problem: Problem, completion: str, style: PromptStyle) -> str:
    """The published prompt and, below it, the code that was written.

    The prompt comes first in every style, as in the paper: its imports and helper functions count
    as given, and a function written again replaces its empty one. A `from __future__` import of
    the answer comes before all of it, where Python wants it.
    """
    from lintseq_core.benchmarks.answers import answered_code, put_under

    return put_under(problem.prompt, answered_code(completion, style))


def code_alone(problem: Problem, completion: str, style: PromptStyle) -> str:
    """The code that was written: a whole program."""
    from lintseq_core.benchmarks.answers import answered_code

    return answered_code(completion, style)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark; what is not given is as most of them have it."""

    name: str
    """The name of its module, by which `get_benchmark` finds it."""
    problems: ReadProblems
    """All problems, in the benchmark's order, from a path or wherever they are found."""
    read_program: ReadProgram = code_under_prompt
    read_upstream_program: ReadProgram | None = None
    """As the authors' harness does it (compat="upstream"); None: no difference is known."""

    def prompt(self, problem: Problem, style: PromptStyle, compat: Compat | None = None) -> str:
        """The text a model is given: the prompt for "completion", else the instruction and its end.

        "diff" ends in the edit marker (paper, evaluation). With compat="upstream", what the
        authors' code writes, where that differs.
        """
        from lintseq_core.benchmarks.answers import checked_style, styled_prompt

        _check_compat(compat)
        if compat == "upstream" and problem.upstream_prompts:
            return dict(problem.upstream_prompts)[checked_style(style)]
        return styled_prompt(style, completion=problem.prompt, instruction=problem.instruction)

    def program(
        self,
        problem: Problem,
        completion: str,
        style: PromptStyle = "completion",
        compat: Compat | None = None,
    ) -> str:
        """The program to run for what a model wrote."""
        _check_compat(compat)
        read = (compat == "upstream" and self.read_upstream_program) or self.read_program
        return read(problem, completion, style)


def _check_compat(compat: Compat | None) -> None:
    if compat not in (None, "upstream"):
        raise BenchmarkError(f"compat: {compat!r} is neither None nor 'upstream'")
