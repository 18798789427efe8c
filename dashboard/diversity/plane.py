"""Quality against diversity: runs on a plane, and whether a gain goes with diversity."""

from __future__ import annotations

from math import isnan

import streamlit as st

from dashboard.diversity.code import diversity_command, measures_code, runs_code
from dashboard.diversity.metrics import BY_TITLE, MEASURES, Measure
from dashboard.diversity.runs import N_PROBLEMS, load_measures
from dashboard.shared.calls import SHOW_FIGURE, Code, call, code, script
from dashboard.shared.show import as_markdown, chart_theme, show_chart, show_note, theme_code
from dashboard.shared.take_along import show_take_along
from lintseq_core.charts.diversity import plane_figure, plane_points
from lintseq_core.charts.diversity_gain import GainPoint, gain_figure, gain_points, gain_sentence
from lintseq_core.metrics.diversity import ProblemDiversity
from lintseq_core.metrics.intervals import TOO_FEW
from lintseq_core.results.frames import frame_of
from lintseq_core.results.sampled import SampledRun, pass_at_k_of_run
from lintseq_core.results.scores.counting import temperature_remark
from lintseq_core.results.scores.curves import told_ends

KS = (1, 2, 5, 10, 20, 50, 100, 200)
NO_VERDICTS = (
    "which samples pass is not known. Run `lintseq evaluate SAMPLES --each-test -o RESULTS` "
    "and give the page the file of results too."
)


def show_plane(runs: dict[str, SampledRun], most: int, colours: dict[str, int]) -> None:
    """A point a run whose verdicts are known, in its colour; what is missing of the others."""
    decided = _with_verdicts(runs)
    if not decided:
        return
    with st.container(horizontal=True):
        measure = _choose_measure()
        k = _choose_k(decided)
    measured = {name: load_measures(run, most, N_PROBLEMS) for name, run in decided.items()}
    points = plane_points(decided, measured, measure.field, k)
    left_out = sorted(decided.keys() - {point.run for point in points})
    for name in left_out:
        show_note(f"{name} is left out: {measure.title} or pass@{k} cannot be said of it.")
    if not points:
        return
    axis = f"{measure.title}, mean over problems"
    numbers = {one.run: colours[one.run] for at, one in enumerate(points) if colours[one.run] != at}
    figure = plane_figure(
        points,
        chart_theme(),
        x=axis,
        y=f"pass@{k}",
        reverse=measure.is_similarity,
        numbers=numbers,
    )
    told = "; ".join(
        f"{one.run}: {measure.title} {one.diversity:.2f}, pass@{k} {one.quality:.1%}, "
        f"{told_ends(one.low, one.high)}"
        for one in points
    )
    show_chart(figure, key="plane", alt=f"Quality against diversity. {told}")
    show_note(
        "Up is better, right is more diverse; the bars are 95 % intervals over problems. Dotted: "
        "one model from low to high temperature, where several are there. Programs that "
        "are broken in different ways are diverse as well."
    )
    if any(len(run.problems) > N_PROBLEMS for run in decided.values()):
        show_note(f"Diversity is of {N_PROBLEMS} problems of each run, pass@{k} of all.")
    if any(isnan(one.low) for one in points):
        show_note(f"No bar: {TOO_FEW}.")
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
    commands = [diversity_command(run, most) for run in decided.values()]
    show_take_along(
        frame_of(rows, list(rows[0])),
        "quality_diversity",
        chart="plane",
        python=script(
            runs_code(decided),
            measures_code(most, N_PROBLEMS),
            code(
                "points = {}",
                call(plane_points, Code("runs"), Code("measured"), measure.field, k),
            ),
            code(
                "figure = {}",
                call(
                    plane_figure,
                    Code("points"),
                    theme_code(),
                    x=axis,
                    y=f"pass@{k}",
                    reverse=measure.is_similarity,
                    **({"numbers": numbers} if numbers else {}),
                ),
            ),
            SHOW_FIGURE,
        ),
        command="\n".join(filter(None, commands)),
    )


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
        a = st.selectbox("Run", names, index=1, key="gain_a", bind="query-params", width=260)
        b = st.selectbox("less", names, index=0, key="gain_b", bind="query-params", width=260)
        measure = _choose_measure()
        k = _choose_k({name: decided[name] for name in (a, b)})
    if a == b:
        st.info("Choose two different runs.", icon=":material/compare_arrows:")
        return
    if len({decided[name].suite for name in (a, b)} - {""}) > 1:
        st.info(
            "Different tests of EvalPlus decide these two runs: choose the base tests above.",
            icon=":material/compare_arrows:",
        )
        return
    if told := temperature_remark({name: [decided[name].temperature] for name in (a, b)}):
        st.warning(as_markdown(f"{told[0].upper()}{told[1:]}."), icon=":material/thermostat:")
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
    pair = {name: decided[name] for name in (a, b)}
    show_take_along(
        frame_of(rows, list(rows[0])),
        "gain",
        chart="gain",
        python=script(
            runs_code(pair),
            measures_code(most),
            code(
                "quality = tuple({} for run in runs.values())",
                call(pass_at_k_of_run, Code("run"), k),
            ),
            code(
                "diversity = tuple(\n"
                "    {{task_id: one.{} for task_id, one in each.items()}} "
                "for each in measured.values()\n)",
                getattr(ProblemDiversity, measure.field),
            ),
            code("points = {}", call(gain_points, Code("quality"), Code("diversity"))),
            code(
                "figure = {}",
                call(gain_figure, Code("points"), theme_code(), x=measure.title, y=quality),
            ),
            SHOW_FIGURE,
        ),
        command="\n".join(filter(None, (diversity_command(run, most) for run in pair.values()))),
    )


def _gain(a: SampledRun, b: SampledRun, most: int, measure: Measure, k: int) -> list[GainPoint]:
    more, less = (
        {task: measure.of(one) for task, one in load_measures(run, most).items()} for run in (a, b)
    )
    return gain_points((pass_at_k_of_run(a, k), pass_at_k_of_run(b, k)), (more, less))


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
