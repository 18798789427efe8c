"""Problem by problem: the share of samples that pass in each run, and who solves what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.files.brought import Brought
from dashboard.pass_at_k.code import passk_command, runs_code
from dashboard.pass_at_k.runs import Run
from dashboard.pass_at_k.samples import show_samples
from dashboard.shared.calls import SHOW_FIGURE, Code, call, code, script
from dashboard.shared.show import chart_theme, show_chart, show_note, shown, theme_code
from dashboard.shared.take_along import show_take_along
from lintseq_core.charts.solve_rates import hardest_first, natural_order, solve_rate_figure
from lintseq_core.results.frames import problem_frame
from lintseq_core.results.scores.tally import Tally

NUMBERED, HARDEST = "As numbered", "Hardest first"
MAX_LISTED = 12


def show_rates(
    runs: dict[str, Run], files_of: Mapping[str, Brought | None], files: Sequence[Brought]
) -> None:
    """The heat map, the sets of solved problems, and the samples of the one that is chosen.

    `files_of`: the file of each run; `files`: where else its programs may be.
    """
    tallies = {name: run.tally for name, run in runs.items()}
    by = st.segmented_control(
        "Order of the problems",
        (NUMBERED, HARDEST),
        default=HARDEST,
        key="order",
        required=True,
        bind="query-params",
    )
    order: Callable[[str], Any] = hardest_first(tallies) if by == HARDEST else natural_order
    tasks = sorted({task for found in tallies.values() for task in found.task_ids}, key=order)
    _take_link(tasks, list(runs))
    task, name = st.session_state.get("problem"), st.session_state.get("problem_run")
    chosen = (name, task) if task in tasks and name in runs else None
    figure = solve_rate_figure(tallies, chart_theme(), order=order, chosen=chosen)
    solved = "; ".join(
        f"{run}: {sum(c > 0 for c in found.c)} of {len(found.c)} solved"
        for run, found in tallies.items()
    )
    show_chart(
        figure,
        key="rates",
        alt=f"Share of samples that pass, {len(tasks)} problems, {len(runs)} runs. {solved}",
        on_select=_select,
    )
    show_note(
        "Grey: no sample passes; full blue: all do; empty: the run has none. Click a cell to read "
        "its samples below."
    )
    show_take_along(
        problem_frame(tallies),
        "problems",
        chart="rates",
        python=_python(runs, by == HARDEST, chosen),
        command=passk_command(runs, by_problem=True),
    )
    _show_sets(tallies)
    st.header("One problem", anchor=False)
    with st.container(horizontal=True):
        # None is no choice that a selectbox could be given back to: it stays empty until one is.
        st.selectbox(
            "Problem",
            tasks,
            index=None,
            key="problem",
            format_func=shown,
            placeholder="Click a cell above, or choose",
            width=300,
        )
        st.selectbox("Run", list(runs), key="problem_run", width=360)
    task, name = st.session_state.problem, st.session_state.problem_run
    if task is None:
        st.query_params.pop("problem", None)
        st.query_params.pop("problem_run", None)
        return
    st.query_params["problem"], st.query_params["problem_run"] = task, name
    show_samples(name, runs[name], task, files_of[name], files)


def _take_link(tasks: list[str], names: list[str]) -> None:
    """Choose what the link says, at the first sight; forget a choice that is not there any more."""
    state = st.session_state
    for key, known in (("problem", tasks), ("problem_run", names)):
        if key not in state and st.query_params.get(key) in known:
            state[key] = st.query_params[key]
        elif key in state and state[key] is not None and state[key] not in known:
            state[key] = None if key == "problem" else names[0]


def _select() -> None:
    points = st.session_state.rates.selection.points
    if points:
        name, task = points[0]["customdata"][:2]
        st.session_state.problem, st.session_state.problem_run = task, name


def _show_sets(tallies: dict[str, Tally]) -> None:
    st.header("Who solves what", anchor=False)
    solved = {
        name: {t for t, c in zip(found.task_ids, found.c, strict=True) if c}
        for name, found in tallies.items()
    }
    everyone = set.intersection(*solved.values())
    nobody = {t for found in tallies.values() for t in found.task_ids} - set.union(*solved.values())
    rows = []
    for name, tasks in solved.items():
        others = set().union(*(other for one, other in solved.items() if one != name))
        alone = sorted(tasks - others, key=natural_order)
        rows.append(
            {
                "run": name,
                "problems": len(tallies[name].task_ids),
                "solved": len(tasks),
                "only this run": len(alone),
                "which only this run solves": _listed(alone),
            }
        )
    if len(solved) == 1:
        ((name, tasks),) = solved.items()
        show_note(f"{name} solves {len(tasks)} of {len(tallies[name].task_ids)} problems.")
    else:
        st.dataframe(pd.DataFrame(rows), hide_index=True, key="sets", height="content")
        show_note(f"All of these runs solve {len(everyone)} problems.")
    if nobody:
        named = _listed(sorted(nobody, key=natural_order))
        show_note(f"No sample of any of these runs solves {len(nobody)} problems: {named}.")
    show_note(
        "Solved: one sample at least passes. A run with more samples solves more by that alone; "
        "few problems that only one run solves can be chance."
    )


def _listed(tasks: list[str]) -> str:
    listed = ", ".join(shown(task[:60]) for task in tasks[:MAX_LISTED])
    return f"{listed} and {len(tasks) - MAX_LISTED} more" if len(tasks) > MAX_LISTED else listed


def _python(runs: dict[str, Run], hardest: bool, chosen: tuple[str, str] | None) -> str:
    order = call(hardest_first, Code("runs")) if hardest else natural_order
    frame = {"chosen": chosen} if chosen else {}
    return script(
        runs_code(runs),
        code(
            "figure = {}",
            call(solve_rate_figure, Code("runs"), theme_code(), order=order, **frame),
        ),
        SHOW_FIGURE,
    )
