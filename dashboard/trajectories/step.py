"""One edit sequence: the player with its lenses, branches, reasons and model text."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.files.loaders import (
    can_ask_what_if,
    load_closures,
    load_examples,
    load_payload,
    load_sequence,
    load_tasks,
)
from dashboard.shared.execution import outcomes_of, show_test_runs
from dashboard.shared.show import show_error, show_note, show_player, show_reasons
from dashboard.trajectories.choice import MAX_BRANCHES, Branch, SequenceChoice, pack_branches
from dashboard.trajectories.tokens import show_model_text
from lintseq_core import EditSequence, LintSeqError, __version__
from lintseq_core.viewer.html import build_page
from lintseq_core.viewer.opening import opening_step
from lintseq_core.viewer.outcomes import TestedTask

KEY = "player"


def show_step_lab(
    choice: SequenceChoice, asked: int | None, given: EditSequence | None = None
) -> None:
    """The player of `choice`, or of the sequence `given`, at the step `asked`, and all about it."""
    branches: tuple[Branch, ...] = ()
    if given is None:
        branches = st.session_state.get("branches", ())
        choice = replace(choice, branches=branches)
    try:
        sequence = given or load_sequence(choice)
        task = _tests_of(choice)
        states = tuple(sequence.states()) if task else ()
        payload = load_payload(choice, given, outcomes_of(task, states))
    except LintSeqError as error:
        show_error(error)
        if branches:
            st.button("Take the branch back", on_click=_take_back, icon=":material/undo:")
        return
    with st.container():  # also empty: what comes below keeps its place, and the player its state
        if branches:
            _show_branches(branches)
    start = st.session_state.pop("start_step", 0)
    opening = opening_step(sequence)
    step = opening if asked is None else asked
    wanted = {
        st.session_state.get("asked_step"),
        start,
        *((step, opening) if st.query_params.get("whatif") == "on" else ()),
    }
    show_player(
        payload,
        key=KEY,
        step=step,
        start=start,
        opening=opening,
        linked=True,
        named=True,
        whatif=_closures(sequence, payload, wanted),
        copies=_copies(choice, given),
        on_ask=_hooks(sequence, given),
    )
    reasons, model_text = st.tabs(["Reasons of every edit", "Model text"])
    with reasons:
        show_reasons(payload)
    with model_text:
        show_model_text(sequence)
    if task is not None:
        show_test_runs(task, states, key="steps")
    _show_downloads(choice, sequence, payload)


def _tests_of(choice: SequenceChoice) -> TestedTask | None:
    """The tests of an example program, if it has some."""
    example = load_examples().get(choice.title.removesuffix(".py"))
    if example is None or example.program.text != choice.text:
        return None
    return next((task for task in load_tasks() if task.program == choice.title), None)


def _copies(choice: SequenceChoice, given: EditSequence | None) -> list[tuple[str, str | None]]:
    copies: list[tuple[str, str | None]] = [("Copy link", None)]
    if given is None:
        copies.append(("Copy as Python", choice.as_python()))
        if command := choice.as_command():
            copies.append(("Copy as command", command))
    return copies


def _hooks(sequence: EditSequence, given: EditSequence | None) -> dict[str, Callable[[], None]]:
    """What the player may ask the page for."""
    hooks = {"sample": _move_sample if given is None else _move_row}
    if can_ask_what_if(sequence):
        hooks["whatif"] = _remember_state
        if given is None:
            hooks["branch"] = _branch
    return hooks


def _remember_state() -> None:
    """Keeps which state's closures were asked for: the rerun brings them."""
    st.session_state.asked_step = _asked("whatif")


def _asked(name: str) -> Any:
    return getattr(st.session_state.get(KEY), name, None)


def _move_sample() -> None:
    moved = _asked("sample")
    if isinstance(moved, int):
        st.session_state.path = max(1, int(st.session_state.path or 1) + moved)


def _move_row() -> None:
    moved = _asked("sample")
    if isinstance(moved, int):
        n_rows = st.session_state.get("n_rows", 1)
        st.session_state.row = min(max(1, int(st.session_state.row or 1) + moved), n_rows)


def _closures(sequence: EditSequence, payload: dict[str, Any], wanted: set[Any]) -> dict[int, Any]:
    """The closures of the states that the player asked for, or will ask for at once."""
    if payload["whatif"] is not None or not can_ask_what_if(sequence):
        return {}
    steps = {min(step, sequence.n_edits) for step in wanted if isinstance(step, int) and step > 0}
    return {step: load_closures(sequence, step) for step in steps}


def _branch() -> None:
    asked = _asked("branch")
    branches = st.session_state.get("branches", ())
    match asked:
        case {"step": int(step), "line": int(line)} if len(branches) < MAX_BRANCHES:
            st.session_state.branches = (*branches, (step, line))
            st.session_state.branched_at = True


def _take_back() -> None:
    st.session_state.branches = st.session_state.branches[:-1]


def _show_branches(branches: tuple[Branch, ...]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        told = "; then ".join(
            f"line {line + 1} was let go after step {step}" for step, line in branches
        )
        show_note(f"A branch: {told}. What came later stayed, what came before was drawn anew.")
        st.button("Take the last branch back", on_click=_take_back, icon=":material/undo:")


def sync_branches(link: dict[str, str], base: tuple[object, ...], read: Any) -> None:
    """Keeps the branches in the link, and drops them when another sequence is chosen."""
    if "branch_base" not in st.session_state:
        st.session_state.branches = read(link.get("branch", "")) or ()
    elif st.session_state.branch_base != base:
        st.session_state.branches = ()
    st.session_state.branch_base = base
    packed = pack_branches(st.session_state.branches)
    if packed != st.query_params.get("branch", ""):
        if packed:
            st.query_params["branch"] = packed
        else:
            del st.query_params["branch"]


def start_after_branch(choice: SequenceChoice) -> None:
    """Lets the player begin at the edit that the new branch made."""
    if st.session_state.pop("branched_at", False) and st.session_state.branches:
        *before, (step, _) = st.session_state.branches
        try:
            old = load_sequence(replace(choice, branches=tuple(before)))
            new = load_sequence(replace(choice, branches=st.session_state.branches))
        except LintSeqError:
            return
        st.session_state.start_step = new.n_edits - (old.n_edits - step)


def _show_downloads(
    choice: SequenceChoice, sequence: EditSequence, payload: dict[str, Any]
) -> None:
    name = choice.title.removesuffix(".py").replace(" ", "_").lower()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download as JSON",
            data=sequence.to_json,
            file_name=f"{name}.json",
            mime="application/json",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Download as a page",
            data=lambda: build_page([payload], title=choice.title),
            file_name=f"{name}.html",
            mime="text/html",
            icon=":material/code:",
            on_click="ignore",
            help="One HTML file that plays this edit sequence without a server or a network.",
        )
    show_note(provenance(choice, sequence))


def provenance(choice: SequenceChoice, sequence: EditSequence) -> str:
    """From what and by what this was made, in a line."""
    by = "RandSeq"
    if sequence.method == "lintseq":
        by = f"LintSeq with {sequence.linter_name} {sequence.linter_version}"
    parts = [f"sha256 {sequence.program.id[:16]}", by]
    if sequence.seed is not None:
        number = "" if sequence.path_index is None else f", sequence {sequence.path_index + 1}"
        parts.append(f"seed {sequence.seed}{number}")
    parts.append(f"Python {sequence.python_version or platform.python_version()}")
    parts.append(f"lintseq-core {__version__}")
    command = choice.as_command() if sequence.seed is not None else None
    return " · ".join([*parts, f"`{command}`"] if command else parts)
