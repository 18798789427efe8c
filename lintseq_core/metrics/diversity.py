"""Diversity of the programs sampled for a problem, and over a benchmark.

Puts together what the modules of the single measures count. Programs are compared, never run:
behaviour is known only where outcomes of tests are given.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields

from lintseq_core.metrics.behaviour import behaviour_clusters
from lintseq_core.metrics.code_bleu import symmetric_code_bleu
from lintseq_core.metrics.edit_distance import mean_edit_distance
from lintseq_core.metrics.normal_form import count_distinct
from lintseq_core.metrics.subtrees import subtree_similarity
from lintseq_core.metrics.vendi import program_vendi_score

N_PAIRS = 50
"""Pairs of a problem's programs that trees and CodeBLEU are compared on, drawn at random. Of 50
programs there are 1,225, and CodeBLEU takes about a millisecond for each."""


@dataclass(frozen=True, slots=True)
class ProblemDiversity:
    """How much the programs of one problem differ; a measure that is not defined is NaN.

    Shares and counts grow with diversity, `tree_similarity` and `code_bleu` shrink.
    """

    n_programs: float
    distinct_texts: float
    distinct_trees: float
    unparsable: float
    edit_distance: float
    """Mean over all pairs, 0 to 1."""
    vendi: float
    """1 to `n_programs`."""
    tree_similarity: float
    """Mean over sampled pairs that parse, 0 to 1."""
    code_bleu: float
    """Mean over sampled pairs that parse, both directions, 0 to 1."""
    behaviours: float
    """Groups by test outcomes; NaN without outcomes."""
    effective_behaviours: float


@dataclass(frozen=True, slots=True)
class BenchmarkDiversity:
    """Means over problems, each over those where the number exists."""

    n_problems: int
    mean: ProblemDiversity
    n_pairs: int
    """Pairs a problem that trees and CodeBLEU were compared on, at most."""


def problem_diversity(
    programs: Sequence[str],
    outcomes: Sequence[Sequence[Hashable]] | None = None,
    *,
    seed: int = 0,
    n_pairs: int = N_PAIRS,
) -> ProblemDiversity:
    """All measures of one problem's programs; `outcomes`, if known, one per program and test.

    >>> alike = problem_diversity(["x = 1", "x = 1"])
    >>> alike.distinct_texts, alike.edit_distance, round(alike.vendi, 3)
    (1, 0.0, 1.0)
    """
    distinct = count_distinct(programs)
    pairs = sampled_pairs(len(programs), n_pairs, seed)
    clusters = behaviour_clusters(outcomes) if outcomes is not None else None
    nan = float("nan")
    return ProblemDiversity(
        n_programs=distinct.n_programs,
        distinct_texts=distinct.n_texts,
        distinct_trees=distinct.n_trees,
        unparsable=distinct.n_unparsable,
        edit_distance=mean_edit_distance(programs),
        vendi=program_vendi_score(programs),
        tree_similarity=_mean_over(pairs, programs, subtree_similarity),
        code_bleu=_mean_over(pairs, programs, symmetric_code_bleu),
        behaviours=clusters.n_clusters if clusters is not None else nan,
        effective_behaviours=clusters.effective if clusters is not None else nan,
    )


def benchmark_diversity(
    problems: Mapping[str, Sequence[str]],
    outcomes: Mapping[str, Sequence[Sequence[Hashable]]] | None = None,
    *,
    seed: int = 0,
    n_pairs: int = N_PAIRS,
) -> BenchmarkDiversity:
    """Mean of `problem_diversity` over problems, by id; all NaN for no problem."""
    known = outcomes or {}
    by_problem = [
        problem_diversity(programs, known.get(task), seed=seed, n_pairs=n_pairs)
        for task, programs in problems.items()
    ]
    return BenchmarkDiversity(len(by_problem), mean_diversity(by_problem), n_pairs)


def mean_diversity(found: Sequence[ProblemDiversity]) -> ProblemDiversity:
    """Each measure's mean over those of `found` that have it."""
    return ProblemDiversity(
        **{
            field.name: _mean([getattr(measures, field.name) for measures in found])
            for field in fields(ProblemDiversity)
        }
    )


def sampled_pairs(n: int, n_pairs: int, seed: int = 0) -> list[tuple[int, int]]:
    """`n_pairs` different pairs of 0 .. n - 1, or all of them if there are no more.

    >>> sampled_pairs(3, 10)
    [(0, 1), (0, 2), (1, 2)]
    """
    total = n * (n - 1) // 2
    if total <= n_pairs:
        return [(first, second) for first in range(n) for second in range(first + 1, n)]
    drawn = random.Random(seed).sample(range(total), n_pairs)
    return [_pair(number) for number in sorted(drawn)]


def _pair(number: int) -> tuple[int, int]:
    """Pair `number` of (0, 1), (0, 2), (1, 2), (0, 3), ..."""
    larger = (1 + math.isqrt(1 + 8 * number)) // 2
    return number - larger * (larger - 1) // 2, larger


def _mean_over(
    pairs: Sequence[tuple[int, int]],
    programs: Sequence[str],
    similarity: Callable[[str, str], float],
) -> float:
    known: dict[tuple[str, str], float] = {}
    values = []
    for first, second in pairs:
        texts = programs[first], programs[second]
        if texts not in known:
            known[texts] = similarity(*texts)
        values.append(known[texts])
    return _mean(values)


def _mean(values: Sequence[float]) -> float:
    counted = [value for value in values if not math.isnan(value)]
    return math.fsum(counted) / len(counted) if counted else float("nan")
