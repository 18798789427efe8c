"""One row of a data set: its program, its edits in the player, what the file says about it."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.data.link import change, linked_query
from dashboard.shared.links import pack_code
from dashboard.shared.show import as_markdown, show_note, show_player, shown
from lintseq_core import EditSequence, LintSeqError, Program
from lintseq_core.results.samples.facets import source_label
from lintseq_core.results.samples.features import STATE_WORDS, ParseState, names_of
from lintseq_core.results.samples.store import FullRow, Listed, Store
from lintseq_core.viewer import build_payload

MAX_LINES = 1_500
"""Longest program that the player shows."""
MAX_CODE = 60_000
MAX_PROMPT = 4_000
SIGNS = {True: "✓ passed", False: "✗ not passed", None: "not decided"}


def show_row(store: Store, index: int, rows: NDArray[np.int64]) -> None:
    """The row with this index, and the way to its neighbours among `rows`."""
    _show_steps(index, rows)
    try:
        row = store.row(index)
        (listed,) = store.listed([index])
    except (LintSeqError, OSError) as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return
    st.header(as_markdown(row_name(store, listed, 120)), anchor=False)
    told = row.verdict or ""
    verdict = SIGNS[row.passed] if told in ("", "passed") else f"{SIGNS[row.passed]}: {told}"
    words = [f"row {row.number:,} of {store.about.name}"]
    if row.passed is not None or row.verdict:
        words.insert(0, verdict)
    words += [
        shown(word)
        for word in (listed.tests, listed.model, listed.method, listed.flags)
        if word is not None
    ]
    words += [] if listed.temperature is None else [f"temperature {listed.temperature:g}"]
    show_note(" · ".join(words))
    _show_structure(listed)
    if row.prompt:
        with st.expander("What was asked"):
            st.code(shown(row.prompt[:MAX_PROMPT]), language=None, wrap_lines=True)
    _show_program(row, row_name(store, listed, 60))
    if row.written is not None:
        title = "As written" + (
            f" ({listed.n_faults} faults of grammar, read leniently)" if listed.n_faults else ""
        )
        with st.expander(title):
            st.code(shown(row.written[:MAX_CODE]), language=None, wrap_lines=True)
    _show_links(row, listed)


def row_name(store: Store, row: Listed, width: int) -> str:
    """The problem or source of a row in `width` characters, and which of its samples it is.

    Of a data set: which of its edit sequences; a whole program there has no number. Counted from 1.
    """
    is_data = store.about.kind == "data set"
    name = shown((source_label(row.task) if is_data else row.task)[:width])
    if not is_data:
        return f"{name}, sample {row.sample + 1:,}"
    return f"{name}, sequence {row.sample + 1:,}" if row.n_edits else name


def _show_steps(index: int, rows: NDArray[np.int64]) -> None:
    """The buttons to the list and to the rows before and after this one."""
    places = np.flatnonzero(rows == index)
    at = int(places[0]) if places.size else None
    before = int(rows[at - 1]) if at else None
    after = int(rows[at + 1]) if at is not None and at + 1 < rows.size else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("All rows", icon=":material/list:", key="row_back", on_click=_go, args=(None,))
        st.button(
            "Previous row", key="row_before", on_click=_go, args=(before,), disabled=before is None
        )
        st.button("Next row", key="row_after", on_click=_go, args=(after,), disabled=after is None)
        if at is not None:
            st.markdown(f"{at + 1:,} of {rows.size:,}", width="content")
        else:
            st.markdown("not among the rows chosen", width="content")


def _go(index: int | None) -> None:
    change(linked_query().query, row=index, keep_page=True)


def _show_structure(row: Listed) -> None:
    if row.state is None:
        return
    has = ", ".join(names_of(row.features or 0))
    copies = "; a copy of an earlier sample of its problem" if row.is_copy else ""
    told = STATE_WORDS[ParseState(row.state)]
    show_note(f"The program {told}{f'; it has: {has}' if has else ''}{copies}.")


def _show_program(row: FullRow, name: str) -> None:
    n_lines = row.text.count("\n")
    sequence = None
    if row.births and n_lines <= MAX_LINES:
        try:
            sequence = sequence_of(row)
        except LintSeqError as error:
            show_note(f"The edits cannot be shown: {error}.")
    if sequence is not None:
        payload = build_payload(sequence, title=name)
        show_player(payload, key=f"row_{row.index}", start=sequence.n_edits, step=sequence.n_edits)
        return
    text = shown(row.text[:MAX_CODE])
    st.code(
        text or "(empty)", language="python" if text else None, height=520 if n_lines > 24 else None
    )
    if len(row.text) > MAX_CODE:
        show_note(f"The first {MAX_CODE:,} of {len(row.text):,} characters.")


def sequence_of(row: FullRow) -> EditSequence:
    """The edits of a row as a sequence: with reasons where the file keeps them."""
    if row.record is not None:
        return EditSequence.from_json(row.record)
    sound = row.text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return EditSequence(
        program=Program(sound),
        birth_steps=row.births or (),
        reasons=(),
        method="lintseq",
    )


def _show_links(row: FullRow, listed: Listed) -> None:
    code = pack_code(row.text)
    with st.container(horizontal=True):
        if code is not None and row.text.strip():
            st.page_link(
                "app_pages/trajectories.py",
                label="Draw edit sequences of this program",
                icon=":material/difference:",
                query_params={"source": "Own program", "code": code},
            )
        if listed.n_faults:
            st.page_link(
                "app_pages/generations.py",
                label="What malformed edits come to",
                icon=":material/rule:",
                query_params={"see": "Malformed edits"},
            )
