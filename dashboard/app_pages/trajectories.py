"""Trajectories: one edit sequence step by step, many of one program, linters compared, a quiz."""

import streamlit as st

from dashboard.files.loaders import MAX_LINES, load_examples, load_given, load_linters, read_program
from dashboard.files.steppable import own_steppable
from dashboard.shared.address import choose_from_one, choose_view, number_shown, value_of
from dashboard.shared.links import MAX_NUMBER, link_faults, read_number
from dashboard.shared.show import (
    headline,
    name_page,
    show_error,
    show_link_faults,
    show_made_of,
    show_note,
    show_too_long,
)
from dashboard.trajectories.choice import SequenceChoice, unpack_branches
from dashboard.trajectories.compare import show_compare_lab
from dashboard.trajectories.many import FORMER_TABS, choose_n_paths, n_asked, show_many_lab
from dashboard.trajectories.own_program import (
    ask_for_program,
    forget_linked_code,
    is_program,
    open_linked_code,
    own_text,
)
from dashboard.trajectories.predict import show_predict_lab
from dashboard.trajectories.step import show_step_lab, start_after_branch, sync_branches
from lintseq_core import LintSeqError

METHODS = ("lintseq", "randseq")
EXAMPLE, OWN, GIVEN = "Example", "Own program", "Given file"
SHOWN = "coin_change"
ONE, MANY, COMPARE, PREDICT = LABS = (
    "One sequence",
    "Many sequences",
    "Compare linters",
    "Predict",
)
# What links of earlier versions call a laboratory, and a tab of one.
FORMER = {
    "lab": {"One trajectory": ONE, "Many trajectories": MANY, "Linter race": COMPARE},
    "many_tab": FORMER_TABS,
}

linked = st.query_params.to_dict()
if former := {key: now[linked[key]] for key, now in FORMER.items() if linked.get(key) in now}:
    st.query_params.update(former)
    st.rerun()
link = st.query_params.to_dict()  # before the widgets: they drop values they do not know
examples = load_examples()
linters = load_linters()
given = load_given()
own = own_steppable()
all_sequences, all_programs = given.sequences | own.sequences, given.programs | own.programs
names = [*own.sequences, *own.programs, *given.sequences, *given.programs]
sources = (EXAMPLE, OWN, GIVEN) if names else (EXAMPLE, OWN)
faults = link_faults(
    link,
    programs=examples,
    methods=METHODS,
    linters=linters.installed,
    missing_linters=linters.missing,
    labs=LABS,
)
if unpack_branches(link.get("branch", "")) is None:
    faults.append("The branch in this link is damaged.")
# A number widget bound to "inf" or to 400 digits raises: it must not meet such a parameter.
numbers = ("seed", "path", "step", "row", "one", "other", "n")
if unreadable := [key for key in numbers if read_number(link.get(key, "0")) is None]:
    for key in unreadable:
        del st.query_params[key]
    st.session_state.link_faults = faults
    st.rerun()
# A link may hold a program and nothing else.
linked_source = OWN if "code" in link else GIVEN if names and "program" not in link else EXAMPLE
first_source = st.session_state.setdefault("first_source", linked_source)


def made_by() -> list[str]:
    """What the widgets of the first line will say; they are drawn inside it."""
    state, asked = st.session_state, st.query_params
    source = value_of("source", (first_source, *sources))
    if source == GIVEN:
        name = value_of("file", names)
        if name in all_sequences:
            row = number_shown("row", len(all_sequences[name]))
            return [name.rsplit("/", 1)[-1], f"row {row}"]
        name = name.rsplit("/", 1)[-1]
    else:
        name = OWN if source == OWN else value_of("program", (SHOWN, *examples))
    is_random = value_of("method", METHODS) == METHODS[1]
    by = ["RandSeq"] if is_random else ["LintSeq", value_of("linter", linters.installed)]
    seed = state.get("seed", read_number(asked.get("seed")) or 0)
    which = f"sequence {number_shown('path')}"
    if value_of("lab", LABS) == MANY:
        which = f"{n_asked()} sequences"
    return [name, *by, f"seed {seed}", which]


