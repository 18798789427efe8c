"""Samples that behave alike: by the outcome of each test, or by their trees where none were run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lintseq_core.metrics.normal_form import normal_text, tree_key
from lintseq_core.viewer.outcomes import PASSED, Outcomes, n_passed


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A group of samples."""

    words: str
    """What they have in common."""
    samples: tuple[int, ...]
    """Positions among the samples given."""
    n_passed: int | None
    """Of the tests; None where they were not run."""


def group_samples(
    programs: Sequence[str], outcomes: Sequence[Outcomes | None]
) -> tuple[Behaviour, ...]:
    """The groups: those with most tests passed first, then large ones.

    Programs whose tests were run are together if every test ends alike; others if their syntax
    trees are equal with names numbered (`tree_key`), or their texts where they do not parse.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    for at, (program, told) in enumerate(zip(programs, outcomes, strict=True)):
        key: tuple[object, ...] = ("tests", told)
        if told is None:
            tree = tree_key(program)
            key = ("tree", tree) if tree else ("text", normal_text(program))
        groups.setdefault(key, []).append(at)
    made = [_behaviour(key, outcomes[at[0]], at) for key, at in groups.items()]
    return tuple(sorted(made, key=lambda one: (-(one.n_passed or 0), -len(one.samples))))


def _behaviour(key: tuple[object, ...], told: Outcomes | None, samples: list[int]) -> Behaviour:
    if told is None:
        words = "do not parse, same text" if key[0] == "text" else "same program up to names"
        return Behaviour(words if len(samples) > 1 else "alone", tuple(samples), None)
    passed = n_passed(told)
    wrong = [
        f"test {number} {outcome.replace('_', ' ')}"
        for number, outcome in enumerate(told, start=1)
        if outcome != PASSED
    ]
    words = f"{passed} of {len(told)} tests pass" + (f": {', '.join(wrong[:6])}" if wrong else "")
    return Behaviour(words, tuple(samples), passed)
