"""pass@k over k of every run: curves over samples, tokens, FLOPs or seconds, and their table."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

import pandas as pd
import streamlit as st

from dashboard.pass_at_k.code import (
    metric_options,
    passk_command,
    runs_code,
    said,
    told_metric,
)
from dashboard.pass_at_k.runs import Run, counts_of
from dashboard.shared.calls import SHOW_FIGURE, Code, call, code, script
from dashboard.shared.show import chart_theme, show_chart, show_note, show_notes, theme_code
from dashboard.shared.take_along import show_take_along
from lintseq_core.charts.pass_at_k import Place, pass_at_k_figure
from lintseq_core.metrics.intervals import TOO_FEW
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.paper import PublishedNumber, published_curves
from lintseq_core.results.scores.curves import MODEL, curve_frame, told_ends
from lintseq_core.results.scores.family import Metric
from lintseq_core.results.scores.pass_at_k import score_frame
from lintseq_core.results.scores.simulated import SimulatedRun
from lintseq_core.results.scores.tally import Tally

NONE = "none"
BENCHMARKS = ("HumanEval", "MBPP(+)", "CodeContests")
BENCHMARK_OF = {"HumanEval": "HumanEval", "Mbpp": "MBPP(+)"}
"""Whose published curves are shown with runs whose task_ids begin so."""
VERSIONS = {"v3": "v3 (ICLR 2025)", "v1": "v1 (October 2024)"}
SAMPLES, TOKENS, FLOPS, SECONDS = AXES = ("Samples", "Tokens", "Test-time FLOPs", "Seconds")
TITLES = {
    SAMPLES: "k, samples a problem",
    TOKENS: "tokens a problem",
    FLOPS: "test-time FLOPs a problem",
    SECONDS: "seconds a problem",
}
KS = (1, 5, 10, 50, 100, 200)
ONE_PANEL, PANELS = "One panel", "A panel a temperature"
HALF = 168
"""Pixels of a choice: two stand beside each other on a phone."""
COLUMNS = ("tokens a sample", "parameters, millions", "seconds a sample")
DEFAULT_COSTS = (200.0, 135.0, 1.0)
MAX_COST = 1e9


@dataclass(frozen=True, slots=True)
class Shown:
    """How the curves are drawn."""

    beyond: int
    benchmark: str
    version: str
    models: tuple[str, ...]
    x_of: dict[str, float] | None
    x_title: str
    panels: dict[str, Place] | None


def show_curves(
    runs: dict[str, Run],
    files: dict[str, str],
    simulated: dict[str, SimulatedRun],
    numbers: dict[str, int],
    metric: Metric,
) -> None:
    """`metric` over k of every run, and what can be laid beside; `files` names the file of each.

    `numbers`: of the colours of runs for which the reader chose one.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        axis = st.selectbox("Axis", AXES, key="axis", bind="query-params", width=HALF)
        beyond = st.number_input(
            "Go on to k =",
            min_value=0,
            max_value=100_000,
            step=100,
            key="beyond",
            bind="query-params",
            help="Beyond the samples that are there, a beta-binomial model goes on, dashed. It "
            "shows how sure its fit is, not whether the model is right.",
            width=HALF,
        )
        layer, version = _choose_published(runs)
        panels = _choose_panels(runs, files)
    if metric.name != "pass@k" and layer != NONE:
        show_note("Published curves are of pass@k: choose that metric to see them.")
        layer = NONE
    models = _choose_models(layer, version)
    if layer != NONE and axis != SAMPLES:
        show_note("Published curves are over samples: choose that axis to see them.")
    shown = Shown(
        int(beyond or 0), layer, version, models, _costs(runs, axis), TITLES[axis], panels
    )
    frame = _curves({name: run.tally for name, run in runs.items()}, shown.beyond, metric)
    if not len(frame):
        return
    figure = pass_at_k_figure(
        frame,
        chart_theme(),
        published=_published(shown),
        x_of=shown.x_of,
        x_title=shown.x_title,
        panels=shown.panels,
        numbers=numbers,
    )
    show_chart(figure, key="curves", alt=_told(frame, metric))
    show_notes(_notes(runs, frame, shown, simulated))
    ks = _ks(min(min(run.tally.n) for run in runs.values()))
    show_take_along(
        frame,
        "pass_at_k",
        chart="curves",
        python=_python(runs, shown, numbers, metric),
        command=passk_command(runs, k=said(ks), **metric_options(metric)),
    )


