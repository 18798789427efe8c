"""What goes with a chart: its data, pictures of it, and how to make it elsewhere.

Every chart of every page ends in `show_take_along`.
"""

from __future__ import annotations

import io
from importlib.util import find_spec

import streamlit as st

from dashboard.shared.show import read_script, read_style, show_note
from lintseq_core.results.frames import Frame

_COPIES = st.components.v2.component(
    "lintseq_take_along",
    html='<div class="lsp-copies beside"></div>',
    css=read_style("copies.css"),
    js=read_script("take_along.js"),
)


def show_take_along(
    frame: Frame, name: str, *, chart: str = "", python: str = "", command: str = ""
) -> None:
    """A line that opens: downloads of `frame` and of the chart with key `chart`, code, rows."""
    along = st.expander(
        "Take along", icon=":material/download:", key=f"open_{name}", on_change="rerun"
    )
    with along:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _show_downloads(frame, name, chart, python, command)
        for text, language in ((command, None), (python, "python")):
            if text:
                st.code(text, language=language, wrap_lines=True)
        show_note(f"The data, {len(frame):,} rows:")
        # Drawn when it is opened: the rows of a large chart would travel with every change.
        if along.open:
            st.dataframe(frame.to_pandas(), hide_index=True, key=f"data_{name}")


def _show_downloads(frame: Frame, name: str, chart: str, python: str, command: str) -> None:
    st.download_button(
        "CSV",
        data=frame.to_csv,
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"csv_{name}",
        help="Download the data as CSV",
    )
    if find_spec("pyarrow") is not None:
        st.download_button(
            "Parquet",
            data=lambda: _parquet(frame),
            file_name=f"{name}.parquet",
            icon=":material/download:",
            on_click="ignore",
            key=f"parquet_{name}",
            help="Download the data as Parquet",
        )
    copies = [("Copy as Python", python), ("Copy as command", command)]
    _COPIES(
        key=f"copies_{name}",
        data={
            "chart": chart,
            "name": name,
            "copies": [{"label": label, "text": text} for label, text in copies if text],
        },
        width="content",
    )


def _parquet(frame: Frame) -> bytes:
    import pyarrow.parquet

    held = io.BytesIO()
    pyarrow.parquet.write_table(frame.to_arrow(), held)
    return held.getvalue()
