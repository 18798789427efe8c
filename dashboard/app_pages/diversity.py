"""Diversity: how much the programs sampled for a problem differ, and what that is worth."""

from collections.abc import Iterable

import streamlit as st

from dashboard.diversity.overview import show_overview
from dashboard.diversity.plane import show_gain, show_plane
from dashboard.diversity.problem import show_problem
from dashboard.files.brought import DIVERSITY, Brought
from dashboard.files.deciding import Choices, keep_choices
from dashboard.files.examples import opened_on, shipped_programs
from dashboard.files.programs import BENCHMARKS, Compared, compare_runs
from dashboard.files.results import scorers_in
from dashboard.files.runs_list import MISSING_FILE, Shown, colours_of, runs_list
from dashboard.files.samples import show_waiting
from dashboard.files.workbench import brought, used_on
from dashboard.shared.address import (
    choose,
    choose_view,
    chosen_names,
    forget_unreadable_numbers,
    value_of,
)
from dashboard.shared.execution import results
from dashboard.shared.show import as_markdown, name_page, show_note, show_notes, shown
from lintseq_core.results.sampled import SampledRun
from lintseq_core.results.scores.tally import SUITE_NAMES

OVERVIEW, PLANE, PROBLEM, GAIN = VIEWS = (
    "Measures",
    "Quality and diversity",
    "One problem",
    "Does a gain go with it?",
)
AS_RECORDED, NO_BENCHMARK = "what their run record names", "none: programs are whole"
PROMPTS = (AS_RECORDED, NO_BENCHMARK, *BENCHMARKS)
# Runs that ship that the page opens on: comparing the programs of one takes seconds.
N_OPENED = 2

forget_unreadable_numbers("first", "second")
name_page("Diversity")
st.title("Diversity")
st.markdown(
    "More samples help only as far as they differ. These measures say how much the programs "
    "written for one problem differ: in text, in structure, in what they do.",
    width=760,
)

ships = shipped_programs()
files = brought(file for of_run in ships.values() for file in of_run)
own = [file for file in used_on(files, DIVERSITY) if file.origin != "ships"]
prompts_of = value_of("bench", PROMPTS)
choices = Choices(scorers_in(own))


def read_files(names: Iterable[str] = ()) -> Compared:
    """The runs in the reader's files and those called `names` that ship, decided as chosen."""
    return compare_runs(
        [*own, *(file for name in names for file in ships.get(name, ()))],
        results(),
        benchmark=prompts_of if prompts_of in BENCHMARKS else None,
        as_recorded=prompts_of == AS_RECORDED,
        deciding=choices.chosen(),
    )


found = read_files()
choices = Choices(choices.scorers, any(run.suite == "plus" for run in found.runs.values()))
if choices.chosen().tests == "base":
    found = read_files()
default = list(found.runs) or opened_on()[:N_OPENED]
everything = [*found.runs, *ships]
chosen = chosen_names(everything, default, key="div_runs", parameter="run", missing=MISSING_FILE)
found = read_files(chosen)
chosen = [name for name in chosen if name in found.runs]
runs: dict[str, SampledRun] = {}
file_of: dict[str, Brought | None] = {}
for name in chosen:
    suite = found.runs[name].suite
    title = f"{name}, {SUITE_NAMES[suite]}" if suite else name
    runs[title], file_of[title] = found.runs[name], found.files.get(name)
colours = colours_of(file_of)

show_waiting()
for error in found.errors:
    st.error(as_markdown(error), icon=":material/error:")
for fault in found.faults:
    st.warning(as_markdown(f"Left out: {fault}"), icon=":material/warning:")
with runs_list(DIVERSITY, files, [Shown(name, colours[name]) for name in runs]):
    choose(
        "Shown here",
        everything,
        default,
        key="div_runs",
        parameter="run",
        missing=MISSING_FILE,
        shown=lambda name: as_markdown(shown(name)),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Samples continue the prompts of",
            PROMPTS,
            key="bench",
            bind="query-params",
            width=260,
            help="Makes whole programs of completions. Nothing is downloaded. A run record stands "
            "beside the results of lintseq evaluate; samples without one are taken for whole.",
        )
        choices.show()
keep_choices(list(runs), "div_run", "gain_a", "gain_b")

view = choose_view("View", VIEWS, key="div_view")
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
    show_plane(runs, most, colours)
elif view == PROBLEM:
    show_problem(runs, most)
else:
    show_gain(runs, most)
