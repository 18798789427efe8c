"""Which traces are looked at: those that ship, given files, an upload, or what was just written."""

from __future__ import annotations

import streamlit as st
from components import as_markdown, show_note
from loaders import load_given, load_tasks, load_traces, read_upload

from lintseq_core.viewer.traces import ReadTrace, short

SHIPPED, GIVEN, UPLOAD, LIVE = "Traces that ship", "Given files", "Upload", "Write now"
MAX_UPLOAD_MB = 10
MAX_FAULTS_SHOWN = 8
SHIPPED_NOTE = (
    "Made by a tiny test model of 90,624 parameters, trained for a few minutes on the programs of "
    "these very tasks: not a trained model, and no measure of one. How: `assets/traces/README.md`."
)


def sources() -> tuple[str, ...]:
    """Where traces can come from here."""
    return (SHIPPED, GIVEN, UPLOAD, LIVE) if load_given().traces else (SHIPPED, UPLOAD, LIVE)


def traces_from(source: str) -> tuple[ReadTrace, ...]:
    """The traces of `source`; an upload is asked for, and what was left out is said."""
    if source == SHIPPED:
        show_note(SHIPPED_NOTE)
        return load_traces()
    if source == GIVEN:
        _show_faults(load_given().faults)
        return load_given().traces
    if source == LIVE:
        return st.session_state.get("written", ())
    return _uploaded()


def _uploaded() -> tuple[ReadTrace, ...]:
    file = st.file_uploader(
        "A trace, as `lintseq generate --stepwise -o trace.jsonl` writes it",
        type=["jsonl"],
        max_upload_size=MAX_UPLOAD_MB,
        key="trace_upload",
    )
    if file is not None:
        st.session_state.uploaded = (file.getvalue(), short(file.name, 60))
    if "uploaded" not in st.session_state:
        return ()
    traces, faults = read_upload(*st.session_state.uploaded)
    if faults and not traces:
        st.error(as_markdown(faults[0]), icon=":material/error:")
        return ()
    _show_faults(faults)
    return traces


def _show_faults(faults: tuple[str, ...]) -> None:
    if not faults:
        return
    shown = [f"Left out: {fault}." for fault in faults[:MAX_FAULTS_SHOWN]]
    if len(faults) > MAX_FAULTS_SHOWN:
        shown.append(f"And {len(faults) - MAX_FAULTS_SHOWN} more.")
    st.warning(as_markdown("\n\n".join(shown)), icon=":material/rule:")


def by_task(traces: tuple[ReadTrace, ...]) -> dict[str, tuple[ReadTrace, ...]]:
    """The traces of each task by a short name for it, in order."""
    names = {task.instruction: task.task_id for task in load_tasks() if task.instruction}
    tasks: dict[str, list[ReadTrace]] = {}
    for read in traces:
        tasks.setdefault(read.task, []).append(read)
    labelled: dict[str, tuple[ReadTrace, ...]] = {}
    for instruction, of_task in tasks.items():
        label = names.get(instruction) or short(instruction, 60) or "(no instruction)"
        number = 2
        while label in labelled:
            label, number = f"{label} ({number})", number + 1
        labelled[label] = tuple(of_task)
    return labelled


def by_model(traces: tuple[ReadTrace, ...]) -> dict[str, ReadTrace]:
    """The traces of one task by model, with the file where one model wrote several."""
    labelled: dict[str, ReadTrace] = {}
    for read in traces:
        label = short(read.model, 60) or "(no model)"
        if label in labelled:
            label = f"{label}, {short(read.name, 60)}"
        number = 2
        while label in labelled:
            label, number = f"{label} ({number})", number + 1
        labelled[label] = read
    return labelled
