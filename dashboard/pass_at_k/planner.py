"""How many samples, and how many problems, a band of a given width needs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.pass_at_k.code import runs_code
from dashboard.pass_at_k.runs import Run, counts_of
from dashboard.shared.calls import SHOW_FIGURE, Code, call, code, script
from dashboard.shared.show import as_markdown, chart_theme, show_chart, show_note, theme_code
from dashboard.shared.take_along import show_take_along
from lintseq_core import LintSeqError
from lintseq_core.charts.precision import precision_figure
from lintseq_core.metrics.planning import Precision, plan
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.scores.forecasts import draw_next
from lintseq_core.results.scores.tally import Tally

FACTORS = (1, 2, 3, 5, 10, 20, 50, 100)


def show_planner(runs: dict[str, Run], colours: dict[str, int]) -> None:
    """From a pilot run: the width of the band over the number of samples.

    `colours`: the number of the colour of each run.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Pilot run", list(runs), key="pilot", bind="query-params", width=360)
        found = runs[name].tally
        k = st.number_input(
            "k",
            min_value=1,
            max_value=1_000,
            value=10,
            key="plan_k",
            bind="query-params",
            width=120,
        )
        points = st.number_input(
            "Band, ± points",
            min_value=0.1,
            max_value=50.0,
            value=2.0,
            step=0.5,
            key="plan_points",
            bind="query-params",
            width=150,
        )
    ns = [int(k) * factor for factor in FACTORS]
    try:
        found_plan = _plan(found.n, found.c, int(k), tuple(ns))
    except LintSeqError as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return
    st.markdown(as_markdown(_told(found, found_plan, int(k), points)), width=860)
    figure = precision_figure(
        found_plan, chart_theme(), half_width=points / 100, number=colours[name]
    )
    widths = "; ".join(f"{one.n:,}: ±{100 * one.half_width:.1f}" for one in found_plan)
    show_chart(
        figure,
        key="plan",
        alt=f"Half width of the band of pass@{k} in points over samples a problem. {widths}",
    )
    rows = [
        {
            "samples a problem": one.n,
            "± points, these problems": 100 * one.half_width,
            "± points, problems like these": 100 * one.half_width_over_problems,
        }
        for one in found_plan
    ]
    widths_shown = {
        column: st.column_config.NumberColumn(format="%.1f") for column in list(rows[0])[1:]
    }
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config=widths_shown,
        width="content",
        key="plans",
    )
    show_note(
        "From a beta-binomial fitted to the pilot run, and runs simulated from it; at the level of "
        "95 %. These problems: only the samples are drawn anew. Problems like these: the problems "
        "too, which is what a claim about a model is."
    )
    show_take_along(
        frame_of(
            [
                {
                    "k": one.k,
                    "n": one.n,
                    "half_width": one.half_width,
                    "half_width_over_problems": one.half_width_over_problems,
                    "n_problems": one.n_problems,
                }
                for one in found_plan
            ],
            ("k", "n", "half_width", "half_width_over_problems", "n_problems"),
        ),
        "planner",
        chart="plan",
        python=_python(runs, name, int(k), ns, points, colours[name]),
    )
    _show_next(found)


def _show_next(found: Tally) -> None:
    """Which problems to draw the next samples for, where pass@k is predicted beyond them."""
    st.header("Where to draw next", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        budget = st.number_input(
            "Next samples, in all", min_value=1, max_value=1_000_000, value=1_000, step=100,
            key="plan_next", bind="query-params", width=190,
        )  # fmt: skip
        k = st.number_input(
            "to predict pass@", min_value=1, max_value=100_000, value=1_000, step=100,
            key="plan_ahead", bind="query-params", width=190,
        )  # fmt: skip
    frame = _draw_next(found, int(k), int(budget))
    groups: dict[tuple[int, int, int], int] = {}
    for row in frame.rows():
        key = row["c"], row["n"], row["more"]
        groups[key] = groups.get(key, 0) + 1
    rows = [
        {"passed so far": f"{c:,} of {n:,}", "problems": count, "draw for each": more}
        for (c, n, more), count in sorted(groups.items(), key=lambda one: -one[0][2])
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="content", key="next", height="content")
    show_note(
        "Each sample goes where it is expected to lower the variance of the prediction most, by a "
        "beta-binomial of these counts; ask again when some are drawn. What that saves beside as "
        "many for each problem was simulated: docs/forecasts.md."
    )
    with st.expander("Problem by problem", icon=":material/list:"):
        st.dataframe(frame.to_pandas(), hide_index=True, width="content", key="next_by_problem")


@st.cache_resource(max_entries=32, show_spinner="Planning", hash_funcs={Tally: counts_of})
def _draw_next(found: Tally, k: int, budget: int) -> Frame:
    return draw_next(found, k, budget)


@st.cache_resource(max_entries=32, show_spinner="Simulating runs")
def _plan(n: tuple[int, ...], c: tuple[int, ...], k: int, ns: tuple[int, ...]) -> list[Precision]:
    return plan(n, c, k, ns)


def _told(found: Tally, found_plan: list[Precision], k: int, points: float) -> str:
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
    if over <= points:
        return (
            f"{told} If the problems count as drawn from many like them, {best.n:,} samples leave "
            f"±{over:.1f} points: these problems are enough."
        )
    return (
        f"{told} If the problems count as drawn from many like them, no number of samples goes "
        f"below ±{over:.1f} points with {best.n_problems} problems; ±{points:g} would take "
        f"{needed:,} problems."
    )


def _python(
    runs: dict[str, Run], name: str, k: int, ns: list[int], points: float, number: int
) -> str:
    return script(
        runs_code({name: runs[name]}),
        code("pilot = runs[{}]", name),
        code("found = {}", call(plan, code("pilot.{}", Tally.n), code("pilot.{}", Tally.c), k, ns)),
        code(
            "figure = {}",
            call(
                precision_figure,
                Code("found"),
                theme_code(),
                half_width=points / 100,
                number=number,
            ),
        ),
        SHOW_FIGURE,
    )
