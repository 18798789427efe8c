"""The views of the pass@k page: curves, table, difference, problems, planner."""

from __future__ import annotations

import re
import shlex

import pandas as pd
import streamlit as st
from components import as_markdown, chart_theme, show_chart, show_note
from passk_runs import Run
from take_along import show_take_along

from lintseq_core import LintSeqError
from lintseq_core.charts.pass_at_k import difference_figure, pass_at_k_figure, solve_rate_figure
from lintseq_core.metrics.planning import plan
from lintseq_core.results.curves import curve_frame, difference_frame
from lintseq_core.results.frames import Frame, problem_frame
from lintseq_core.results.paper import PublishedNumber, published
from lintseq_core.results.scores import compare, score
from lintseq_core.results.simulated import SimulatedRun
from lintseq_core.results.tally import Tally

BENCHMARKS = ("HumanEval", "MBPP(+)", "CodeContests")
AXES = ("Samples", "Tokens", "Test-time FLOPs")
KS = (1, 5, 10, 50, 100, 200)


def show_curves(runs: dict[str, Run], simulated: dict[str, SimulatedRun]) -> None:
    """pass@k over k of every run, and what can be laid beside."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        axis = st.selectbox("Axis", AXES, key="axis", bind="query-params", width=190)
        beyond = st.number_input(
            "Go on to k =",
            min_value=0,
            max_value=100_000,
            step=100,
            key="beyond",
            bind="query-params",
            help="Beyond the samples that are there, a beta-binomial model goes on, dashed. It "
            "shows how sure its fit is, not whether the model is right.",
            width=170,
        )
        layer = st.selectbox(
            "Published curves",
            ("none", *BENCHMARKS),
            key="published",
            bind="query-params",
            width=190,
        )
    costs = _costs(runs, axis)
    frame = _curves({name: run.tally for name, run in runs.items()}, int(beyond or 0))
    numbers: list[PublishedNumber] = []
    if layer != "none":
        numbers = _published_curves(layer)
        models = sorted({one.model for one in numbers})
        kept = st.pills(
            "Published models", models, default=models[:1], selection_mode="multi", key="models"
        )
        numbers = [one for one in numbers if one.model in kept]
        if axis != AXES[0]:
            show_note("Published curves are over samples: choose that axis to see them.")
    title = dict(zip(AXES, ("k, samples", "tokens", "FLOPs"), strict=True))
    figure = pass_at_k_figure(
        frame, chart_theme(), published=numbers, x_of=costs, x_title=f"{title[axis]} a problem"
    )
    show_chart(figure, key="curves", alt=_told(frame))
    for name in runs:
        if name in simulated:
            truth = simulated[name].true_pass_at_k(10)
            show_note(f"{name}: drawn from chances whose true pass@10 is {truth:.1%}.")
    show_take_along(frame, "pass_at_k", python=_python(runs), command=_command(runs))


def show_table(runs: dict[str, Run]) -> None:
    """pass@k with its interval at the usual k."""
    rows = []
    for name, run in runs.items():
        least = min(run.tally.n)
        ks = [k for k in KS if k <= least] or [least]
        for one in score(run.tally, ks):
            rows.append(
                {
                    "run": name,
                    "k": one.k,
                    "pass@k": one.value,
                    "from": one.low,
                    "to": one.high,
                    "problems": one.n_problems,
                }
            )
    shares = {
        column: st.column_config.NumberColumn(format="percent")
        for column in ("pass@k", "from", "to")
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=shares, width="content")


def show_difference(runs: dict[str, Run]) -> None:
    """Whether one run is better than another, on the problems that both have."""
    if len(runs) < 2:
        st.info("Choose two runs.", icon=":material/compare_arrows:")
        return
    names = list(runs)
    with st.container(horizontal=True):
        a = st.selectbox("Run", names, index=1, key="run_a", width=360)
        b = st.selectbox("less", names, index=0, key="run_b", width=360)
    try:
        frame = difference_frame(runs[a].tally, runs[b].tally)
    except LintSeqError as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return
    last = list(frame.rows())[-1]["k"]
    for k in dict.fromkeys((1, last)):
        st.markdown(as_markdown(_verdict(a, b, runs, k)), width=860)
    figure = difference_figure(frame, chart_theme(), a=a, b=b)
    alt = f"Difference of pass@k between {a} and {b} for k from 1 to {last}"
    show_chart(figure, key="difference", alt=alt)
    command = ""
    if all(runs[name].path for name in (a, b)):
        paths = " ".join(shlex.quote(runs[name].path) for name in (a, b))
        command = f"lintseq passk --compare {paths} --k 1,{last}"
    show_take_along(frame, "difference", command=command)


def show_rates(runs: dict[str, Run]) -> None:
    """The share of samples that pass, problem by problem."""
    tallies = {name: run.tally for name, run in runs.items()}
    by = st.segmented_control(
        "Order of the problems",
        ("As numbered", "Hardest first"),
        default="Hardest first",
        key="order",
        required=True,
        bind="query-params",
    )
    rates = _mean_rates(tallies)
    key = (lambda task: (rates[task], task)) if by == "Hardest first" else _natural
    figure = solve_rate_figure(tallies, chart_theme(), order=key)
    alt = f"Share of samples that pass, {len(rates)} problems, {len(runs)} runs"
    show_chart(figure, key="rates", alt=alt)
    _show_sets(tallies)
    show_take_along(problem_frame(tallies), "problems")


def show_planner(runs: dict[str, Run]) -> None:
    """How many samples, and problems, a band of a given width needs."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Pilot run", list(runs), key="pilot", width=360)
        found = runs[name].tally
        k = st.number_input("k", min_value=1, max_value=1_000, value=10, key="plan_k", width=120)
        points = st.number_input(
            "Band, ± points", min_value=0.1, max_value=50.0, value=2.0, key="plan_points", width=150
        )
    ns = sorted({int(k * factor) for factor in (1, 2, 3, 5, 10, 20, 50, 100)})
    try:
        found_plan = plan(found.n, found.c, int(k), ns)
    except LintSeqError as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return
    enough = next((one for one in found_plan if 100 * one.half_width <= points), None)
    best = found_plan[-1]
    told = (
        f"{enough.n:,} samples a problem put pass@{k} of these {best.n_problems} problems within "
        f"±{points:g} points, {100 * enough.half_width:.1f} to be exact."
        if enough
        else f"Even {best.n:,} samples a problem leave ±{100 * best.half_width:.1f} points."
    )
    needed = best.problems_for(points / 100)
    over = 100 * best.half_width_over_problems
    st.markdown(
        as_markdown(
            f"{told} If the problems count as drawn from many like them, no number of samples goes "
            f"below ±{over:.1f} points with {best.n_problems} problems; ±{points:g} would take "
            f"{needed:,} problems."
        ),
        width=860,
    )
    rows = [
        {
            "samples a problem": one.n,
            "± points, these problems": 100 * one.half_width,
            "± points, problems like these": 100 * one.half_width_over_problems,
        }
        for one in found_plan
    ]
    st.dataframe(pd.DataFrame(rows).round(2), hide_index=True, width="content")
    show_note(
        "From a beta-binomial fitted to the pilot run, and runs simulated from it; at the level of "
        "95 %."
    )


