"""Whether one run is better than another, on the problems that both have."""

from __future__ import annotations

from math import isnan

import streamlit as st

from dashboard.pass_at_k.code import compare_command, runs_code, told_metric
from dashboard.pass_at_k.runs import Run, counts_of
from dashboard.shared.calls import SHOW_FIGURE, Code, call, code, script
from dashboard.shared.show import as_markdown, chart_theme, show_chart, show_note, theme_code
from dashboard.shared.take_along import show_take_along
from lintseq_core import LintSeqError
from lintseq_core.charts.pass_at_k import difference_figure
from lintseq_core.metrics.intervals import TOO_FEW
from lintseq_core.results.frames import Frame
from lintseq_core.results.scores.counting import temperature_remark
from lintseq_core.results.scores.curves import difference_frame
from lintseq_core.results.scores.family import Metric
from lintseq_core.results.scores.pass_at_k import Comparison, compare
from lintseq_core.results.scores.tally import Tally


def show_difference(runs: dict[str, Run], metric: Metric) -> None:
    """The paired difference over k, and a sentence for the first and the last k."""
    if len(runs) < 2:
        st.info("Choose two runs above.", icon=":material/compare_arrows:")
        return
    names = list(runs)
    with st.container(horizontal=True):
        a = st.selectbox("Run", names, index=1, key="run_a", bind="query-params", width=360)
        b = st.selectbox("less", names, index=0, key="run_b", bind="query-params", width=360)
    if a == b:
        st.info("Choose two different runs.", icon=":material/compare_arrows:")
        return
    if len({runs[name].tally.suite for name in (a, b)} - {""}) > 1:
        st.info(
            "Different tests of EvalPlus decide these two runs: choose the base tests above.",
            icon=":material/compare_arrows:",
        )
        return
    if told := temperature_remark({name: [runs[name].temperature] for name in (a, b)}):
        st.warning(as_markdown(f"{told[0].upper()}{told[1:]}."), icon=":material/thermostat:")
    try:
        frame = _difference(runs[a].tally, runs[b].tally, metric)
    except LintSeqError as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return
    ks = list(dict.fromkeys((1, list(frame.rows())[-1]["k"])))
    compared = _compare(runs[a].tally, runs[b].tally, tuple(ks), metric)
    for one in compared:
        st.markdown(as_markdown(_verdict(a, b, one)), width=860)
    n = {name: len(runs[name].tally.task_ids) for name in (a, b)}
    shared = compared[0].paired.difference.n_problems
    if shared < max(n.values()):
        show_note(
            f"Only the {shared:,} problems that both have count: {a} has {n[a]:,}, {b} {n[b]:,}."
        )
    figure = difference_figure(frame, chart_theme(), a=a, b=b)
    gaps = "; ".join(
        f"k = {one.k}: {100 * one.paired.difference.estimate:+.1f} points" for one in compared
    )
    show_chart(
        figure, key="difference", alt=f"{metric.label} of {a} less {b} over k, with band. {gaps}"
    )
    show_note(
        "Above the dotted line the first run is better. The band is a 95 % interval over problems, "
        "for each k apart: of many k, some leave the line by chance."
    )
    show_take_along(
        frame,
        "difference",
        chart="difference",
        python=_python(runs, a, b, metric),
        command=compare_command(runs[a], runs[b], ks, metric),
    )


@st.cache_resource(max_entries=32, show_spinner="Comparing", hash_funcs={Tally: counts_of})
def _difference(a: Tally, b: Tally, metric: Metric) -> Frame:
    return difference_frame(a, b, metric=metric)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs={Tally: counts_of})
def _compare(a: Tally, b: Tally, ks: tuple[int, ...], metric: Metric) -> list[Comparison]:
    return compare(a, b, ks, metric=metric)


def _verdict(a: str, b: str, found: Comparison) -> str:
    gap = found.paired.difference
    ends = f"95 % interval {100 * gap.low:+.1f} to {100 * gap.high:+.1f} points"
    if isnan(gap.low):
        ends = TOO_FEW
    p = "p < 0.001" if found.paired.p_value < 0.001 else f"p = {found.paired.p_value:.2g}"
    if found.paired.is_told_from_none:
        better, worse = (a, b) if gap.estimate > 0 else (b, a)
        said = f"the gap is real: {better} is better than {worse}"
    else:
        said = "no difference can be told from chance"
    unlike = f"{found.paired.n_unlike} of {gap.n_problems} shared problems are scored differently"
    return f"At k = {found.k} {said} ({100 * gap.estimate:+.1f} points, {ends}, {p}; {unlike})."


def _python(runs: dict[str, Run], a: str, b: str, metric: Metric) -> str:
    compared = {name: runs[name] for name in (a, b)}
    return script(
        runs_code(compared),
        code("a, b = {}, {}", a, b),
        code(
            "frame = {}",
            call(difference_frame, Code("runs[a]"), Code("runs[b]"), **told_metric(metric)),
        ),
        code(
            "figure = {}",
            call(difference_figure, Code("frame"), theme_code(), a=Code("a"), b=Code("b")),
        ),
        SHOW_FIGURE,
    )
