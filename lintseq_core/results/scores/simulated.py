"""Runs whose truth is known: each problem has a chance of success that samples are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lintseq_core.results.scores.tally import Tally


@dataclass(frozen=True, slots=True)
class SimulatedRun:
    """A run drawn by chance, and the chances it was drawn from."""

    tally: Tally
    chances: tuple[float, ...]
    """Of each problem that one sample passes."""

    def true_pass_at_k(self, k: int) -> float:
        """What pass@k estimates: the mean of 1 - (1 - p)^k over the problems."""
        return float(np.mean(1 - (1 - np.array(self.chances)) ** k))


def simulate_run(
    name: str,
    *,
    mean: float,
    spread: float,
    n_problems: int,
    n_samples: int,
    seed: int,
    problem_seed: int = 0,
) -> SimulatedRun:
    """A run whose chances are beta distributed with this mean.

    `spread` from 0 to 1 says how unlike the problems are: near 0 all have the same chance, near 1
    each is solved always or never. Runs with one `problem_seed` meet the same problems: what is
    hard for one is hard for the other.
    """
    total = (1 - spread) / spread
    uniform = np.random.default_rng(problem_seed).random(n_problems)
    draws = np.random.default_rng([problem_seed, 1]).beta(mean * total, (1 - mean) * total, 20_000)
    chances = np.quantile(draws, uniform)
    passed = np.random.default_rng([seed, 2]).binomial(n_samples, chances)
    tally = Tally(
        name=name,
        task_ids=tuple(f"Simulated/{number}" for number in range(n_problems)),
        n=(n_samples,) * n_problems,
        c=tuple(passed.tolist()),
        undecided=0,
        first_undecided="",
        harness_errors=0,
        repeated=0,
        copies=0,
        texts=0,
        has_base=False,
        verdicts={},
        isolation={},
        integrity={},
        flags={},
    )
    return SimulatedRun(tally, tuple(chances.tolist()))
