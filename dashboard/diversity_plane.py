"""Quality against diversity: runs on a plane, and whether a gain goes with diversity."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st
from components import as_markdown, chart_theme, show_chart, show_note
from diversity_metrics import BY_TITLE, MEASURES, Measure
from diversity_runs import load_measures
from diversity_samples import SampledRun
from take_along import show_take_along

from lintseq_core.charts.diversity import PlanePoint, plane_figure
from lintseq_core.charts.diversity_gain import GainPoint, gain_figure, gain_points, gain_sentence
from lintseq_core.metrics.diversity import mean_diversity
from lintseq_core.metrics.intervals import bootstrap_mean
from lintseq_core.metrics.pass_at_k import pass_at_k
from lintseq_core.results.frames import frame_of

KS = (1, 2, 5, 10, 20, 50, 100, 200)
NO_VERDICTS = (
    "which samples pass is not known. Run `lintseq evaluate SAMPLES --each-test -o RESULTS` "
    "and give the page the file of results too."
)


def show_plane(runs: dict[str, SampledRun], most: int) -> None:
    """A point a run whose verdicts are known; what is missing of the others."""
    decided = _with_verdicts(runs)
    if not decided:
        return
    with st.container(horizontal=True):
        measure = _choose_measure()
        k = _choose_k(decided)
    points = plane_points(decided, most, measure, k)
    left_out = sorted(decided.keys() - {point.run for point in points})
    for name in left_out:
        show_note(f"{name} is left out: {measure.title} or pass@{k} cannot be said of it.")
    if not points:
        return
    axis = f"{measure.title}, mean over problems"
    figure = plane_figure(
        points, chart_theme(), x=axis, y=f"pass@{k}", reverse=measure.is_similarity
    )
    told = "; ".join(
        f"{one.run}: {measure.title} {one.diversity:.2f}, pass@{k} {one.quality:.1%}"
        for one in points
    )
    show_chart(figure, key="plane", alt=f"Quality against diversity. {told}")
    show_note(
        "Up is better, right is more diverse; the bars are 95 % intervals over problems. Dotted: "
        "one model from low to high temperature, where traces of several are open. Programs that "
        "are broken in different ways are diverse as well."
    )
    rows = [
        {
            "run": one.run,
            "temperature": one.temperature,
            measure.field: one.diversity,
            f"pass_at_{k}": one.quality,
            "low": one.low,
            "high": one.high,
        }
        for one in points
    ]
    show_take_along(frame_of(rows, list(rows[0])), "quality_diversity")


def show_gain(runs: dict[str, SampledRun], most: int) -> None:
    """Across problems: where one run is more diverse, does it gain more?"""
    decided = _with_verdicts(runs)
    if not decided:
        return
    if len(decided) < 2:
        st.info("Choose two runs whose verdicts are known.", icon=":material/compare_arrows:")
        return
    names = list(decided)
    with st.container(horizontal=True):
        a = st.selectbox("Run", names, index=1, key="gain_a", width=260)
        b = st.selectbox("less", names, index=0, key="gain_b", width=260)
        measure = _choose_measure()
        k = _choose_k({name: decided[name] for name in (a, b)})
    points = _gain(decided[a], decided[b], most, measure, k)
    quality = f"pass@{k}"
    st.markdown(
        as_markdown(
            gain_sentence(
                points, quality=quality, measure=measure.title, reverse=measure.is_similarity
            )
        ),
        width=860,
    )
    if not points:
        show_note(
            f"The two runs share no problem of which {measure.title} and {quality} are known."
        )
        return
    figure = gain_figure(points, chart_theme(), x=measure.title, y=quality)
    alt = (
        f"{len(points)} problems: {a} less {b}, difference of {measure.title} against difference "
        f"of {quality}"
    )
    show_chart(figure, key="gain", alt=alt)
    show_note("A marker is a problem. Dotted: no difference.")
    rows = [
        {"task_id": one.task_id, measure.field: one.diversity, f"pass_at_{k}": one.quality}
        for one in points
    ]
    show_take_along(frame_of(rows, list(rows[0])), "gain")


def plane_points(
    runs: dict[str, SampledRun], most: int, measure: Measure, k: int
) -> list[PlanePoint]:
    """The runs of which both numbers are known."""
    points = []
    for name, run in runs.items():
        diversity = measure.of(mean_diversity(list(load_measures(run, most).values())))
        quality = bootstrap_mean(list(_pass_at_k(run, k).values()))
        if not math.isnan(diversity) and not math.isnan(quality.estimate):
            low, high = (
                quality.estimate if math.isnan(end) else end for end in (quality.low, quality.high)
            )
            points.append(
                PlanePoint(name, diversity, quality.estimate, low, high, run.model, run.temperature)
            )
    return points


def _gain(a: SampledRun, b: SampledRun, most: int, measure: Measure, k: int) -> list[GainPoint]:
    more, less = (
        {task: measure.of(one) for task, one in load_measures(run, most).items()} for run in (a, b)
    )
    return gain_points((_pass_at_k(a, k), _pass_at_k(b, k)), (more, less))


def _pass_at_k(run: SampledRun, k: int) -> dict[str, float]:
    """By problem, over all its decided samples."""
    tasks = [(task_id, one.decided) for task_id, one in run.problems.items() if one.decided]
    n = np.array([len(decided) for _, decided in tasks], dtype=np.int64)
    c = np.array([sum(decided) for _, decided in tasks], dtype=np.int64)
    values = pass_at_k(n, c, k).tolist() if tasks else []
    return {task_id: value for (task_id, _), value in zip(tasks, values, strict=True)}


def _with_verdicts(runs: dict[str, SampledRun]) -> dict[str, SampledRun]:
    """Those of `runs` with verdicts; says of the others what is missing."""
    unknown = [name for name, run in runs.items() if not run.has_verdicts]
    if unknown:
        st.info(as_markdown(f"{', '.join(unknown)}: {NO_VERDICTS}"), icon=":material/rule:")
    return {name: run for name, run in runs.items() if run.has_verdicts}


def _choose_measure() -> Measure:
    titles = [measure.title for measure in MEASURES]
    title = st.selectbox("Measure", titles, index=2, key="measure", bind="query-params", width=220)
    return BY_TITLE[title]


def _choose_k(runs: dict[str, SampledRun]) -> int:
    least = min(
        (len(one.decided) for run in runs.values() for one in run.problems.values() if one.decided),
        default=1,
    )
    ks = [k for k in KS if k <= least] or [1]
    return int(st.selectbox("k", ks, key="k", bind="query-params", width=110))
