"""The malformed-edit clinic: one text under the strict, the lenient and the authors' reading."""

from __future__ import annotations

import streamlit as st

from dashboard.shared.show import as_markdown, read_script, read_style, show_note
from lintseq_core.edits.formats import UNIFIED, Fault
from lintseq_core.generation.trace import TracedSample
from lintseq_core.viewer import player_css
from lintseq_core.viewer.clinic import count_faults, malformed_edits, read_three_ways, text_up_to
from lintseq_core.viewer.traces import ReadTrace, short

TRY = "A text of your own"
MAX_TEXT = 20_000
EXAMPLE = (
    "@@ -0,0 +1,2 @@\n+def double(n):\n+    return 2 * n\n<|diff|>@@ -2,0 +9 @@\n+print(double(2))"
)
_WRITTEN = st.components.v2.component(
    "lintseq_written",
    html='<div class="lsp-mount">'
    '<div class="lsp lsp-alone" role="group" aria-label="What the model wrote"></div></div>',
    css=player_css() + read_style("player.css"),
    js=read_script("written.js"),
)


def show_clinic(read: ReadTrace | None) -> None:
    """What each reading makes of a malformed edit of `read`, or of a text typed here."""
    samples = read.trace.samples if read else ()
    found = malformed_edits(samples)
    cases = {_name(samples, at, number): (at, number) for at, number in found}
    if read is not None:
        _show_counts(samples)
    chosen = st.selectbox(
        "Malformed edit",
        [*list(cases)[:500], TRY],
        key="case",
        bind="query-params",
        width=420,
        help="With everything the model wrote before it, because an edit means nothing alone.",
    )
    if chosen == TRY:
        st.session_state.setdefault("clinic_text", EXAMPLE)
        text = st.text_area("Edits", key="clinic_text", height=200, max_chars=MAX_TEXT)
    else:
        at, number = cases[chosen]
        text = text_up_to(samples[at], number)
    asked = read.trace.header.request.edit_format if read and chosen != TRY else None
    readings = read_three_ways(text, asked or UNIFIED)
    if text:
        _show_written(text, readings.faults)
    strict, lenient, upstream = st.columns(3)
    with strict:
        st.header("The strict parser", anchor=False)
        if not readings.faults:
            st.success("Nothing to object to.", icon=":material/check:")
        else:
            st.error(
                f"Refuses it: {len(readings.faults)} fault{'s' * (len(readings.faults) > 1)}",
                icon=":material/block:",
            )
        for fault in readings.faults[:12]:
            st.markdown(as_markdown(short(f"{fault}")) + f"  \n*{fault.remedy}* by lenient reading")
        if len(readings.faults) > 12:
            show_note(f"And {len(readings.faults) - 12} more.")
    with lenient:
        st.header("Lenient", anchor=False)
        by = "+b" if asked in (None, "unified", "placed") else "its text"
        show_note(
            f"Skips what is no insertion, places the rest by {by}: what traces are made with."
        )
        st.code(_sound(readings.lenient) or "(empty)", language=None, wrap_lines=True)
    with upstream:
        st.header("The authors' code", anchor=False)
        if readings.upstream is None:
            show_note(f"Reads the paper's format alone, and these edits are {asked}.")
        else:
            show_note("Strips characters of the end marker, takes deletions for insertions.")
            st.code(_sound(readings.upstream) or "(empty)", language=None, wrap_lines=True)
    if readings.upstream is None:
        return
    if readings.agree:
        show_note("Both come to the same program.")
    else:
        st.warning("The two programs differ.", icon=":material/difference:")


def _show_written(text: str, faults: tuple[Fault, ...]) -> None:
    """The text with numbered lines, and a mark on each line that breaks the format."""
    marks = [[fault.line_number, fault.kind] for fault in faults]
    _WRITTEN(key="written", data={"text": _sound(text), "marks": marks})


def _show_counts(samples: tuple[TracedSample, ...]) -> None:
    counts = count_faults(samples)
    n_edits = sum(len(sample.steps) for sample in samples)
    if not counts:
        show_note(f"None of the {n_edits} edits of this run breaks the grammar.")
        return
    told = ", ".join(f"{kind} {n}" for kind, n in counts.most_common())
    show_note(f"Faults in the {n_edits} edits of this run: {told}.")


def _name(samples: tuple[TracedSample, ...], at: int, number: int) -> str:
    fault = samples[at].kept_steps[number - 1].faults[0]
    return f"Sample {samples[at].sample_index + 1}, edit {number}: {fault.kind}"


def _sound(text: str) -> str:
    return text[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")
