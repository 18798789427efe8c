"""Why pass@k is not 1 - (1 - c/n)^k: the naive estimate and the unbiased one, drawn anew."""

from __future__ import annotations

import numpy as np
import streamlit as st
from components import chart_theme, show_chart, show_note

from lintseq_core.charts.estimators import estimators_figure
from lintseq_core.metrics.planning import expected_naive

DRAWS = 40


def show_estimator() -> None:
    """Both estimates over the number of samples, with draws that the reader can renew."""
    st.markdown(
        "One problem, and a model that solves it with chance p. From n samples, c of which pass, "
        "the naive estimate puts c/n in place of p. It is too low on average, most where n is near "
        "k. The unbiased one counts the ways to choose k of the n samples with a passing one among "
        "them.",
        width=760,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        p = st.slider("p", 0.01, 0.99, 0.1, key="est_p", width=260)
        k = st.slider("k", 1, 50, 10, key="est_k", width=260)
        if st.button("Draw again", icon=":material/casino:"):
            st.session_state.est_seed = st.session_state.get("est_seed", 0) + 1
    seed = st.session_state.get("est_seed", 0)
    ns = sorted({max(k, round(k * factor)) for factor in np.geomspace(1, 10, 12)})
    figure = estimators_figure(p, k, ns, chart_theme(), draws=DRAWS, seed=seed)
    truth = 1 - (1 - p) ** k
    naive = expected_naive(k, p, k)
    show_chart(
        figure,
        key="estimators",
        alt=f"Truth {truth:.3f}; with n = k = {k} samples the naive estimate is {naive:.3f} on "
        "average, the unbiased one is the truth",
    )
    show_note(
        f"Truth: pass@{k} = {truth:.1%}. With n = {k} samples the naive estimate gives {naive:.1%} "
        f"on average, {100 * (truth - naive):.1f} points too little."
    )
