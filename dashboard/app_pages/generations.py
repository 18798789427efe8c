"""Generations: a model over all problems; one sample, edit by edit; all of a task; two models."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from dashboard.files.brought import GENERATIONS
from dashboard.files.runs_list import Shown, runs_list
from dashboard.files.workbench import brought, used_on
from dashboard.generations.clinic import show_clinic
from dashboard.generations.formats import show_format_cost
from dashboard.generations.live import (
    is_writing,
    live_faults,
    show_live,
    show_verdicts,
)
from dashboard.generations.models import show_two_models
from dashboard.generations.over_problems import samples_of_model, show_over_problems
from dashboard.generations.sample import field_name, show_sample
from dashboard.generations.source import (
    GIVEN,
    LIVE,
    SMOLLM2,
    UPLOAD,
    edits_first,
    replaced_model,
    sources,
    tasks_from,
)
from dashboard.generations.tiles import show_tiles, show_tree
from dashboard.shared.address import choose_from_one, choose_view, number_shown, value_of
from dashboard.shared.execution import task_of
from dashboard.shared.links import link_faults, read_number, unknown
from dashboard.shared.show import (
    as_markdown,
    headline,
    name_page,
    show_link_faults,
    show_made_of,
    show_note,
)
from lintseq_core.viewer.traces import ReadTrace, short

VIEWS = (
    "All problems",
    "One sample",
    "All samples",
    "Prefix tree",
    "Two models",
    "Malformed edits",
)
OVER, ONE, ALL, TREE, TWO, CLINIC = VIEWS
EMPTY = {
    SMOLLM2: "No trace of it ships with this installation.",
    GIVEN: "None of the given files holds a trace.",
    UPLOAD: "Bring a trace, under Runs below: its samples appear here. Write one with "
    "`lintseq generate INSTRUCTION --stepwise -n 8 -o trace.jsonl`.",
    LIVE: "",
}

link = st.query_params.to_dict()  # before the widgets: they drop values they do not know
faults = link_faults(link, programs=(), methods=(), linters=(), missing_linters={})
if "see" in link and link["see"] not in VIEWS:
    faults.append(unknown("view", link["see"], VIEWS))
if link.get("from") == LIVE:
    faults += live_faults(link)
# A number widget bound to "inf" or to 400 digits raises: it must not meet such a parameter.
unreadable = [k for k in ("sample", "beside_sample") if not read_number(link.get(k, "1"))]
if unreadable:
    for key in unreadable:
        del st.query_params[key]
    faults += [
        f"The {key.replace('_', ' ')} is not a whole number from 1 on." for key in unreadable
    ]
    st.session_state.link_faults = faults
    st.rerun()

name_page("Generations")
files = brought()
source = value_of("from", sources())  # its widget is drawn below, in the line that says it
line, below = headline("Generations"), st.container()
seen, notes = st.container(), st.container()
tasks: Mapping[str, Sequence[ReadTrace]] = {}
said = [source]
if source != LIVE:
    with notes:
        tasks = tasks_from(source, files)
if tasks:
    task_name = value_of("task", list(tasks))
    named = edits_first(tasks[task_name])
    model = value_of("model", list(named))
    sample = number_shown("sample", len(named[model].trace.samples), counted_from=1)
    is_over = value_of("see", (ONE, *VIEWS)) == OVER
    said += [model] if is_over else [task_name, model, f"sample {sample}"]
with line:
    made_of = show_made_of(said, on_change="ignore")
    view = choose_view("Look at", VIEWS, key="see", default=ONE, says_unknown=False)
with made_of:
    st.segmented_control(
        "Traces", sources(), default=sources()[0], key="from", required=True, bind="query-params"
    )
with below:
    show_link_faults(st.session_state.pop("link_faults", None) or faults)
    if replaced := replaced_model(link.get("model", "")):
        st.info(replaced, icon=":material/swap_horiz:")
    if source == LIVE:
        with st.container(border=True):
            show_live()
        if is_writing():  # what was written before stands back
            st.stop()
        tasks = tasks_from(source, files)
read = None
if tasks:
    with below if source == LIVE else made_of:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            task_name = st.selectbox(
                "Written for" if source == LIVE else "Task",
                list(tasks),
                key="task",
                bind="query-params",
                width=300,
            )
            named = edits_first(tasks[task_name])
            model = st.selectbox(
                "Written by" if source == LIVE else "Model",
                list(named),
                key="model",
                bind="query-params",
                width=220,
            )
            read = named[model]
            n_samples = len(read.trace.samples)
            sample = 1 + choose_from_one(
                f"{field_name(read)}, 1 to {n_samples}",
                max(1, n_samples),
                key="sample",
                counted_from=1,
                width=150,
                help="In the player, n and p go to the next and the previous one.",
            )
            if source == LIVE:
                show_verdicts(read, task_of(read.trace.header))
        st.markdown(f"**Asked:** {as_markdown(read.task[:600])}", width=860)
elif EMPTY.get(source) and not (source == UPLOAD and any(one.kind == "traces" for one in files)):
    below.markdown(f":material/info: {EMPTY[source]}")

name_page("Generations", short(task_name, 60) if tasks else "")
with seen:
    if view == CLINIC:
        show_clinic(read)
    elif read is None:
        show_note("Choose or write a trace, in the line above.")
    elif view == OVER:
        show_over_problems(source, tasks, read)
    elif not read.trace.samples:
        st.info("This trace has no sample yet.", icon=":material/hourglass_empty:")
    else:
        task = task_of(read.trace.header)
        if view == ALL:
            show_tiles(read, task)
        elif view == TREE:
            show_tree(read, task)
        elif view == TWO:
            over = partial(samples_of_model, source, tasks)
            show_two_models(named, model, task, sample - 1, over)
        else:
            step = read_number(link.get("step"))
            show_sample(read, task, sample - 1, step, autoplay=source == LIVE)

runs = [Shown(file.name) for file in used_on(files, GENERATIONS)]
with runs_list(GENERATIONS, files, runs):
    pass
show_format_cost()