def _counts(found: Tally) -> tuple[object, ...]:
    """What curves depend on."""
    return found.name, found.task_ids, found.n, found.c


@st.cache_resource(
    max_entries=32, show_spinner="Drawing problems anew", hash_funcs={Tally: _counts}
)
def _curves(tallies: dict[str, Tally], beyond: int) -> Frame:
    return curve_frame(tallies, beyond=beyond)


def _published_curves(benchmark: str) -> list[PublishedNumber]:
    """The published numbers of models that have several k."""
    numbers = [one for one in published(benchmark=benchmark) if one.k]
    ks: dict[str, set[int | None]] = {}
    for one in numbers:
        ks.setdefault(one.model, set()).add(one.k)
    return [one for one in numbers if len(ks[one.model]) > 2]


def _costs(runs: dict[str, Run], axis: str) -> dict[str, float] | None:
    """What a sample costs in each run, as the reader says; None for the axis of samples."""
    if axis == AXES[0]:
        return None
    table = pd.DataFrame(
        {"run": list(runs), "tokens a sample": 200.0, "parameters, millions": 135.0}
    )
    show_note("Files of results do not say what a sample costs: put it in here.")
    edited = st.data_editor(table, hide_index=True, disabled=["run"], key="costs", width="content")
    costs = {}
    for row in edited.to_dict("records"):
        tokens = max(float(row["tokens a sample"] or 0), 1e-9)
        millions = max(float(row["parameters, millions"] or 0), 1e-9)
        costs[row["run"]] = tokens if axis == AXES[1] else 2 * millions * 1e6 * tokens
    return costs


