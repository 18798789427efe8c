"""Tests of a task: ten calls and what they return."""

from __future__ import annotations

import random
from collections.abc import Sequence

from lintseq_core.benchmarks.pocket import arguments
from lintseq_core.benchmarks.pocket.arguments import Arguments
from lintseq_core.benchmarks.pocket.task import PocketTask, neighbours

N_TESTS = 10
_N_DRAWN = 24
"""Arguments that the drawn tests are chosen from ..."""
_N_MORE = 150
"""... and how many more are looked at, while they all leave some neighbour alike."""


def chosen_arguments(task: PocketTask, rng: random.Random) -> list[Arguments]:
    """The arguments of the tests: those at the edges first, then drawn ones.

    Of the drawn ones those come first that tell the task from most neighbours that no test before
    tells it from, then those with an answer that no test has.
    """
    chosen = arguments.edges(task.source, task.view)
    alike = list(neighbours(task))
    for given in chosen:
        alike = _not_told_apart(task, alike, given)
    drawn: list[Arguments] = []
    unknown = alike
    for i in range(_N_DRAWN + _N_MORE):
        if i >= _N_DRAWN and not unknown:
            break
        given = arguments.draw(task.source, task.view, rng, n_least=i % 4, near=task.numbers)
        left = _not_told_apart(task, unknown, given)
        if (i < _N_DRAWN or len(left) < len(unknown)) and given not in [*chosen, *drawn]:
            drawn.append(given)
        unknown = left
    answers = [task.answer(given) for given in drawn]
    told = [
        {i for i, given in enumerate(drawn) if other.answer(given) != answers[i]} for other in alike
    ]
    seen = [task.answer(given) for given in chosen]
    untaken = list(range(len(drawn)))
    while len(chosen) < N_TESTS and untaken:
        best = max(untaken, key=lambda i: (sum(i in by for by in told), answers[i] not in seen))
        told = [by for by in told if best not in by]
        untaken.remove(best)
        chosen.append(drawn[best])
        seen.append(answers[best])
    return chosen


def test_source(task: PocketTask, given: Sequence[Arguments]) -> str:
    """An assertion a line for each of `given`."""
    lines = []
    for values in given:
        call = f"{task.entry_point}({', '.join(map(repr, values))})"
        lines.append(f"assert {call} == {task.answer(values)!r}\n")
    return "".join(lines)


def _not_told_apart(
    task: PocketTask, others: Sequence[PocketTask], given: Arguments
) -> list[PocketTask]:
    answer = task.answer(given)
    return [other for other in others if other.answer(given) == answer]
