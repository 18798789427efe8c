"""pass@k: how often one of k samples is right, for any number of runs, with honest bands."""

import streamlit as st

from dashboard.pass_at_k.compare import show_difference
from dashboard.pass_at_k.curves import show_curves, show_table
from dashboard.pass_at_k.estimator import show_estimator
from dashboard.pass_at_k.planner import show_planner
from dashboard.pass_at_k.problems import show_rates
from dashboard.pass_at_k.runs import (
    MAX_UPLOAD_MB,
    SUFFIXES,
    Run,
    shipped_runs,
    simulated_runs,
)
from dashboard.shared.address import choose, forget_unreadable_numbers
from dashboard.shared.result_imports import import_results, keep_choices
from dashboard.shared.show import as_markdown, show_note, show_notes
from lintseq_core.results.scores.counting import temperature_remark
from lintseq_core.results.scores.tally import SUITE_NAMES

CURVES, DIFFERENCE, PROBLEMS, PLAN, ESTIMATOR = VIEWS = (
    "Curves",
    "Difference of two",
    "Problem by problem",
    "How many samples?",
    "The estimator",
)
UNKNOWN = "unknown"

forget_unreadable_numbers("beyond", "plan_k", "plan_points", "est_p", "est_k", "est_seed")
st.title("pass@k")
st.markdown(
    "A problem counts as solved if at least one of k samples passes its tests. How fast that grows "
    "with k says whether a model's samples differ; the band says how far these problems could have "
    "put the curve by chance.",
    width=760,
)

with st.container(border=True):
    uploads = st.file_uploader(
        "Results of lintseq, human-eval, EvalPlus, BigCodeBench, lm-evaluation-harness, Inspect",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_MB,
        key="passk_upload",
    )
    own = import_results(uploads)
    show_note(
        "Larger files: start `lintseq dashboard RESULTS...` on them. Nothing in a file is run."
    )
simulated = simulated_runs()
drawn: dict[str, dict[float | None, Run]] = {
    name: {None: Run(one.tally)} for name, one in simulated.items()
}
everything = own | shipped_runs() | drawn
chosen = choose(
    "Runs",
    list(everything),
    list(own) or list(simulated),
    key="runs",
    parameter="run",
    missing="A link holds the names of runs, not uploaded files: give the page the file too.",
    help="The simulated runs are drawn by chance from known chances: what the page says about "
    "them can be checked. Those that ship are of SmolLM2-135M with two adapters, 24 problems.",
)
if not own:
    show_note(
        "No results of yours are open: the page shows two simulated runs, whose truth is known."
    )
temperatures = sorted({one for name in chosen for one in everything[name] if one is not None})
labels = [f"{one:g}" for one in temperatures]
kept = labels
if len(labels) > 1:
    has_unknown = any(None in everything[name] for name in chosen if name in own)
    labels += [UNKNOWN] * has_unknown
    kept = choose(
        "Temperature",
        labels,
        labels,
        key="temperatures",
        parameter="temperature",
        missing="No run that is chosen was drawn at it.",
        help="What the rows of a file, its log or its name say. A run of several temperatures is "
        "a curve for each.",
    )

view = st.segmented_control(
    "View",
    VIEWS,
    default=CURVES,
    key="passk_view",
    required=True,
    bind="query-params",
    label_visibility="collapsed",
)
shown: dict[str, Run] = {}
file_of: dict[str, str] = {}
for name in chosen:
    for temperature, run in everything[name].items():
        label = UNKNOWN if temperature is None else f"{temperature:g}"
        is_left_out = label not in kept and (temperature is not None or label in labels)
        if is_left_out and name in own:
            continue
        title = f"{name}, temperature {label}" if run.is_part else name
        if run.tally.suite:
            title += f", {SUITE_NAMES[run.tally.suite]}"
        shown[title], file_of[title] = run, name
keep_choices(list(shown), "run_a", "run_b", "pilot", "problem_run")
if view != ESTIMATOR:
    show_notes(
        [f"{title}: {'; '.join(run.remarks)}." for title, run in shown.items() if run.remarks]
    )
    by_file = {name: [shown[t].temperature for t in shown if file_of[t] == name] for name in chosen}
    if view in (CURVES, PROBLEMS) and (unequal := temperature_remark(by_file)):
        st.warning(as_markdown(f"{unequal[0].upper()}{unequal[1:]}."), icon=":material/thermostat:")
if view == ESTIMATOR:
    show_estimator()
elif not shown:
    st.info("Choose a run.", icon=":material/show_chart:")
elif view == CURVES:
    show_curves(shown, file_of, simulated)
    show_table(shown)
elif view == DIFFERENCE:
    show_difference(shown)
elif view == PROBLEMS:
    show_rates(shown)
else:
    show_planner(shown)
