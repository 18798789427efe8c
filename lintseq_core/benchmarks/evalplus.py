"""What HumanEval+ and MBPP+ share (arXiv 2305.01210): tests that ask the reference."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from lintseq_core.benchmarks import evalplus_judge
from lintseq_core.benchmarks.dataset import Row, field_of
from lintseq_core.benchmarks.evalplus_judge import encoded
from lintseq_core.benchmarks.problem import BenchmarkError, Tests

Inputs = Literal["base", "plus"]
"""Which inputs a solution must pass: the original benchmark's, or those and the added ones."""

LIMIT_FACTOR, LEAST_LIMIT_S = 4.0, 4.0


def cpu_limit_s(reference_cpu_s: float) -> float:
    """CPU seconds for all inputs of a problem whose reference needs `reference_cpu_s` for them.

    EvalPlus: 4 times the reference, by wall clock and for each input, at least 1 s. Here: by CPU
    time and for the whole problem, at least 4 s, so that a busy machine changes no verdict.
    """
    if not reference_cpu_s >= 0:
        raise BenchmarkError(f"reference_cpu_s = {reference_cpu_s}: seconds, 0 or more")
    return max(LEAST_LIMIT_S, LIMIT_FACTOR * reference_cpu_s)


def has_inputs(row: Row) -> bool:
    """True for a row of a release file; the Hub's rows have their inputs inside `test`."""
    return "plus_input" in row


def input_tests(
    row: Row,
    place: str,
    *,
    reference: str,
    groups: Sequence[Sequence[Any]],
) -> Tests:
    """Tests that call the solution and `reference` with each of `groups` and compare."""
    name = field_of(row, "entry_point", str, place)
    atol = field_of(row, "atol", object, place)
    if isinstance(atol, bool) or not isinstance(atol, (int, float)) or not atol >= 0:
        raise BenchmarkError(f"{place}: atol is {atol!r}, not a number of 0 or more")
    texts = [encoded(list(group)) for group in groups]
    call = f"check_answers({name}, {name!r}, {reference!r}, {texts!r}, {float(atol)!r})\n"
    return Tests("split", f"{judge_text()}\n\n{call}", entry_points=(name,))


def chosen_groups(row: Row, place: str, inputs: Inputs) -> list[list[Any]]:
    """The groups of inputs that count: base, or base and plus."""
    if inputs not in ("base", "plus"):
        raise BenchmarkError(f"inputs: {inputs!r} is neither 'base' nor 'plus'")
    groups = [field_of(row, "base_input", list, place)]
    if inputs == "plus":
        # Mbpp/793 has {} in place of a list: no inputs were added there.
        added = field_of(row, "plus_input", object, place)
        groups.append([] if added == {} else field_of(row, "plus_input", list, place))
    return groups


@cache
def judge_text() -> str:
    """The text of `evalplus_judge`, which every test starts with."""
    return Path(evalplus_judge.__file__).read_text(encoding="utf-8")
