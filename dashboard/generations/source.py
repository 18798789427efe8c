"""Which traces are looked at: those that ship, given files, an upload, or what was just written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from dashboard.files.brought import Brought
from dashboard.files.loaders import load_given, load_tasks
from dashboard.files.programs import uploaded_traces
from dashboard.files.shipped import PocketTasks, pocket_traces, shipped_path, smollm2_traces
from dashboard.files.workbench import given_files
from dashboard.shared.calls import Code, call, code, lines, value
from dashboard.shared.show import as_markdown, show_note
from lintseq_core.generation.trace import GenerationTrace, TraceHeader
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.viewer import trace_runs
from lintseq_core.viewer.traces import ReadTrace, read_traces

GIVEN, UPLOAD, LIVE = "Given files", "Upload", "Write now"
POCKET, SMOLLM2 = "Pocket models", "SmolLM2-135M"
MODE = code("trace.{}.{}.{}", GenerationTrace.header, TraceHeader.request, GenerationRequest.mode)
"""In a script that has a `trace`: how its samples were written."""
MAX_FAULTS_SHOWN = 8
POCKET_NOTE = (
    "Written by the models that ship, of under a million parameters, for tasks of the benchmark "
    "Pocket that none of them was trained on. Cards: `assets/pocket`."
)
SMOLLM2_NOTE = (
    "Written by SmolLM2-135M with the two adapters that ship, four samples a problem: edits, and "
    "whole programs. Trained for an hour on one CPU core, it is seldom right. Card: "
    "`assets/adapters/smollm2-135m-lintseq/README.md`."
)


BY_HEART = ("tiny-long", "tiny-short")
"""Models whose traces shipped once."""


def replaced_model(model: str) -> str:
    """What took the place of a model that a link names and that ships no more; "" for others."""
    if model not in BY_HEART:
        return ""
    instead = (
        f"the page opens on {sources()[0]}"
        if not pocket_traces()
        else ("pocket models, which write tasks that they were not trained on, took its place")
    )
    return (
        f"This link is to {model}, a test model that had learned a few tasks by heart. What it "
        f"wrote ships no more: {instead}."
    )


def sources() -> tuple[str, ...]:
    """Where traces can come from here."""
    pocket = (POCKET,) if pocket_traces() else ()
    given = (GIVEN,) if load_given().traces else ()
    return (*pocket, SMOLLM2, *given, UPLOAD, LIVE)


def traces_from(source: str, files: Sequence[Brought]) -> tuple[ReadTrace, ...]:
    """The traces of `source`, or of those of `files` that the visitor brought.

    What was left out is said.
    """
    if source == SMOLLM2:
        show_note(SMOLLM2_NOTE)
        return smollm2_traces()
    if source == GIVEN:
        _show_faults(load_given().faults)
        return load_given().traces
    if source == LIVE:
        return st.session_state.get("written", ())
    traces, faults = uploaded_traces(files)
    if faults and not traces:
        st.error(as_markdown(faults[0]), icon=":material/error:")
    else:
        _show_faults(tuple(faults))
    return tuple(traces)


def path_of(read: ReadTrace) -> str:
    """Where the file of a trace is; its name alone for an upload."""
    file = _file_of(read)
    if (path := shipped_path(read)) is not None:
        return str(path)
    return next((str(one.path) for one in given_files() if one.file == file), file)


def trace_code(read: ReadTrace) -> Code:
    """Python that reads a trace into `trace`, also where its file holds several."""
    data = call(Path.read_bytes, value(Path(path_of(read))))
    return lines(
        code("traces, _ = {}", call(read_traces, data, _file_of(read))),
        code(
            "trace = next(one.{} for one in traces if one.{} == {})",
            ReadTrace.trace,
            ReadTrace.name,
            read.name,
        ),
    )


def _file_of(read: ReadTrace) -> str:
    return re.sub(r", trace [0-9]+$", "", read.name)


def _show_faults(faults: tuple[str, ...]) -> None:
    if not faults:
        return
    shown = [f"Left out: {fault}." for fault in faults[:MAX_FAULTS_SHOWN]]
    if len(faults) > MAX_FAULTS_SHOWN:
        shown.append(f"And {len(faults) - MAX_FAULTS_SHOWN} more.")
    st.warning(as_markdown("\n\n".join(shown)), icon=":material/rule:")


def tasks_from(source: str, files: Sequence[Brought]) -> Mapping[str, tuple[ReadTrace, ...]]:
    """The traces of `source` by task, in order."""
    if source == POCKET:
        show_note(POCKET_NOTE)
        return PocketTasks()
    return by_task(traces_from(source, files))


def by_task(traces: tuple[ReadTrace, ...]) -> dict[str, tuple[ReadTrace, ...]]:
    """The traces of each task by a short name for it, in order."""
    return trace_runs.by_task(traces, load_tasks())


def edits_first(traces: Sequence[ReadTrace]) -> dict[str, ReadTrace]:
    """The traces of one task by model; those of models that write edits come first."""
    named = trace_runs.by_model(traces)
    return dict(sorted(named.items(), key=lambda one: one[1].trace.header.request.mode == "whole"))
