"""The runs that the page pass@k can draw besides those in files: two simulated ones."""

from __future__ import annotations

from collections.abc import Container, Iterable

import streamlit as st

from dashboard.files.samples import Run
from lintseq_core.results.scores.simulated import SimulatedRun, simulate_run
from lintseq_core.results.scores.tally import Tally

__all__ = [
    "N_PROBLEMS", "N_SAMPLES", "SIMULATED", "Run", "counts_of", "opening_note", "simulated_runs",
]  # fmt: skip

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


def opening_note(chosen: Iterable[str], simulated: Container[str]) -> str:
    """What the page shows while no results of the reader's are open."""
    drawn = [name for name in chosen if name in simulated]
    if not drawn:
        return "No results of yours are open: these are of models that ship."
    return (
        f"No results of yours are open. Simulated, with a truth that is known: {', '.join(drawn)}."
    )


def counts_of(found: Tally) -> tuple[object, ...]:
    """All that curves and comparisons of a run depend on, as a key for a cache."""
    return found.name, found.task_ids, found.n, found.c, found.behaviours
