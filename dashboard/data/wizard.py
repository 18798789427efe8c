"""The page Data, import: what a file is, its first rows as understood, what does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.data.imports import decided_stores
from dashboard.data.link import forget_link
from dashboard.files.brought import DATA, USED_ON, Brought
from dashboard.files.runs_list import show_uploader
from dashboard.files.samples import identify_file, preview_file
from dashboard.files.workbench import bring_path
from dashboard.shared.show import as_markdown, show_note, shown
from lintseq_core import LintSeqError
from lintseq_core.results.formats.recognise import FORMATS, KnownFile
from lintseq_core.results.samples.facets import source_label
from lintseq_core.results.samples.importing import About, BadRow
from lintseq_core.results.samples.row import Row

PATH, UPLOAD = WAYS = ("A path on this machine", "Upload")
N_PREVIEW = 5
LOCAL = ("localhost", "127.0.0.1", "::1")
"""Addresses that this machine alone reaches; a server without any is reached by all."""


def show_wizard(files: Sequence[Brought]) -> None:
    """Asks for a file, says what it is, and imports it; `files` holds the uploads."""
    st.markdown(
        "Samples, results and data sets of every tool below, of any size. Nothing in a file is "
        "run; a row that does not fit is named and left out, and the others are read.",
        width=760,
    )
    with st.container(border=True):
        way = st.segmented_control(
            "Import by", WAYS, default=PATH, key="data_way", required=True, bind="query-params"
        )
        found = _asked_path() if way == PATH else _uploaded(files)
    if found is None:
        _show_formats()
        return
    path, name = found
    if (known := _show_known(path, name)) is None:
        return
    if st.session_state.get("data_importing") != str(path):
        _show_preview(known)
        st.button(
            "Import",
            type="primary",
            icon=":material/download_done:",
            on_click=_start,
            args=(str(path),),
            key="data_import",
        )
        return
    (store,) = decided_stores([(path, name)])
    if store is not None:
        show_imported(store.about)
        _show_doors(_listed(path, name, files), store.about)


def _listed(path: Path, name: str, files: Sequence[Brought]) -> str:
    """The name of the file in the list, to which an import adds it once: it may be removed."""
    known = next((file.name for file in files if file.path == path), None)
    if known is None and st.session_state.get("data_listed") != str(path):
        known = bring_path(path, name)
    st.session_state.data_listed = str(path)
    return known or name


def show_imported(about: About) -> None:
    """How many rows came in, and what was left out with its remedy."""
    n = "1 row" if about.n_rows == 1 else f"{about.n_rows:,} rows"
    left = "" if not about.n_bad_rows else f"; {about.n_bad_rows:,} do not fit and are left out"
    st.success(
        f"{n} imported{left}. {about.n_bytes / 1e6:,.1f} MB in {about.seconds:.1f} s.",
        icon=":material/check_circle:",
    )
    if about.stopped:
        st.warning(as_markdown(f"Not read to its end: {about.stopped}"), icon=":material/rule:")
    show_bad_rows(about.bad_rows, about.n_bad_rows)


def show_bad_rows(bad_rows: tuple[BadRow, ...], total: int) -> None:
    """The first rows that do not fit: where, which field, why, what to do."""
    if not bad_rows:
        return
    st.header("What does not fit", anchor=False)
    if total > len(bad_rows):
        show_note(f"The first {len(bad_rows)} of {total:,}.")
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "where": shown(bad_row.row),
                    "field": shown(bad_row.field) or "–",
                    "what": shown(bad_row.what),
                    "what to do": shown(bad_row.remedy),
                }
                for bad_row in bad_rows
            ]
        ),
        hide_index=True,
        key="bad_rows",
    )


def _asked_path() -> tuple[Path, str] | None:
    if st.get_option("server.address") not in LOCAL:
        st.info(
            "This server may be reached from other machines, so it opens no path that is typed: "
            "upload the file, or name it at the start: `lintseq dashboard FILE`.",
            icon=":material/lock:",
        )
        return None
    typed = st.text_input(
        "File or folder", key="data_path", placeholder="/data/runs/samples.jsonl, of any size"
    )
    show_note(
        "It is read where it lies; the import keeps a copy of its columns in the cache folder."
    )
    text = (typed or "").strip().strip("'\"")
    if not text:
        return None
    try:
        path = Path(text).expanduser()
        if not path.is_file() and not path.is_dir():
            st.error(as_markdown(f"{text}: no such file or folder; check the path"))
            return None
    except (OSError, ValueError, RuntimeError) as error:
        st.error(as_markdown(f"{text[:200]}: not a path that can be opened ({error})"))
        return None
    return path, path.name


def _uploaded(files: Sequence[Brought]) -> tuple[Path, str] | None:
    """The file that was uploaded last."""
    show_uploader(DATA)
    own = [file for file in files if file.origin == "uploaded" and DATA in USED_ON[file.kind]]
    newest = next((file for file in own if file.ref == st.session_state.get("newest")), None)
    return None if newest is None else (newest.path, newest.name)


def _show_known(path: Path, name: str) -> KnownFile | None:
    try:
        known = identify_file(path, name)
    except (LintSeqError, OSError) as error:
        st.error(as_markdown(str(error)), icon=":material/error:")
        return None
    if known.kind == "traces":
        said = f"{name}: {known.title}; the page Generations steps through it"
        st.error(as_markdown(said), icon=":material/error:")
        return None
    st.markdown(
        f"**{as_markdown(name)}**: {as_markdown(known.title)}. Recognised by: "
        f"{as_markdown(known.why)}."
    )
    return known


def _show_preview(known: KnownFile) -> None:
    """The first rows as understood, and what of the first rows does not fit."""
    preview = preview_file(known)
    if preview.error:
        st.error(as_markdown(preview.error), icon=":material/error:")
    if rows := [_told(row, known) for row in preview.rows[:N_PREVIEW]]:
        st.header("The first rows, as understood", anchor=False)
        st.dataframe(pd.DataFrame(rows), hide_index=True, key="preview")
    if not preview.n_bad_rows:
        show_note(f"The first {preview.n_seen:,} rows fit.")
    else:
        show_note(f"{preview.n_bad_rows:,} of the first {preview.n_seen:,} rows do not fit.")
    show_bad_rows(preview.bad_rows, preview.n_bad_rows)


def _told(row: Row, known: KnownFile) -> dict[str, object]:
    name = source_label if known.kind == "data set" else str
    return {
        "row": row.number,
        "problem": shown(name(row.task))[:80],
        "program": shown(row.text)[:200].replace("\n", " ⏎ "),
        "lines": row.n_lines,
        "edits": row.n_edits or "–",
        "verdict": row.verdict or "–",
        "result": {True: "✓ passed", False: "✗ not passed", None: "–"}[row.passed],
    }


def _start(path: str) -> None:
    st.session_state.data_importing = path
    st.session_state.pop("data_listed", None)


def _show_doors(name: str, about: About) -> None:
    """Where to go from here."""
    with st.container(horizontal=True):
        st.button(
            "Look at the rows",
            type="primary",
            icon=":material/table_rows:",
            on_click=_look,
            args=(name,),
            key="data_look",
        )
        if about.kind != "data set":
            for page, label, icon in (
                ("app_pages/pass_at_k.py", "Open in pass@k", ":material/show_chart:"),
                ("app_pages/diversity.py", "Open in Diversity", ":material/category:"),
            ):
                st.page_link(page, label=label, icon=icon)
    if about.kind != "data set":
        show_note(
            "pass@k takes files with verdicts only, and none with a row that does not fit: a score "
            "must not depend on what was left out."
        )


def _look(name: str) -> None:
    forget_link()
    st.session_state.data_view = "Rows"
    st.session_state.data = name
    st.session_state.pop("data_importing", None)


def _show_formats() -> None:
    with st.expander("What can be imported"):
        st.dataframe(
            pd.DataFrame(
                [{"format": one.title, "recognised by": one.signs} for one in FORMATS]
                + [
                    {
                        "format": "data sets of lintseq dataset build, every layout",
                        "recognised by": "rows or columns with birth_steps, edit_path, messages, "
                        "or prompt and completion",
                    }
                ]
            ),
            hide_index=True,
            key="formats",
            height="content",
        )
