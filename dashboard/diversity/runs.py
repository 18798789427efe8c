"""What the page Diversity measures of runs."""

from __future__ import annotations

import streamlit as st

from dashboard.files.brought import Brought
from dashboard.files.workbench import given_files
from lintseq_core.metrics.diversity import ProblemDiversity
from lintseq_core.results.sampled import SampledRun, measure_run

N_PAIRS = 20
"""Pairs a problem that trees and CodeBLEU are compared on."""
N_PROBLEMS = 40
"""Problems of a run whose programs are compared where their mean is shown: all take seconds."""


def trace_paths(run: SampledRun) -> list[str]:
    """Where the files of traces of a run are; names alone for uploads."""
    known: dict[str, Brought] = {file.file: file for file in given_files()}
    return [str(known[file].path) if file in known else file for file in run.traces]


@st.cache_resource(
    max_entries=64,
    show_spinner="Comparing programs",
    hash_funcs={SampledRun: lambda run: run.digest},
)
def load_measures(
    run: SampledRun, most: int, n_problems: int | None = None
) -> dict[str, ProblemDiversity]:
    """Every measure of the first `most` programs of each problem that has two at least."""
    return measure_run(run, most, n_pairs=N_PAIRS, n_problems=n_problems)
