"""Which samples answer the problem before or after their own: what a lost request leaves behind.

A shift goes through a stretch of problems, so what single samples leave open is decided by those
around them: the most likely row of offsets is found (Viterbi), with a price on each change.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lintseq_core.benchmarks import Problem, ProblemSet
from lintseq_core.results.diagnosis.reading import (
    Reading,
    asked_function,
    free_names,
    functions,
    parameters,
    parsed,
    prompt_names,
)

OFFSETS = (0, -1, 1)
"""Places between a problem and the one that its samples answer; 0 wins where all fit alike."""
CHANGE = 4.0
"""The price of a change of offset between two problems, in points of `fit`."""
LEAST = 1.0
"""Points of `fit` that a sample has to gain on average for a stretch to count as shifted."""
MOST = 5
"""Samples of a problem that say whether it is shifted; all of a shifted one are looked at."""
_MODULES = frozenset({"math", "re", "collections", "itertools", "functools", "heapq", "np", "sys"})
"""What models use without an import, whatever the problem."""
_NAME = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class _Says:
    """What a sample says that tells problems apart."""

    free: frozenset[str]
    words: frozenset[str]
    defined: frozenset[str]


def find_shifts(
    readings: Mapping[str, Sequence[Reading]], problems: ProblemSet
) -> dict[int, Problem]:
    """The problem that each shifted sample answers, by `id` of its reading.

    `readings`: the samples of each problem, their texts mended as far as that goes.
    """
    order = [problem for problem in problems if problem.task_id in readings]
    if len(order) < 3:
        return {}
    common = Counter(word for problem in order for word in _words(problem))
    weights = {word: math.log(len(order) / n) for word, n in common.items()}
    around = [[order[(at + offset) % len(order)] for offset in OFFSETS] for at in range(len(order))]

    def fits(at: int, most: int | None) -> list[list[float]]:
        said = [_says(one) for one in readings[order[at].task_id][:most]]
        return [[fit(one, other, weights) for other in around[at]] for one in said]

    means = [
        [_mean(column) for column in zip(*fits(at, MOST), strict=True)] for at in range(len(order))
    ]
    found: dict[int, Problem] = {}
    for at, place in enumerate(_best_path(means)):
        if place:
            samples = readings[order[at].task_id]
            for reading, points in zip(samples, fits(at, None), strict=True):
                if points[place] >= points[0] or len(samples) == 1:
                    found[id(reading)] = around[at][place]
    return found


def fit(says: _Says, problem: Problem, weights: Mapping[str, float]) -> float:
    """How well what a sample says fits `problem`: names it needs, parameters, words of both."""
    points = 0.0
    asked = asked_function(problem.reference, problem.entry_point)
    if problem.entry_point in says.defined:
        points += 4
    elif says.defined:
        points -= 2
    elif asked is not None:
        given = set(parameters(asked))
        points -= 2.0 * len(says.free - given - prompt_names(problem.prompt) - {asked.name})
        points -= len(given - says.words)
    words = _words(problem)
    shared = sum(weights.get(word, 0.0) for word in says.words & words)
    total = sum(weights.get(word, 1.0) for word in says.words) or 1.0
    return points + 4 * shared / total


def _says(reading: Reading) -> _Says:
    body = reading.body
    tree, _ = parsed("def _():\n" + body if body[:1].isspace() else body)
    if tree is None:
        tree, _ = parsed("def _():\n    " + body.lstrip())
    words = frozenset(_NAME.findall(body))
    if tree is None:
        return _Says(frozenset(), words, frozenset(re.findall(r"^def (\w+)", body, re.MULTILINE)))
    defined = frozenset(functions(tree)) - {"_"}
    return _Says(free_names(tree) - _MODULES, words, defined)


@lru_cache(maxsize=4_096)
def _words(problem: Problem) -> frozenset[str]:
    return frozenset(_NAME.findall(problem.prompt + problem.reference))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _best_path(points: Sequence[Sequence[float]]) -> list[int]:
    """For each problem the place in OFFSETS on the row with the most points, less its changes."""
    best = [
        (value - (LEAST + CHANGE / 2) * (place > 0), [place])
        for place, value in enumerate(points[0])
    ]
    for each in points[1:]:
        best = [
            max(
                (
                    before - CHANGE * (path[-1] != place) + value - LEAST * (place > 0),
                    [*path, place],
                )
                for before, path in best
            )
            for place, value in enumerate(each)
        ]
    return max(best)[1]
