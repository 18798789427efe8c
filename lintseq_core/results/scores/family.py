"""The metrics of repeated sampling by name, each of the problems of a counted run.

The estimators are in `metrics`; `pass_at_k` averages them over problems, with intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from lintseq_core.errors import LintSeqError
from lintseq_core.metrics.choosing import best_at_k, majority_at_k
from lintseq_core.metrics.pass_at_k import Floats, pass_at_k
from lintseq_core.metrics.repeated_sampling import (
    bayes_scores,
    g_pass_at_k,
    mg_pass_at_k,
    pass_at_cost,
    pass_hat_k,
)
from lintseq_core.results.scores.tally import Tally

MetricName = Literal[
    "pass@k", "pass^k", "g-pass@k", "mg-pass@k", "bayes@n", "majority@k", "best@k", "pass@cost"
]
METRIC_NAMES: tuple[MetricName, ...] = get_args(MetricName)
MEANING: dict[MetricName, str] = {
    "pass@k": "the chance that at least one of k samples passes",
    "pass^k": "the chance that all k samples pass",
    "g-pass@k": "the chance that at least a share τ of k samples pass",
    "mg-pass@k": "the same, averaged over τ from a half to 1",
    "bayes@n": "the mean chance that a sample passes, uniform before any was seen",
    "majority@k": "the chance that the most frequent behaviour among k samples is right",
    "best@k": "the chance that the best scored of k samples passes",
    "pass@cost": "the chance that one passes of as many samples as a budget buys",
}
NO_BEHAVIOUR = "its rows do not say how each test went; judge each test apart (--each-test)"
NO_RANKS = "no field ranks its samples; name one (--by)"


@dataclass(frozen=True, slots=True)
class Metric:
    """What a run is scored by, and the numbers that it takes besides k."""

    name: MetricName = "pass@k"
    tau: float = 0.5
    """Of g-pass@k: the share of k samples that must pass."""
    cost: float = 1.0
    """Of pass@cost: what a sample costs; k is then a budget in the same unit."""

    @property
    def label(self) -> str:
        """What a chart calls it: "pass^k", "g-pass@k (tau 0.75)"."""
        return f"{self.name} (tau {self.tau:g})" if self.name == "g-pass@k" else self.name

    def at(self, k: int) -> str:
        """What the score for `k` is called: "pass^10", "g-pass@10 (tau 0.5)", "bayes@n".

        >>> Metric("pass^k").at(10), Metric("g-pass@k", tau=0.75).at(8), Metric("bayes@n").at(5)
        ('pass^10', 'g-pass@8 (tau 0.75)', 'bayes@n')
        """
        match self.name:
            case "bayes@n":
                return self.name
            case "pass@cost":
                return f"pass@cost {k}"
            case "g-pass@k":
                return f"g-pass@{k} (tau {self.tau:g})"
            case _:
                return f"{self.name[:-1]}{k}"

    def draws(self, ks: Sequence[int]) -> list[int]:
        """Those of `ks` that this metric tells apart: all, or of bayes@n the first."""
        return list(ks[:1]) if self.name == "bayes@n" else list(ks)

    def missing(self, found: Tally) -> str:
        """What `found` lacks for this metric; "" where nothing is."""
        if self.name == "majority@k" and not found.behaviours:
            return NO_BEHAVIOUR
        return NO_RANKS if self.name == "best@k" and not found.ranked else ""


PASS_AT_K = Metric()


@dataclass(frozen=True, slots=True, eq=False)
class MetricValues:
    """A metric of each problem of a run."""

    values: Floats
    """Shape (problems, ks), from 0 to 1; NaN where it is not defined, as for n < k."""
    simulation_errors: Floats
    """For each k the standard error of the mean over problems that simulating adds; 0 where none
    was simulated."""


def metric_values(
    found: Tally, ks: Sequence[int], metric: Metric = PASS_AT_K, *, seed: int = 0
) -> MetricValues:
    """`metric` of each problem of `found` for each of `ks`, all NaN where something is missing.

    `seed` is of what is simulated.
    """
    none = np.zeros(len(ks))
    if metric.missing(found):
        return MetricValues(np.full((len(found.n), len(ks)), np.nan), none)
    if metric.name == "majority@k":
        majority = majority_at_k(found.behaviours, ks, seed=seed)
        return MetricValues(majority.values, majority.simulation_errors)
    if metric.name == "best@k":
        return MetricValues(best_at_k(found.ranked, ks), none)
    # Each pair of n and c is worked out once.
    counts = np.stack([found.n, found.c], axis=1).reshape(-1, 2)
    pairs, place = np.unique(counts, axis=0, return_inverse=True)
    n, c, draws = pairs[:, :1], pairs[:, 1:], np.array(ks, dtype=np.int64)[None, :]
    match metric.name:
        case "pass^k":
            values = pass_hat_k(n, c, draws)
        case "g-pass@k":
            values = g_pass_at_k(n, c, draws, metric.tau)
        case "mg-pass@k":
            values = mg_pass_at_k(n, c, draws)
        case "bayes@n":
            values = np.repeat(bayes_scores(n, c), len(ks), axis=1)
        case "pass@cost":
            values = pass_at_cost(n, c, metric.cost, draws)
        case _:
            values = pass_at_k(n, c, draws)
    return MetricValues(values[place.ravel()], none)


def read_metric(name: str, *, tau: float = 0.5, cost: float | None = None) -> Metric:
    """The metric called `name`; LintSeqError for a name or a number that it does not know."""
    if name not in METRIC_NAMES:
        raise LintSeqError(f"metric {name!r}: one of {', '.join(METRIC_NAMES)}")
    if name == "pass@cost" and cost is None:
        raise LintSeqError(
            "pass@cost: say what a sample costs, in the unit of the budgets (--cost)"
        )
    return Metric(name, tau, 1.0 if cost is None else cost)
