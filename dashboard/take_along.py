"""What goes with a chart: its data as a table, as CSV and Parquet, and how to make it elsewhere."""

from __future__ import annotations

import io
from importlib.util import find_spec

import streamlit as st

from lintseq_core.results.frames import Frame


def show_take_along(frame: Frame, name: str, *, python: str = "", command: str = "") -> None:
    """Downloads of `frame`, its rows, and the code and command that make it."""
    with st.container(horizontal=True):
        st.download_button(
            "Download as CSV",
            data=frame.to_csv,
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"csv_{name}",
        )
        if find_spec("pyarrow") is not None:
            st.download_button(
                "Download as Parquet",
                data=lambda: _parquet(frame),
                file_name=f"{name}.parquet",
                icon=":material/download:",
                on_click="ignore",
                key=f"parquet_{name}",
            )
    with st.expander("Show data"):
        st.dataframe(frame.to_pandas(), hide_index=True, key=f"data_{name}")
    if python or command:
        with st.expander("As code"):
            if command:
                st.code(command, language=None, wrap_lines=True)
            if python:
                st.code(python, language=None, wrap_lines=True)


def _parquet(frame: Frame) -> bytes:
    import pyarrow.parquet

    held = io.BytesIO()
    pyarrow.parquet.write_table(frame.to_arrow(), held)
    return held.getvalue()
