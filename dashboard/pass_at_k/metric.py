"""What runs are scored by: pass@k, or another metric of repeated sampling."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.pass_at_k.runs import Run
from dashboard.shared.show import show_note
from lintseq_core.results.scores.family import MEANING, NO_BEHAVIOUR, Metric, MetricName

ON_THE_PAGE: tuple[MetricName, ...] = (
    "pass@k", "pass^k", "g-pass@k", "mg-pass@k", "bayes@n", "majority@k",
)  # fmt: skip
"""best@k takes a field of scores, which only the command reads; a cost is an axis of the curves."""


def choose_metric(runs: Mapping[str, Run]) -> Metric:
    """The metric that the reader or the link chose, with a note on what it says of these runs."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Metric", ON_THE_PAGE, key="metric", bind="query-params", width=168, format_func=str
        )
        tau = 0.5
        if name == "g-pass@k":
            tau = st.slider(
                "τ, share of k that must pass", 0.0, 1.0, 0.5, 0.05, key="tau",
                bind="query-params", width=260,
            )  # fmt: skip
    metric = Metric(name, tau)
    if name != "pass@k":
        show_note(f"{name}: {MEANING[name]}.")
        if lacking := [title for title, run in runs.items() if metric.missing(run.tally)]:
            show_note(f"Left out: {', '.join(lacking)}: {NO_BEHAVIOUR}.")
    return metric