def show_table(runs: dict[str, Run], metric: Metric) -> None:
    """`metric` with its interval at the usual k, a row a run."""
    st.header("Numbers", anchor=False)
    rows: dict[str, dict[str, str]] = {}
    for row in _scores({name: run.tally for name, run in runs.items()}, metric).rows():
        value, low, high = (100 * row[name] for name in ("value", "low", "high"))
        ends = TOO_FEW if isnan(low) else f"[{low:.1f}, {high:.1f}]"
        cell = "–" if isnan(value) else f"{value:.1f} {ends}"
        cells = rows.setdefault(
            row["run"], {"run": row["run"], "problems": f"{len(runs[row['run']].tally.n):,}"}
        )
        cells[row["metric"]] = cell
    st.dataframe(
        pd.DataFrame(list(rows.values())).fillna("–"),
        hide_index=True,
        width="content",
        key="scores",
        height="content",
    )
    show_note("Percent, with 95 % intervals over problems. – : some problem has fewer samples.")


def _ks(least: int) -> list[int]:
    return [k for k in KS if k < least] + [least]


def _benchmark_of(runs: dict[str, Run]) -> str:
    """The benchmark with published curves whose problems all runs have; "none" if there is none."""
    heads = {task.partition("/")[0] for run in runs.values() for task in run.tally.task_ids}
    return BENCHMARK_OF.get(heads.pop(), NONE) if len(heads) == 1 else NONE


def _choose_published(runs: dict[str, Run]) -> tuple[str, str]:
    """One benchmark and one version of the paper; by default that of the runs, the latest."""
    state, own = st.session_state, _benchmark_of(runs)
    is_chosen = "published" in st.query_params or state.get("published_chosen", False)
    if state.get("published_default", own) != own and not is_chosen:
        state.published = own  # other runs are shown
    state.published_default = own
    options = (NONE, *BENCHMARKS)
    benchmark = st.selectbox(
        "Published curves",
        options,
        index=options.index(own),
        key="published",
        bind="query-params",
        on_change=_note_choice,
        help="Of the paper, one benchmark and one of its versions at a time.",
        width=HALF,
    )
    versions = [one for one in VERSIONS if benchmark != NONE and published_curves(benchmark, one)]
    if len(versions) < 2:
        return benchmark, (versions or [next(iter(VERSIONS))])[0]
    version = st.selectbox(
        "Version of the paper",
        versions,
        format_func=VERSIONS.__getitem__,
        key="version",
        bind="query-params",
        width=HALF,
    )
    return benchmark, version


def _note_choice() -> None:
    st.session_state.published_chosen = True


def _choose_models(benchmark: str, version: str) -> tuple[str, ...]:
    if benchmark == NONE:
        return ()
    known = sorted({one.model for one in published_curves(benchmark, version)})
    return tuple(
        st.pills(
            "Published models",
            known,
            default=known[:1],
            selection_mode="multi",
            key="models",
            bind="query-params",
        )
    )


def _notes(
    runs: dict[str, Run], frame: Frame, shown: Shown, simulated: dict[str, SimulatedRun]
) -> list[str]:
    """What is to be known of the chart: how it is drawn, and what limits it."""
    is_modelled = any(row["kind"] == MODEL for row in frame.rows())
    published = _published(shown)
    notes = [
        "Colour is the run. Full lines are measured"
        + (", dashed ones go on by a model" if is_modelled else "")
        + (", thin grey ones are published" if published else "")
        + ". Bands, and bars where a run has one k: 95 %, over problems; how far other problems "
        "like these could have put the curve."
    ]
    narrow = {row["run"] for row in frame.rows() if isnan(row["low"])}
    if narrow:
        notes.append(f"{', '.join(sorted(narrow))}: no band, {TOO_FEW}.")
    for name in runs:
        if name in simulated:
            truth = simulated[name].true_pass_at_k(10)
            notes.append(f"{name}: drawn from chances whose true pass@10 is {truth:.1%}.")
    if published:
        cited = dict.fromkeys(one.citation() for one in published)
        notes.append(f"Published: {'; '.join(cited)}.")
        if _benchmark_of(runs) != shown.benchmark:
            notes.append(
                f"They are of {shown.benchmark}, and the problems of these runs are not named as "
                "its problems are: do not compare heights."
            )
    return notes


def _choose_panels(runs: dict[str, Run], files: dict[str, str]) -> dict[str, Place] | None:
    """The panel of each run, by temperature, if there are several and the reader wants so."""
    if len({run.temperature for run in runs.values()}) < 2:
        return None
    layout = st.selectbox(
        "Temperatures", (ONE_PANEL, PANELS), key="panels", bind="query-params", width=210
    )
    if layout == ONE_PANEL:
        return None
    ordered = sorted(
        runs.items(), key=lambda pair: (pair[1].temperature is None, pair[1].temperature or 0.0)
    )
    return {
        name: Place(
            "temperature unknown"
            if run.temperature is None
            else f"temperature {run.temperature:g}",
            files[name],
        )
        for name, run in ordered
    }


