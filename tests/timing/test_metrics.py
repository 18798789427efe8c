"""The metrics of repeated sampling keep up with a reader who changes controls."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from lintseq_core.metrics.crossed import crossed_interval
from lintseq_core.metrics.intervals import score_band
from lintseq_core.results.scores.family import METRIC_NAMES, Metric, metric_values
from lintseq_core.results.scores.simulated import simulate_run
from lintseq_core.results.scores.tally import Tally

N_PROBLEMS, N_SAMPLES, N_DRAWS = 164, 200, 1_000


def full_run() -> Tally:
    """A run with behaviours (up to nine wrong ones a problem) and a rank for each sample."""
    rng = np.random.default_rng(0)
    found = simulate_run(
        "a", mean=0.3, spread=0.6, n_problems=N_PROBLEMS, n_samples=N_SAMPLES, seed=1
    ).tally
    behaviours, ranked = [], []
    for c in found.c:
        wrong = rng.multinomial(N_SAMPLES - c, rng.dirichlet(np.full(9, 0.5)))
        groups = [(c, c), *((size, 0) for size in wrong.tolist())]
        behaviours.append(tuple(group for group in groups if group[0]))
        passed = rng.permutation([1] * c + [0] * (N_SAMPLES - c))
        ranked.append(tuple((1, one) for one in passed.tolist()))
    return replace(found, behaviours=tuple(behaviours), ranked=tuple(ranked))


@pytest.mark.timing
def test_all_metrics_of_164_problems_and_200_samples_take_under_300_ms() -> None:
    found = full_run()
    ks = [1, 2, 5, 10, 20, 50, 100, 200]
    seconds = []
    for _ in range(3):
        start = time.process_time()
        for name in METRIC_NAMES:
            chosen = [10, 100] if name == "majority@k" else ks
            values = metric_values(found, chosen, Metric(name)).values
            score_band(values)
            crossed_interval(values[:, :1].T, n_draws=N_DRAWS)
        seconds.append(time.process_time() - start)
    print(f"all metrics: {1000 * min(seconds):.0f} ms")
    assert min(seconds) < 0.3
