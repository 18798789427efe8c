"""The runs that the page pass@k can draw besides those in files: two simulated ones."""

from __future__ import annotations

import streamlit as st

from dashboard.files.samples import Run
from lintseq_core.results.scores.simulated import SimulatedRun, simulate_run
from lintseq_core.results.scores.tally import Tally

__all__ = ["N_PROBLEMS", "N_SAMPLES", "SIMULATED", "Run", "counts_of", "simulated_runs"]

N_PROBLEMS, N_SAMPLES = 164, 50
SIMULATED = {
    "Simulated: whole programs": {"mean": 0.12, "spread": 0.75, "seed": 1},
    "Simulated: edit sequences": {"mean": 0.14, "spread": 0.55, "seed": 2},
}
"""Two runs on the same problems; the second solves more of them sometimes, fewer always."""


@st.cache_resource(max_entries=1)
def simulated_runs() -> dict[str, SimulatedRun]:
    """Two runs whose truth is known."""
    return {
        name: simulate_run(name, n_problems=N_PROBLEMS, n_samples=N_SAMPLES, **values)  # type: ignore[arg-type]
        for name, values in SIMULATED.items()
    }


def counts_of(found: Tally) -> tuple[object, ...]:
    """All that curves and comparisons of a run depend on, as a key for a cache."""
    return found.name, found.task_ids, found.n, found.c