@st.cache_resource(max_entries=32, show_spinner="Drawing curves", hash_funcs={Tally: counts_of})
def _curves(tallies: dict[str, Tally], beyond: int, metric: Metric) -> Frame:
    return curve_frame(tallies, beyond=beyond, metric=metric)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs={Tally: counts_of})
def _scores(tallies: dict[str, Tally], metric: Metric) -> Frame:
    frames = [
        score_frame({name: found}, _ks(min(found.n)), [metric]) for name, found in tallies.items()
    ]
    names = ("run", "metric", "value", "low", "high")
    return frame_of([row for frame in frames for row in frame.rows()], names)


def _published(shown: Shown) -> list[PublishedNumber]:
    """What is drawn of the paper."""
    if shown.benchmark == NONE or shown.x_of is not None:
        return []
    curves = published_curves(shown.benchmark, shown.version)
    return [one for one in curves if one.model in shown.models]


def _costs(runs: dict[str, Run], axis: str) -> dict[str, float] | None:
    """What a sample costs in each run, as the reader says; None for the axis of samples.

    The link holds them in the order of the runs: tokens, millions of parameters, seconds.
    """
    if axis == SAMPLES:
        return None
    state = st.session_state
    known: dict[str, tuple[float, ...]] = state.setdefault("cost_of", {})
    for name, costs in zip(runs, st.query_params.get_all("cost"), strict=False):
        known.setdefault(name, _read_costs(costs))
    if state.get("costs_for") != tuple(runs):  # else the editor forgets what is typed into it
        state.costs_for = tuple(runs)
        state.costs_shown = [{"run": n} | _named(known.get(n, DEFAULT_COSTS)) for n in runs]
    show_note("Files of results do not say what a sample costs: put it in here.")
    used = {TOKENS: COLUMNS[:1], FLOPS: COLUMNS[:2], SECONDS: COLUMNS[2:]}[axis]
    edited = st.data_editor(
        pd.DataFrame(state.costs_shown),
        hide_index=True,
        disabled=["run"],
        column_order=["run", *used],
        column_config={
            column: st.column_config.NumberColumn(min_value=1e-6, max_value=MAX_COST, required=True)
            for column in COLUMNS
        },
        key=f"costs_{len(runs)}",
        width="content",
    )
    costs = {}
    for row in edited.to_dict("records"):
        values = tuple(
            _sane(row[column], usual) for column, usual in zip(COLUMNS, DEFAULT_COSTS, strict=True)
        )
        known[row["run"]] = values
        tokens, millions, seconds = values
        costs[row["run"]] = {TOKENS: tokens, FLOPS: 2 * millions * 1e6 * tokens, SECONDS: seconds}[
            axis
        ]
    st.query_params["cost"] = [",".join(f"{one:g}" for one in known[name]) for name in runs]
    return costs


def _read_costs(text: str) -> tuple[float, ...]:
    parts = (text.split(",") + [""] * len(COLUMNS))[: len(COLUMNS)]
    return tuple(_sane(part, usual) for part, usual in zip(parts, DEFAULT_COSTS, strict=True))


def _named(costs: tuple[float, ...]) -> dict[str, float]:
    return dict(zip(COLUMNS, costs, strict=True))


def _sane(value: object, usual: float) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return usual
    return number if 0 < number <= MAX_COST else usual


def _told(frame: Frame, metric: Metric) -> str:
    """The chart in words, for those who do not see it."""
    last = {row["run"]: row for row in frame.rows() if row["kind"] == "measured"}
    parts = [
        f"{run}: {metric.at(row['k'])} {row['pass_at_k']:.1%}, {told_ends(row['low'], row['high'])}"
        for run, row in last.items()
    ]
    return f"{metric.label} over k, with bands. {'; '.join(parts)}"


def _python(runs: dict[str, Run], shown: Shown, numbers: dict[str, int], metric: Metric) -> str:
    options: dict[str, object] = {"x_title": shown.x_title}
    if _published(shown):
        options["published"] = code(
            "[one for one in {} if one.{} in {}]",
            call(published_curves, shown.benchmark, shown.version),
            PublishedNumber.model,
            shown.models,
        )
    if shown.x_of is not None:
        options["x_of"] = shown.x_of
    if shown.panels is not None:
        options["panels"] = shown.panels
    if numbers:
        options["numbers"] = numbers
    return script(
        runs_code(runs),
        code(
            "frame = {}",
            call(curve_frame, Code("runs"), beyond=shown.beyond, **told_metric(metric)),
        ),
        code("figure = {}", call(pass_at_k_figure, Code("frame"), theme_code(), **options)),
        SHOW_FIGURE,
    )
