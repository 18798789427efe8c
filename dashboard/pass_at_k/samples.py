"""The samples of one problem of a run: what was written, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.files.brought import Brought
from dashboard.files.loaders import load_given
from dashboard.files.programs import uploaded_traces
from dashboard.files.results import samples_of_problem
from dashboard.files.samples import Run
from dashboard.files.shipped import pocket_traces, shipped_models, smollm2_traces
from dashboard.generations.source import GIVEN, POCKET, SMOLLM2, UPLOAD, by_task
from dashboard.shared.show import as_markdown, show_note, shown
from lintseq_core import LintSeqError
from lintseq_core.results.sample import Sample
from lintseq_core.results.scores.tally import passed_by
from lintseq_core.viewer.trace_runs import by_model
from lintseq_core.viewer.traces import ReadTrace

ON_A_PAGE = 12
MAX_LINES_SHOWN = 40
MAX_WIDTH = 300
ALL, PASSING, FAILING = "All", "Passing", "Failing"


@dataclass(frozen=True, slots=True)
class Written:
    """A sample as the page shows it."""

    sample_id: int
    """As files count samples, from 0."""
    passed: bool | None
    verdict: str
    text: str | None


def show_samples(
    name: str, run: Run, task: str, file: Brought | None, files: Sequence[Brought]
) -> None:
    """The samples of `task` in a run of `file` with their verdicts; the way to its traces.

    `files` may hold the programs, where `file` has verdicts only.
    """
    _link_traces(task, files)
    if file is not None and file.origin == "ships":
        _link_shipped(task, file)
    counts = dict(zip(run.tally.task_ids, zip(run.tally.n, run.tally.c, strict=True), strict=True))
    if task not in counts:
        show_note(f"{name} has no sample of {task}.")
        return
    n, c = counts[task]
    show_note(f"{name}, {task}: {c:,} of {n:,} samples pass.")
    if file is None:
        show_note("Simulated: passes and failures drawn by chance, with no programs behind them.")
        return
    try:
        found = samples_of_problem(file, run, task, files)
    except (LintSeqError, OSError) as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return
    written = [
        Written(
            one.sample_id,
            passed_by(one, run.tests),
            _verdict(one, passed_by(one, run.tests)),
            found.texts.get(one.sample_id),
        )
        for one in found.samples
    ]
    if all(one.text is None for one in written):
        show_note(
            f"{file.name} has verdicts only. Bring the samples too: those that its run record "
            "names, or whose name it begins with, are shown."
        )
    elif found.source != file:
        show_note(f"Programs from {found.source.name}.")
    _show_list(sorted(written, key=lambda one: one.sample_id))


def _link_traces(task: str, files: Sequence[Brought]) -> None:
    """The way to the page Generations, where a trace that is here is of this task."""
    _link_source(task, GIVEN, load_given().traces)
    _link_source(task, UPLOAD, tuple(uploaded_traces(files)[0]))


def _link_shipped(task: str, file: Brought) -> None:
    """The way to what the model of `file`, which ships, wrote for `task`, where that ships too."""
    model = next(one.name for one in shipped_models() if one.results == file.path)
    if task in pocket_traces():
        _link(POCKET, task, model)
    _link_source(task, SMOLLM2, tuple(one for one in smollm2_traces() if one.model == model))


def _link_source(task: str, source: str, found: tuple[ReadTrace, ...]) -> None:
    for label, traces in by_task(found).items():
        named = {(read.trace.header.problem or "").partition(" ")[2] for read in traces}
        if task in named or task == label:
            for model in by_model(traces):
                _link(source, label, model)


def _link(source: str, label: str, model: str) -> None:
    st.page_link(
        "app_pages/generations.py",
        label=as_markdown(f"Step through what {model} wrote, edit by edit"),
        icon=":material/smart_toy:",
        query_params={"from": source, "task": label, "model": model},
    )


def _verdict(sample: Sample, passed: bool | None) -> str:
    plain = {True: "passed", False: "failed", None: "undecided"}[passed]
    # The word of a file is about all of its tests, not about the base tests alone.
    return ((sample.verdict if passed == sample.passed else None) or plain)[:60]


def _show_list(written: list[Written]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.segmented_control(
            "Samples", (ALL, PASSING, FAILING), default=ALL, key="which", required=True
        )
        kept = [one for one in written if which == ALL or bool(one.passed) == (which == PASSING)]
        pages = max(1, math.ceil(len(kept) / ON_A_PAGE))
        if st.session_state.get("samples_page", 1) > pages:
            st.session_state.samples_page = 1
        page = st.number_input(f"Page, 1 to {pages}", 1, pages, key="samples_page", width=150)
    if not kept:
        show_note("None.")
    grid = st.container().grid("auto", min_column_width=320)
    for one in kept[(int(page) - 1) * ON_A_PAGE :][:ON_A_PAGE]:
        with grid.container(border=True, height="stretch", gap="xsmall"):
            sign = {True: "✓", False: "✗", None: "?"}[one.passed]
            show_note(f"{sign} Sample {one.sample_id + 1}, {one.verdict.replace('_', ' ')}")
            if one.text is not None:
                language = "python" if one.text else None
                st.code(_cut(one.text) or "(empty)", language=language, wrap_lines=True)


def _cut(text: str) -> str:
    lines = text.split("\n")
    cut = "\n".join(line[:MAX_WIDTH] for line in lines[:MAX_LINES_SHOWN])
    if len(lines) > MAX_LINES_SHOWN:
        cut += f"\n… {len(lines) - MAX_LINES_SHOWN:,} lines more"
    return shown(cut)
