"""Behaviour: programs that do the same on every test are one, however they are written."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from lintseq_core.metrics.errors import MetricError


@dataclass(frozen=True, slots=True)
class BehaviourClusters:
    """Programs grouped by what they do on the same tests."""

    sizes: tuple[int, ...]
    """Programs in each group, largest first."""

    @property
    def n_programs(self) -> int:
        return sum(self.sizes)

    @property
    def n_clusters(self) -> int:
        return len(self.sizes)

    @property
    def effective(self) -> float:
        """exp of the entropy of the shares: 2.0 for two groups of the same size, NaN for none."""
        if not self.sizes:
            return float("nan")
        shares = [size / self.n_programs for size in self.sizes]
        return math.exp(-math.fsum(share * math.log(share) for share in shares))


def behaviour_clusters(outcomes: Sequence[Sequence[Hashable]]) -> BehaviourClusters:
    """Groups of programs with equal `outcomes`, one sequence per program, one outcome per test.

    An outcome is whatever tells behaviours apart: passed or not, the verdict, the answer.
    MetricError if two programs were run on different numbers of tests.

    >>> behaviour_clusters([(True, False), (True, True), (True, False)]).sizes
    (2, 1)
    """
    lengths = Counter(len(outcome) for outcome in outcomes)
    if len(lengths) > 1:
        some = ", ".join(map(str, sorted(lengths)))
        raise MetricError(f"behaviour: programs with {some} outcomes: each needs all tests")
    if lengths and 0 in lengths:
        raise MetricError("behaviour: no outcomes; without a test all programs look alike")
    counts = Counter(tuple(outcome) for outcome in outcomes)
    return BehaviourClusters(tuple(sorted(counts.values(), reverse=True)))
