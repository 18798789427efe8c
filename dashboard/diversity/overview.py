"""Every measure of every run, and a pair of programs to see each measure on."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from dashboard.diversity.code import diversity_command, measures_code, runs_code
from dashboard.diversity.metrics import BY_TITLE, MEASURES
from dashboard.diversity.runs import N_PAIRS, N_PROBLEMS, load_measures
from dashboard.shared.calls import Code, call, code, script
from dashboard.shared.show import as_markdown, room, show_note
from dashboard.shared.take_along import show_take_along
from lintseq_core.metrics.diversity import ProblemDiversity, mean_diversity
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.sampled import SampledRun

ROW_HEIGHT = 35
"""Pixels of a row of st.dataframe."""


def show_overview(runs: dict[str, SampledRun], most: int) -> None:
    """A row a measure, a column a run; then a worked pair."""
    found = {name: load_measures(run, most, N_PROBLEMS) for name, run in runs.items()}
    means = {name: mean_diversity(list(each.values())) for name, each in found.items()}
    rows = []
    for measure in MEASURES:
        row: dict[str, object] = {"measure": measure.title}
        row |= {name: _cell(measure.of(mean)) for name, mean in means.items()}
        rows.append(row | {"what it is": measure.meaning})
    rows += _order_rows(runs)
    with room(ROW_HEIGHT * (len(rows) + 1)):
        st.dataframe(pd.DataFrame(rows), hide_index=True, key="measures", height="content")
    n_problems = max(len(run.problems) for run in runs.values())
    of = f"{N_PROBLEMS} of {n_problems:,} problems, spread evenly"
    show_note(
        f"Means over {of if n_problems > N_PROBLEMS else 'problems'}, of the first {most} programs "
        "of each; trees and CodeBLEU over "
        f"{N_PAIRS} drawn pairs at most. Counts and the Vendi score grow with the number of "
        "programs: compare runs at the same number. – : cannot be said."
    )
    for name, mean in means.items():
        show_note(_said(name, found[name], mean))
    if any(_is_broken(mean) and _may_lack_prompts(runs[name]) for name, mean in means.items()):
        show_note("If the samples continue the prompts of a benchmark, name it above.")
    commands = [diversity_command(run, most) for run in runs.values()]
    show_take_along(
        measures_frame(found),
        "diversity",
        python=script(
            runs_code(runs),
            measures_code(most, N_PROBLEMS),
            Code("for name, each in measured.items():"),
            code("    print(name, {})", call(mean_diversity, Code("list(each.values())"))),
        ),
        command="\n".join(filter(None, commands)),
    )
    _show_pair()


def measures_frame(found: dict[str, dict[str, ProblemDiversity]]) -> Frame:
    """run, task_id and every measure: a row a problem of each run."""
    rows = [
        {"run": name, "task_id": task_id} | {m.field: m.of(one) for m in MEASURES}
        for name, each in found.items()
        for task_id, one in each.items()
    ]
    return frame_of(rows, ["run", "task_id", *(measure.field for measure in MEASURES)])


def _order_rows(runs: dict[str, SampledRun]) -> list[dict[str, object]]:
    orders = {name: run.orders for name, run in runs.items()}
    if not any(orders.values()):
        return []
    n_orders = {
        name: _cell(one.n_orders if one else math.nan, digits=0) for name, one in orders.items()
    }
    far = {name: _cell(one.mean_distance if one else math.nan) for name, one in orders.items()}
    return [
        {"measure": "Edit orders", "what it is": "orders of edits among all sequences of the run"}
        | n_orders,
        {
            "measure": "Distance of orders",
            "what it is": "mean over sequences of one program: pairs of lines put differently; "
            "0 the same, 1 reversed",
        }
        | far,
    ]


def _said(name: str, found: dict[str, ProblemDiversity], mean: ProblemDiversity) -> str:
    if not found:
        return f"{name}: one program a problem, so nothing to compare; draw more samples."
    programs = f"{mean.n_programs:.1f}".removesuffix(".0")
    noun = "problem" if len(found) == 1 else "problems"
    told = f"{name}: {len(found):,} {noun}, {programs} programs each on average"
    if _is_broken(mean):
        return (
            f"{told}. Most do not parse: broken programs differ too, so this diversity is no "
            "strength."
        )
    return f"{told}."


def _may_lack_prompts(run: SampledRun) -> bool:
    return run.orders is None and not run.benchmark


def _is_broken(mean: ProblemDiversity) -> bool:
    return mean.unparsable > mean.n_programs / 2


def _show_pair() -> None:
    st.header("A worked pair", anchor=False)
    title = st.selectbox("Measure", list(BY_TITLE), key="pair", bind="query-params", width=260)
    measure = BY_TITLE[title]
    value = measure.of_pair()
    st.markdown(
        as_markdown(f"{measure.title}: {measure.meaning}. Here: {value:.3g}. {measure.reading}"),
        width=760,
    )
    for column, program in zip(st.columns(2), measure.pair, strict=True):
        with column:
            st.code(program, language="python")
    if measure.pair_outcomes:
        show_note("The tests: even(0) is true, even(3) is false.")


def _cell(value: float, digits: int = 2) -> str:
    return "–" if math.isnan(value) else f"{value:,.{digits}f}"
