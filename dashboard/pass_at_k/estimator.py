"""Why pass@k is not 1 - (1 - c/n)^k: the naive estimate and the unbiased one, drawn anew."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.shared.calls import SHOW_FIGURE, call, code, script
from dashboard.shared.show import chart_theme, show_chart, show_note, theme_code
from dashboard.shared.take_along import show_take_along
from lintseq_core.charts.estimators import estimator_frame, estimators_figure
from lintseq_core.metrics.planning import expected_naive

DRAWS = 40
MAX_SEED = 1_000_000


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
        p = st.slider(
            "p, chance of one sample",
            0.01,
            0.99,
            0.1,
            key="est_p",
            bind="query-params",
            width=260,
        )
        k = st.slider("k", 1, 50, 10, key="est_k", bind="query-params", width=260)
        seed = st.number_input(
            "Draw",
            0,
            MAX_SEED,
            key="est_seed",
            bind="query-params",
            width=130,
            help="Every number draws other samples.",
        )
        st.button("Draw again", icon=":material/casino:", on_click=_draw_again)
    ns = sorted({max(k, round(k * factor)) for factor in np.geomspace(1, 10, 12)})
    figure = estimators_figure(p, k, ns, chart_theme(), draws=DRAWS, seed=int(seed))
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
    show_take_along(
        estimator_frame(p, k, ns, draws=DRAWS, seed=int(seed)),
        "estimators",
        chart="estimators",
        python=script(
            code(
                "figure = {}",
                call(estimators_figure, p, k, ns, theme_code(), draws=DRAWS, seed=int(seed)),
            ),
            SHOW_FIGURE,
        ),
    )


def _draw_again() -> None:
    st.session_state.est_seed = (int(st.session_state.get("est_seed") or 0) + 1) % MAX_SEED
