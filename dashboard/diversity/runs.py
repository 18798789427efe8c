"""What the page Diversity measures of runs, and the runs that ship."""

from __future__ import annotations

import streamlit as st

from dashboard.files.brought import Brought
from dashboard.files.examples import SHIPS
from dashboard.files.loaders import TRACES, load_results, load_tasks, load_traces
from dashboard.files.workbench import given_files
from lintseq_core.metrics.diversity import ProblemDiversity
from lintseq_core.results.sampled import SampledRun, measure_run
from lintseq_core.viewer.trace_runs import runs_of_traces

__all__ = ["N_PAIRS", "SHIPS", "load_measures", "load_shipped_runs", "trace_paths"]

N_PAIRS = 20
"""Pairs a problem that trees and CodeBLEU are compared on."""


@st.cache_resource(max_entries=1, show_spinner="Reading the traces that ship")
def load_shipped_runs() -> dict[str, SampledRun]:
    """A run for each model of the traces that ship."""
    return runs_of_traces(load_traces(), load_tasks(), load_results())


def trace_paths(run: SampledRun, *, shipped: bool) -> list[str]:
    """Where the files of traces of a run are; names alone for uploads."""
    if shipped:
        return [str(TRACES / file) for file in run.traces]
    known: dict[str, Brought] = {file.file: file for file in given_files()}
    return [str(known[file].path) if file in known else file for file in run.traces]


@st.cache_resource(
    max_entries=64,
    show_spinner="Comparing programs",
    hash_funcs={SampledRun: lambda run: run.digest},
)
def load_measures(run: SampledRun, most: int) -> dict[str, ProblemDiversity]:
    """Every measure of the first `most` programs of each problem that has two at least."""
    return measure_run(run, most, n_pairs=N_PAIRS)
