"""The samples of one problem of a run: what was written, and what became of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dashboard.files.loaders import GENERATIONS, load_given
from dashboard.generations.source import GIVEN, by_task
from dashboard.pass_at_k.runs import MAX_FILES, Run, given_paths
from dashboard.shared.show import as_markdown, show_note, shown
from lintseq_core import LintSeqError
from lintseq_core.benchmarks import PromptStyle
from lintseq_core.data.files import file_sha256
from lintseq_core.results.formats.fault import FormatError
from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.of_problem import samples_of_problem
from lintseq_core.results.programs import program_text
from lintseq_core.results.sample import Sample, temperature_of
from lintseq_core.results.scores.tally import find_record, passed_by
from lintseq_core.results.styles import StyleDecision, decide_style, named_style
from lintseq_core.viewer.trace_runs import by_model

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


def show_samples(runs: dict[str, Run], name: str, task: str) -> None:
    """The samples of `task` in the run `name` with their verdicts; the way to its traces."""
    run = runs[name]
    _link_traces(task)
    counts = dict(zip(run.tally.task_ids, zip(run.tally.n, run.tally.c, strict=True), strict=True))
    if task not in counts:
        show_note(f"{name} has no sample of {task}.")
        return
    n, c = counts[task]
    show_note(f"{name}, {task}: {c:,} of {n:,} samples pass.")
    if not run.path:
        show_note(
            "The samples of an upload are not kept: start `lintseq dashboard RESULTS...` on the "
            "file to read them here."
            if run.file
            else "Simulated: passes and failures drawn by chance, with no programs behind them."
        )
        return
    try:
        written, source = _load(run, task)
    except (LintSeqError, OSError) as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return
    if all(one.text is None for one in written):
        show_note(
            f"{Path(run.path).name} has verdicts only. Start `lintseq dashboard` on the samples "
            "too: those that its run record names, or whose name it begins with, are shown."
        )
    elif source != run.path:
        show_note(f"Programs from {Path(source).name}.")
    _show_list(written)


def _link_traces(task: str) -> None:
    """The way to the page Generations, where a given trace is of this task."""
    for label, traces in by_task(load_given().traces).items():
        named = {(read.trace.header.problem or "").partition(" ")[2] for read in traces}
        if task in named or task == label:
            for model in by_model(traces):
                st.page_link(
                    "app_pages/generations.py",
                    label=as_markdown(f"Step through what {model} wrote, edit by edit"),
                    icon=":material/smart_toy:",
                    query_params={"from": GIVEN, "task": label, "model": model},
                )


def _load(run: Run, task: str) -> tuple[list[Written], str]:
    """The samples of `task` at the run's temperature, and the file their programs are from."""
    decided = [
        one
        for one in _file_samples(run.path, task, run.scorer)
        if not run.is_part or temperature_of(one) == run.temperature
    ]
    record = find_record(Path(run.path))
    named = named_style(record) if record else None
    style = named or _style(run.path)
    texts = {one.sample_id: program_text(one, style) for one in decided}
    source = run.path
    if all(text is None for text in texts.values()) and (beside := samples_beside(run.path)):
        source, style = beside, named or _style(beside)
        texts = {one.sample_id: program_text(one, style) for one in _file_samples(beside, task)}
    written = [
        Written(
            one.sample_id,
            passed_by(one, run.tests),
            _verdict(one, passed_by(one, run.tests)),
            texts.get(one.sample_id),
        )
        for one in decided
    ]
    return sorted(written, key=lambda one: one.sample_id), source


def _style(path: str) -> PromptStyle | None:
    """The style of the file's samples; None where they disagree: each is then shown as it is."""
    try:
        return load_style(path, Path(path).stat().st_mtime_ns).style
    except FormatError:
        return None


@st.cache_resource(max_entries=MAX_FILES, show_spinner="Looking at the style of the samples")
def load_style(path: str, modified: int) -> StyleDecision:
    """The style that a given file is written in; FormatError where its samples disagree."""
    with open_input(path) as opened:
        return decide_style(recognise(opened).samples(), opened.name)


def _file_samples(path: str, task: str, scorer: str = "") -> list[Sample]:
    about = Path(path).stat()
    return load_problem(path, about.st_mtime_ns, about.st_size, task, scorer)


@st.cache_resource(max_entries=16, show_spinner="Reading the samples of this problem")
def load_problem(path: str, modified: int, size: int, task: str, scorer: str) -> list[Sample]:
    """The samples of one problem of a given file."""
    return samples_of_problem(path, task, scorer=scorer or None)


def samples_beside(results: str) -> str | None:
    """The given file of samples that `results` are of, by their record, else by their name."""
    path = Path(results)
    shipped = (GENERATIONS.parent / "samples").glob("*.jsonl")
    others = [one for one in (*given_paths(), *shipped) if one != path]
    if hashes := load_hashes(results, path.stat().st_mtime_ns):
        hashed = ((one, load_sha256(str(one), one.stat().st_mtime_ns)) for one in others)
        return next((str(one) for one, sha256 in hashed if sha256 in hashes), None)
    named = [one for one in others if path.name.startswith(one.stem) and one.stem != path.stem]
    return str(max(named, key=lambda one: len(one.stem))) if named else None


@st.cache_resource(max_entries=MAX_FILES, show_spinner=False)
def load_hashes(results: str, modified: int) -> frozenset[str]:
    """The sha256 of all files that the run record of `results` names; none without a record."""
    record = find_record(Path(results))
    return frozenset(record.hashes.values()) if record else frozenset()


@st.cache_resource(max_entries=MAX_FILES, show_spinner="Looking for the samples of these results")
def load_sha256(path: str, modified: int) -> str:
    """The sha256 of a given file."""
    return file_sha256(Path(path))


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
