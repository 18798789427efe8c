"""A program of one's own: the text area, the upload, and the `code` parameter of the link.

Nothing typed is lost: what a file or a link replaces can be brought back, and an error leaves
the text as it is.
"""

from __future__ import annotations

import streamlit as st

from dashboard.files.loaders import read_program
from dashboard.shared.links import MAX_CODE_CHARACTERS, pack_code, unpack_code
from dashboard.shared.show import as_markdown, show_error, show_note
from lintseq_core import LintSeqError

MAX_UPLOAD_MB = 1


def own_text() -> str:
    """The text as it stands, before its box is drawn."""
    return st.session_state.get("own_text") or ""


def is_program(text: str) -> bool:
    """Whether there is something to look at in `text`."""
    try:
        return bool(text.strip() and read_program(text, "Own program"))
    except LintSeqError:
        return False


def ask_for_program() -> str:
    """The text the reader typed, uploaded, or opened from a link."""
    st.session_state.setdefault("own_text", "")
    # Code in the font of code, which st.text_area has no parameter for.
    st.html(
        "<style>.st-key-own_text textarea { font-family: 'Source Code Pro', monospace; }</style>"
    )
    text = st.text_area(
        "Python program",
        key="own_text",
        height=220,
        placeholder="Paste a Python program here, then press Ctrl+Enter.",
        persist_state="session",
    )
    st.file_uploader(
        "Or open a file",
        type=["py", "pyi", "pyw", "txt"],
        max_upload_size=MAX_UPLOAD_MB,
        key="own_upload",
        on_change=_open_upload,
    )
    if error := st.session_state.get("own_upload_error"):
        show_error(error)
    if st.session_state.get("own_replaced"):
        st.button("Bring back the text it replaced", on_click=_bring_back, icon=":material/undo:")
    _write_linked_code(text or "")
    return text or ""


def forget_linked_code() -> None:
    """Takes the program of one's own out of the link."""
    if "code" in st.query_params:
        del st.query_params["code"]
    st.session_state.pop("own_code", None)


def open_linked_code() -> None:
    """Takes the program out of the link, if there is one that was not opened before."""
    code = st.query_params.get("code")
    if code is None or code == st.session_state.get("own_code"):
        return
    st.session_state.own_code = code
    try:
        _replace_text(unpack_code(code))
    except ValueError as fault:
        st.warning(
            as_markdown(f"{fault}; paste the program instead.").capitalize(),
            icon=":material/link_off:",
        )


def _write_linked_code(text: str) -> None:
    code = pack_code(text) if text.strip() else ""
    if code is None:
        show_note(
            f"The link does not carry this program: packed, it is longer than "
            f"{MAX_CODE_CHARACTERS:,} characters. Share the file instead."
        )
    if not code:
        # A damaged link stays in the address bar until there is something to put there.
        if text.strip():
            forget_linked_code()
    elif st.query_params.get("code") != code:
        st.session_state.own_code = code
        st.query_params["code"] = code


def _open_upload() -> None:
    st.session_state.own_upload_error = None
    upload = st.session_state.own_upload
    if upload is None:
        return
    try:
        _replace_text(read_program(upload.getvalue(), upload.name).text)
    except LintSeqError as error:
        st.session_state.own_upload_error = error


def _replace_text(text: str) -> None:
    before = st.session_state.get("own_text", "")
    st.session_state.own_replaced = before if before.strip() and before != text else ""
    st.session_state.own_text = text


def _bring_back() -> None:
    st.session_state.own_text = st.session_state.own_replaced
    st.session_state.own_replaced = ""
