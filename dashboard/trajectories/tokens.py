"""The model text of an edit sequence: as text, or as the tokens that a model is trained on."""

from __future__ import annotations

import streamlit as st

from dashboard.files.loaders import load_tokens, token_encoders
from dashboard.shared.show import read_script, read_style, show_error, show_note
from lintseq_core import EditSequence, LintSeqError

TEXT, TOKENS = VIEWS = ("Text", "Tokens")
MOST_PIECES = 20_000
HELP = (
    "What a language model is trained on. `<|diff|>` begins an edit; two in a row end the program. "
    "After it stand hunks: `@@ -2,0 +3,2 @@` says that two lines are inserted after line 2 and "
    "become lines 3 and 4; each begins with `+`."
)
_TOKENS = st.components.v2.component(
    "lintseq_tokens",
    html='<div class="lst" tabindex="0" role="region" aria-label="Tokens"></div>',
    css=read_style("tokens.css"),
    js=read_script("tokens.js"),
)


def show_model_text(sequence: EditSequence) -> None:
    """The text or the tokens of `sequence`, and what it costs beside the program in one piece."""
    st.markdown(HELP, width=760)
    view = st.segmented_control(
        "Model text as",
        VIEWS,
        default=TEXT,
        key="text_view",
        required=True,
        bind="query-params",
        label_visibility="collapsed",
    )
    if view == TOKENS:
        _show_tokens(sequence)
    else:
        _show_text(sequence)


def _show_text(sequence: EditSequence) -> None:
    text = sequence.to_model_text()
    plain = len(sequence.program.text)
    hunks = sum(len(edit) for edit in sequence.hunks())
    with st.container(horizontal=True):
        st.metric("Program", f"{plain:,} characters", width="content")
        st.metric("As edits", f"{len(text):,} characters", width="content")
        st.metric("Cost", f"{len(text) / plain:.2f} ×", width="content")
        st.metric("Edits, hunks", f"{sequence.n_edits:,}, {hunks:,}", width="content")
    st.code(text, language=None, height=420)


def _show_tokens(sequence: EditSequence) -> None:
    encoders = token_encoders()
    name = st.selectbox(
        "Tokenizer",
        list(encoders),
        format_func=encoders.get,
        key="tokenizer",
        bind="query-params",
        width=360,
    )
    try:
        view = load_tokens(sequence, name)
    except LintSeqError as error:
        show_error(error)
        return
    with st.container(horizontal=True):
        st.metric("Program in one piece", f"{view.n_whole_tokens:,} tokens", width="content")
        st.metric("As edits", f"{view.n_tokens:,} tokens", width="content")
        st.metric("Cost", f"{view.cost:.2f} ×", width="content")
        st.metric("In the loss", f"{view.n_trained:,}", width="content")
    show_note(
        "Shaded: in the loss. Dotted line: given, not in the loss. Framed: a marker, "
        "not text that spells one. Point at a token for its id."
    )
    shown = view.pieces[:MOST_PIECES]
    if len(shown) < len(view.pieces):
        show_note(f"The first {len(shown):,} of {len(view.pieces):,} tokens.")
    pieces = [(p.text, p.token_ids, p.is_trained, p.is_special) for p in shown]
    _TOKENS(key="tokens", data={"pieces": pieces})