def _verdict(a: str, b: str, runs: dict[str, Run], k: int) -> str:
    (found,) = compare(runs[a].tally, runs[b].tally, [k])
    gap = found.paired.difference
    ends = f"{100 * gap.low:+.1f} to {100 * gap.high:+.1f} points"
    p = f"p = {found.paired.p_value:.2g}"
    if gap.low > 0 or gap.high < 0:
        better, worse = (a, b) if gap.estimate > 0 else (b, a)
        said = f"the gap is real: {better} is better than {worse}"
    else:
        said = "no difference can be told from chance"
    return (
        f"At k = {k} {said} ({100 * gap.estimate:+.1f} points, 95 % interval {ends}, {p}, "
        f"{gap.n_problems} shared problems)."
    )


def _mean_rates(tallies: dict[str, Tally]) -> dict[str, float]:
    sums: dict[str, list[float]] = {}
    for found in tallies.values():
        for task, n, c in zip(found.task_ids, found.n, found.c, strict=True):
            if n:
                sums.setdefault(task, []).append(c / n)
    return {task: sum(rates) / len(rates) for task, rates in sums.items()}


def _natural(task: str) -> list[tuple[int, int | str]]:
    parts = re.split(r"(\d+)", task)
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]


def _show_sets(tallies: dict[str, Tally]) -> None:
    solved = {
        name: {t for t, c in zip(found.task_ids, found.c, strict=True) if c}
        for name, found in tallies.items()
    }
    for name, tasks in solved.items():
        others = set().union(*(other for one, other in solved.items() if one != name))
        alone = sorted(tasks - others, key=_natural)
        listed = ", ".join(alone[:12]) + (" and more" if len(alone) > 12 else "")
        only = f"; {len(alone)} that no other run here solves: {listed}" if len(solved) > 1 else ""
        if len(solved) > 1 and not alone:
            only = "; none that no other run here solves"
        show_note(f"{name} solves {len(tasks)} of {len(tallies[name].task_ids)} problems{only}.")


def _told(frame: Frame) -> str:
    """The chart in words, for those who do not see it."""
    last = {row["run"]: row for row in frame.rows() if row["kind"] == "measured"}
    parts = [f"{run}: pass@{row['k']} {row['pass_at_k']:.1%}" for run, row in last.items()]
    return f"pass@k over k. {'; '.join(parts)}"


def _command(runs: dict[str, Run]) -> str:
    paths = [shlex.quote(run.path) for run in runs.values() if run.path]
    return f"lintseq passk {' '.join(paths)} --k 1,10,100" if paths else ""


def _python(runs: dict[str, Run]) -> str:
    files = [run.path for run in runs.values() if run.path] or ["results.jsonl"]
    return f"""from lintseq_core.charts.pass_at_k import pass_at_k_figure
from lintseq_core.charts.theme import LIGHT
from lintseq_core.results.curves import curve_frame
from lintseq_core.results.importers import recognise
from lintseq_core.results.reading import open_input
from lintseq_core.results.tally import tally

runs = {{}}
for name in {files!r}:
    with open_input(name) as opened:
        runs[name] = tally(recognise(opened).samples(), name)
pass_at_k_figure(curve_frame(runs), LIGHT).show()
"""
