"""Predict the next edit: the exercise on the edit sequence that was chosen."""

from __future__ import annotations

import streamlit as st

from dashboard.files.loaders import load_predict_payload, load_sequence
from dashboard.shared.show import PLAYER_HEIGHT, as_markdown, read_script, room, show_note
from dashboard.trajectories.choice import SequenceChoice
from lintseq_core import EditSequence, LintSeqError, __version__
from lintseq_core.viewer import predict_css
from lintseq_core.viewer.html import build_predict_page

_FONTS = ".lsp-exercise { --lsp-font: var(--st-font); --lsp-code-font: var(--st-code-font); }"
SLOW_LINTERS = ("pylint", "ruff")

# Registered once, here: registering under one name twice confuses mounted instances.
_PREDICT = st.components.v2.component(
    "lintseq_predict",
    html='<div class="lsp-exercise"></div>',
    css=predict_css() + _FONTS,
    js=read_script("predict.js"),
)


def show_predict_lab(choice: SequenceChoice, given: EditSequence | None) -> None:
    """The exercise, or why there is none of this sequence."""
    st.markdown(
        "You are the sampler: which lines could come next, all at once? Any edit that LintSeq "
        "could draw here is right, not only the one of this sequence.",
        width=760,
    )
    try:
        sequence = given or load_sequence(choice)
        if sequence.method == "lintseq" and sequence.linter_name in SLOW_LINTERS:
            raise LintSeqError(
                f"{sequence.linter_name} would have to judge thousands of states; choose pyflakes"
            )
        payload = load_predict_payload(choice, given)
    except LintSeqError as error:
        st.info(as_markdown(f"There is nothing to predict here: {error}."), icon=":material/quiz:")
        return
    with room(PLAYER_HEIGHT):
        _PREDICT(key="predict", data={"payload": payload})
    first = payload["rounds"][0]["step"]
    if first > 1:
        show_note(
            f"Rounds begin after edit {first}: before that, more edits may follow than can be "
            "worked out here."
        )
    name = choice.title.removesuffix(".py").replace(" ", "_").lower()
    footer = f"Made by lintseq-core {__version__} from {sequence.program.id[:16]} (sha256)."
    st.download_button(
        "Download as a page",
        data=lambda: build_predict_page([payload], title=choice.title, footer=footer),
        file_name=f"{name}_exercise.html",
        mime="text/html",
        icon=":material/code:",
        on_click="ignore",
        help="One HTML file with this exercise, for use without a server.",
    )
    show_note("Answers stay in this browser. For lessons around it: the page Lessons.")
