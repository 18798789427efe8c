"""Two models, or two runs, side by side on one task."""

from __future__ import annotations

from statistics import mean

import streamlit as st

from dashboard.generations.sample import field_name, payload_of, provenance
from dashboard.generations.tiles import final_outcomes
from dashboard.shared.execution import show_test_runs
from dashboard.shared.show import show_note, show_player
from lintseq_core.metrics.normal_form import count_distinct
from lintseq_core.viewer.clinic import malformed_edits
from lintseq_core.viewer.generated import last_state, states_of_sample
from lintseq_core.viewer.outcomes import PASSED, TestedTask
from lintseq_core.viewer.traces import ReadTrace


def show_two_models(
    named: dict[str, ReadTrace], first: str, task: TestedTask | None, position: int
) -> None:
    """The trace called `first` beside another of the same task: figures, and a sample of each."""
    others = [name for name in named if name != first]
    if not others:
        st.info(
            "There is one trace of this task here. Give a second one of the same instruction, "
            "joined in one file or in a folder, and they stand side by side.",
            icon=":material/compare:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = st.selectbox("Beside", others, key="beside", bind="query-params", width=260)
        beside = named[other]
        last = len(beside.trace.samples)
        at = st.number_input(
            f"Its {field_name(beside).lower()}",
            1,
            max(1, last),
            key="beside_sample",
            bind="query-params",
            width=130,
        )
    pair = {first: named[first], other: beside}
    if task is not None:
        finals = [
            last_state(sample, read.trace.header.request.mode)
            for read in pair.values()
            for sample in read.trace.samples
        ]
        outcomes = [told for read in pair.values() for told in final_outcomes(read, task)]
        show_test_runs(task, finals, key="models", recorded=outcomes)
    st.table([_row(name, read, task) for name, read in pair.items()])
    show_note(
        "Of these samples alone: no interval is drawn, because they are of one task. lintseq passk "
        "compares models over a benchmark."
    )
    payloads = [payload_of(named[first], task, position)]
    if last:
        payloads.append(payload_of(beside, task, min(at, last) - 1))
    show_player(*payloads, key="two_models", step=1, start=1)
    for read in pair.values():
        show_note(provenance(read))


def _row(name: str, read: ReadTrace, task: TestedTask | None) -> dict[str, str]:
    mode = read.trace.header.request.mode
    samples = read.trace.samples
    ended = [sample.end for sample in samples if sample.end is not None]
    edits = [len(states_of_sample(sample, mode)) - 1 for sample in samples]
    finals = final_outcomes(read, task)
    known = [told for told in finals if told is not None]
    passed = sum(set(told) == {PASSED} for told in known)
    malformed = len(malformed_edits(samples))
    programs = [last_state(sample, mode) for sample in samples]
    return {
        "Model": name.replace("|", "/"),
        "Pass all tests": f"{passed} of {len(known)}" if known else "not run",
        "Parse": f"{sum(end.compiles for end in ended)} of {len(ended)}",
        "Malformed edits": f"{malformed} of {sum(edits)}"
        if mode == "stepwise"
        else "whole program",
        "Different programs": f"{count_distinct(programs).n_trees} of {len(programs)}",
        "Edits a sample": f"{mean(edits):.1f}" if edits else "none",
        "Tokens a sample": f"{mean(end.n_tokens for end in ended):.0f}" if ended else "none",
    }
