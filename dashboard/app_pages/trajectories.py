"""Trajectories: one edit sequence step by step, many of one program, a race of linters, a quiz."""

import streamlit as st

from dashboard.files.loaders import MAX_LINES, load_examples, load_given, load_linters, read_program
from dashboard.files.steppable import own_steppable
from dashboard.shared.address import choose_from_one
from dashboard.shared.links import MAX_NUMBER, link_faults, read_number
from dashboard.shared.show import show_error, show_link_faults, show_note, show_too_long
from dashboard.trajectories.choice import SequenceChoice, unpack_branches
from dashboard.trajectories.many import show_many_lab
from dashboard.trajectories.own_program import ask_for_program, forget_linked_code
from dashboard.trajectories.predict import show_predict_lab
from dashboard.trajectories.race import show_race_lab
from dashboard.trajectories.step import show_step_lab, start_after_branch, sync_branches
from lintseq_core import LintSeqError

METHODS = ("lintseq", "randseq")
EXAMPLE, OWN, GIVEN = "Example", "Own program", "Given file"
ONE, MANY, RACE, PREDICT = LABS = (
    "One sequence",
    "Many sequences",
    "Linter race",
    "Predict",
)
# What links of earlier versions call a laboratory.
FORMER = {"One trajectory": ONE, "Many trajectories": MANY}

if (former := st.query_params.get("lab")) in FORMER:
    st.query_params["lab"] = FORMER[former]
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

st.title("Trajectories")
st.markdown("Choose a program, then watch it being written: one edit per step.", width=760)
show_link_faults(st.session_state.pop("link_faults", None) or faults)
for fault in (*given.faults, *own.faults):
    show_note(f"Left out: {fault}.")

rows = ()
with st.container(border=True):
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.segmented_control(
            "Program",
            sources,
            default=first_source,
            key="source",
            required=True,
            bind="query-params",
        )
        if source == EXAMPLE:
            name = st.selectbox(
                "Example",
                list(examples),
                index=list(examples).index("coin_change"),
                key="program",
                bind="query-params",
                width=230,
            )
        elif source == GIVEN:
            name = st.selectbox("File", names, key="file", bind="query-params", width=360)
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
    if source != OWN:
        forget_linked_code()
    if source == EXAMPLE:
        title, text = f"{name}.py", examples[name].program.text
        show_note(f"{examples[name].what} {examples[name].look_for}")
    elif source == OWN:
        title, text = "Own program", ask_for_program()
    elif rows:
        title, text = f"{name.rsplit('/', 1)[-1]}, row {row + 1}", rows[row].program.text
    else:
        title, text = name.rsplit("/", 1)[-1], all_programs[name].text
if rows:
    told = rows[row]
    method, linter = told.method, told.linter_name
    seed, path = told.seed or 0, told.path_index or 0

lab = st.segmented_control(
    "Laboratory",
    LABS,
    default=ONE,
    key="lab",
    required=True,
    bind="query-params",
    label_visibility="collapsed",
)
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
            show_many_lab(choice)
        elif lab == RACE:
            show_race_lab(choice)
        elif lab == PREDICT:
            show_predict_lab(choice, rows[row] if rows else None)
        else:
            base = (program.id, method, linter, seed, path)
            sync_branches(link, base, unpack_branches)
            start_after_branch(choice)
            step = read_number(link.get("step")) or 0
            show_step_lab(choice, step, rows[row] if rows else None)
