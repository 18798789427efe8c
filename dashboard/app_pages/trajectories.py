"""Trajectories: the edit sequence of an example, or of one's own program, step by step."""

import streamlit as st
from components import (
    show_error,
    show_link_faults,
    show_note,
    show_player,
    show_reasons,
    show_too_long,
)
from links import MAX_NUMBER, link_faults, read_number
from loaders import (
    MAX_LINES,
    load_examples,
    load_linters,
    load_payload,
    load_sequence,
    read_program,
)
from own_program import ask_for_program, forget_linked_code

from lintseq_core import LintSeqError

METHODS = ("lintseq", "randseq")
SOURCES = ("Example", "Own program")

link = st.query_params.to_dict()  # before the widgets: they drop values they do not know
examples = load_examples()
linters = load_linters()
faults = link_faults(
    link,
    programs=examples,
    methods=METHODS,
    linters=linters.installed,
    missing_linters=linters.missing,
)
# A number widget bound to "inf" or to 400 digits raises: it must not meet such a parameter.
if unreadable := [
    key for key in ("seed", "path", "step") if read_number(link.get(key, "0")) is None
]:
    for key in unreadable:
        del st.query_params[key]
    st.session_state.link_faults = faults
    st.rerun()
# A link may hold a program and nothing else.
linked_source = SOURCES[1] if "code" in link and "source" not in link else SOURCES[0]
first_source = st.session_state.setdefault("first_source", linked_source)

st.title("Trajectories")
st.markdown("Choose a program, then watch it being written: one edit per step.", width=760)
show_link_faults(st.session_state.pop("link_faults", None) or faults)

with st.container(border=True):
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.segmented_control(
            "Program",
            SOURCES,
            default=first_source,
            key="source",
            required=True,
            bind="query-params",
        )
        if source == SOURCES[0]:
            name = st.selectbox(
                "Example",
                list(examples),
                index=list(examples).index("coin_change"),
                key="program",
                bind="query-params",
                width=230,
            )
        method = st.segmented_control(
            "Method",
            METHODS,
            default=METHODS[0],
            key="method",
            required=True,
            bind="query-params",
            help="lintseq: lines that depend on each other come together. "
            "randseq: lines in random order, the paper's comparison without a linter.",
        )
        linter = st.selectbox(
            "Linter",
            linters.installed,
            key="linter",
            bind="query-params",
            disabled=method == "randseq",
            help="Decides which lines cannot stay without the ones deleted."
            + (f" Not installed here: {', '.join(linters.missing)}." if linters.missing else ""),
            width=130,
        )
        seed = st.number_input(
            "Seed",
            min_value=0,
            max_value=MAX_NUMBER,
            key="seed",
            bind="query-params",
            width=130,
        )
        path = st.number_input(
            "Path",
            min_value=0,
            max_value=MAX_NUMBER,
            key="path",
            bind="query-params",
            help="One program has many edit sequences: each path is another draw.",
            width=130,
        )
    if source == SOURCES[0]:
        forget_linked_code()
        title, text = f"{name}.py", examples[name].program.text
        show_note(f"{examples[name].what} {examples[name].look_for}")
    else:
        title, text = "Own program", ask_for_program()

limit = MAX_LINES["none" if method == "randseq" else linter]
if not text.strip():
    st.info("Paste a program or open a file: its edits appear here.", icon=":material/edit_note:")
elif text.count("\n") > limit:
    show_too_long(text.count("\n"), limit, method, linter, seed, path)
else:
    try:
        program = read_program(text, title)
        choice = (program.text, method, linter, seed, path)
        payload = load_payload(*choice, title=title)
        sequence = load_sequence(*choice)
    except LintSeqError as error:
        show_error(error)
    else:
        show_player(payload, key="player", step=read_number(link.get("step")) or 0, linked=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                "Download as JSON",
                data=sequence.to_json,
                file_name=f"{title.removesuffix('.py').replace(' ', '_').lower()}.json",
                mime="application/json",
                icon=":material/download:",
                on_click="ignore",
            )
            show_note("The address bar holds this view: copy it to share the same step.")
        reasons, model_text = st.tabs(["Reasons of every edit", "Model text"])
        with reasons:
            show_reasons(payload)
        with model_text:
            st.markdown(
                "What a language model is trained on. `<|diff|>` begins an edit; two in a row end "
                "the program. After it stand hunks: `@@ -2,0 +3,2 @@` says that two lines are "
                "inserted after line 2 and become lines 3 and 4; each begins with `+`.",
                width=760,
            )
            st.code(sequence.to_model_text(), language=None, height=420)
