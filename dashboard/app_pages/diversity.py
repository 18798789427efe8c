"""Diversity: how much the programs sampled for a problem differ, and what that is worth."""

import streamlit as st

from dashboard.diversity.overview import show_overview
from dashboard.diversity.plane import show_gain, show_plane
from dashboard.diversity.problem import show_problem
from dashboard.diversity.runs import (
    BENCHMARKS,
    MAX_UPLOAD_MB,
    SHIPS,
    Found,
    given_runs,
    load_shipped_runs,
    load_uploads,
)
from dashboard.generations.source import SHIPPED_NOTE
from dashboard.pass_at_k.runs import SUFFIXES, Deciding, given_scorers, load_upload_scorers
from dashboard.shared.address import choose, forget_unreadable_numbers
from dashboard.shared.result_imports import choose_base, choose_scorer, keep_choices
from dashboard.shared.show import as_markdown, show_note, show_notes, shown
from lintseq_core import LintSeqError
from lintseq_core.results.scores.tally import SUITE_NAMES

OVERVIEW, PLANE, PROBLEM, GAIN = VIEWS = (
    "Measures",
    "Quality and diversity",
    "One problem",
    "Does a gain go with it?",
)
AS_RECORDED, NO_BENCHMARK = "what their run record names", "none: programs are whole"

forget_unreadable_numbers("first", "second")
st.title("Diversity")
st.markdown(
    "More samples help only as far as they differ. These measures say how much the programs "
    "written for one problem differ: in text, in structure, in what they do.",
    width=760,
)

with st.container(border=True):
    files = st.file_uploader(
        "Samples of lintseq or another tool, their results, or traces of lintseq generate",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_MB,
        key="diversity_upload",
    )
    chosen_benchmark = st.selectbox(
        "Samples continue the prompts of",
        (AS_RECORDED, NO_BENCHMARK, *BENCHMARKS),
        key="bench",
        bind="query-params",
        width=260,
        help="Makes whole programs of completions. Nothing is downloaded. A run record stands "
        "beside the results of lintseq evaluate; samples without one are taken for whole.",
    )
    show_note(
        "Larger files: start `lintseq dashboard SAMPLES RESULTS` on them. Nothing in a file is run."
    )
    choices = st.container(horizontal=True, vertical_alignment="bottom")
as_recorded = chosen_benchmark == AS_RECORDED
benchmark = chosen_benchmark if chosen_benchmark in BENCHMARKS else None
contents = tuple((file.name, file.getvalue()) for file in files)


def read_files(deciding: Deciding) -> tuple[Found, Found]:
    """The runs in given and in uploaded files."""
    found = given_runs(benchmark, as_recorded=as_recorded, deciding=deciding)
    try:
        return found, load_uploads(contents, benchmark, deciding) if contents else Found()
    except LintSeqError as error:
        return found, Found(faults=(str(error),))


scorers = dict.fromkeys(given_scorers())
for name, content in contents:
    scorers |= dict.fromkeys(load_upload_scorers(name, content))
scorer = choose_scorer(list(scorers), choices)
given, uploaded = read_files(Deciding(scorer=scorer))
has_both = any(run.suite == "plus" for run in (given.runs | uploaded.runs).values())
if choose_base(choices, has_both=has_both):
    given, uploaded = read_files(Deciding("base", scorer))
for fault in uploaded.faults:
    st.error(as_markdown(fault), icon=":material/error:")
for fault in given.faults:
    st.warning(as_markdown(f"Left out: {fault}"), icon=":material/warning:")
own = given.runs | uploaded.runs
shipped = {f"{name}{SHIPS}": run for name, run in load_shipped_runs().items()}
everything = own | shipped
chosen = choose(
    "Runs",
    list(everything),
    list(own) or list(shipped),
    key="div_runs",
    parameter="run",
    missing="A link holds the names of runs, not uploaded files: give the page the file too.",
    shown=lambda name: as_markdown(shown(name)),
)
runs = {}
for name in chosen:
    suite = everything[name].suite
    runs[f"{name}, {SUITE_NAMES[suite]}" if suite else name] = everything[name]
keep_choices(list(runs), "div_run", "gain_a", "gain_b")
if any(name in shipped for name in runs):
    show_note(f"What ships: {SHIPPED_NOTE[0].lower()}{SHIPPED_NOTE[1:]} Ten samples a task.")

view = st.segmented_control(
    "View",
    VIEWS,
    default=OVERVIEW,
    key="div_view",
    required=True,
    bind="query-params",
    label_visibility="collapsed",
)
if not runs:
    st.info("Choose a run.", icon=":material/category:")
    st.stop()
show_notes([f"{name}: {'; '.join(run.remarks)}." for name, run in runs.items() if run.remarks])
counts = {len(one.programs) for run in runs.values() for one in run.problems.values()}
if len(counts) > 1:
    show_note(
        f"Unequal numbers of programs, {min(counts)} to {max(counts)} a problem: the page takes as "
        "many of each run as the smallest run has; a problem may still have fewer."
    )
most = max(2, min(run.most for run in runs.values()))
if view == OVERVIEW:
    show_overview(runs, most)
elif view == PLANE:
    show_plane(runs, most)
elif view == PROBLEM:
    show_problem(runs, most)
else:
    show_gain(runs, most)