def show_own_box() -> None:
    """Closes what is open over the box of a program that is yet to be pasted."""
    if st.session_state.source == OWN and not is_program(own_text()):
        st.session_state.made_of = False


with headline("Trajectories"):
    made_of = show_made_of(made_by(), on_change="rerun")
    lab = choose_view("Laboratory", LABS, key="lab", says_unknown=False)
show_link_faults(st.session_state.pop("link_faults", None) or faults)
for fault in (*given.faults, *own.faults):
    show_note(f"Left out: {fault}.")

rows = ()
with made_of:
    source = st.segmented_control(
        "Program",
        sources,
        default=first_source,
        key="source",
        required=True,
        bind="query-params",
        on_change=show_own_box,
    )
    if source == EXAMPLE:
        name = st.selectbox(
            "Example",
            list(examples),
            index=list(examples).index(SHOWN),
            key="program",
            bind="query-params",
        )
        show_note(f"{examples[name].what} {examples[name].look_for}")
    elif source == GIVEN:
        name = st.selectbox("File", names, key="file", bind="query-params")
        rows = all_sequences.get(name, ())
    if rows:
        st.session_state.n_rows = len(rows)
        row = choose_from_one(f"Row, 1 to {len(rows)}", len(rows), key="row", width=160)
    else:
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
        with st.container(horizontal=True, vertical_alignment="bottom"):
            linter = st.selectbox(
                "Linter",
                linters.installed,
                key="linter",
                bind="query-params",
                disabled=method == "randseq",
                help="Decides which lines cannot stay without the ones deleted."
                + (
                    f" Not installed here: {', '.join(linters.missing)}." if linters.missing else ""
                ),
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
            path = choose_from_one(
                "Sequence",
                MAX_NUMBER,
                key="path",
                help="One program has many edit sequences: each number is another draw. "
                "In the player, n and p go to the next and the previous one.",
            )
    n_paths = choose_n_paths() if lab == MANY else 0
if source != OWN:
    forget_linked_code()
if source == EXAMPLE:
    title, text = f"{name}.py", examples[name].program.text
elif source == OWN:
    open_linked_code()
    # Where there is nothing to look at yet, the box stands in its place; then it folds away.
    with made_of if is_program(own_text()) else st.container(border=True):
        title, text = "Own program", ask_for_program()
elif rows:
    title, text = f"{name.rsplit('/', 1)[-1]}, row {row + 1}", rows[row].program.text
else:
    title, text = name.rsplit("/", 1)[-1], all_programs[name].text
if rows:
    told = rows[row]
    method, linter = told.method, told.linter_name
    seed, path = told.seed or 0, told.path_index or 0

name_page("Trajectories", title.removesuffix(".py"))
limit = MAX_LINES["none" if method == "randseq" else linter]
n_lines = text.count("\n")
if not text.strip():
    st.info("Paste a program or open a file: its edits appear here.", icon=":material/edit_note:")
elif n_lines > limit and not rows:
    show_too_long(n_lines, limit, SequenceChoice(title, text, method, linter, seed, path))
else:
    try:
        program = read_program(text, title)
    except LintSeqError as error:
        show_error(error)
    else:
        choice = SequenceChoice(title, program.text, method, linter, seed, path)
        if lab == MANY:
            show_many_lab(choice, n_paths)
        elif lab == COMPARE:
            show_compare_lab(choice)
        elif lab == PREDICT:
            show_predict_lab(choice, rows[row] if rows else None)
        else:
            base = (program.id, method, linter, seed, path)
            sync_branches(link, base, unpack_branches)
            start_after_branch(choice)
            show_step_lab(choice, read_number(link.get("step")), rows[row] if rows else None)
