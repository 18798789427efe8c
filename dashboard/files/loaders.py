"""What the pages show, loaded or sampled once and kept in Streamlit's cache.

All caches are bounded. What they return is frozen or never changed, so that no copy is made.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.files.given import Given, read_given
from dashboard.trajectories.choice import SequenceChoice
from lintseq_core import (
    LINTER_NAMES,
    EditSequence,
    Linter,
    LintSeqError,
    Program,
    get_linter,
    path_rng,
    sample_path,
    sample_paths,
)
from lintseq_core.charts.dependencies import Dependencies, read_dependencies
from lintseq_core.charts.orders import Orders, read_orders
from lintseq_core.cli.dashboard import FILES_VARIABLE
from lintseq_core.edits.branch import branch, lines_at
from lintseq_core.edits.sequence import Method
from lintseq_core.models.load import load_encoder
from lintseq_core.models.smollm2 import smollm2_folder
from lintseq_core.training.view import TokenView, view_tokens
from lintseq_core.viewer import build_payload, build_predict_payload
from lintseq_core.viewer.checks import broken_states
from lintseq_core.viewer.outcomes import Results, TestedTask, read_results, read_tasks
from lintseq_core.viewer.payload import tests_of_states
from lintseq_core.viewer.whatif import closures_of_state, closures_of_states

PROGRAMS = Path(__file__).resolve().parents[2] / "assets" / "programs"
TESTS, OUTCOMES = "tests.jsonl", "outcomes.jsonl"
"""Beside the example programs: their tests, and what these say of states of them."""
ORIGIN = "Written for this project, under its MIT license"

MAX_LINES = {"pyflakes": 1500, "pylint": 400, "ruff": 400, "syntax": 1500, "none": 1500}
"""Longest program the page samples, by linter: a few seconds' work."""
MAX_MANY_LINES = {"pyflakes": 400, "pylint": 0, "ruff": 0, "syntax": 120, "none": 400}
"""Longest program of which the page samples many sequences; the charts hold lines x samples."""
MAX_COMPARE_LINES = {"pyflakes": 400, "pylint": 150, "ruff": 200, "syntax": 400, "none": 400}
"""Longest program of which a page compares linters, by linter: pylint takes some 0.1 s a state."""
MAX_WHAT_IF_LINES = 600
MAX_PREDICT_CLOSURES = 6_000
"""Closures worked out to find what may come next: a second or two, with pyflakes."""
MAX_CLOSURES_SENT = 600
"""Lines of all states together up to which every closure travels with the payload; with more
lines, those of the state shown do."""


@dataclass(frozen=True, slots=True)
class Example:
    """An example program: its file, and what README.md beside it says about it."""

    name: str
    program: Program
    what: str
    look_for: str


@dataclass(frozen=True, slots=True)
class Linters:
    """The linters that are installed, and for each other one what to do about it."""

    installed: tuple[str, ...]
    missing: dict[str, str]


@dataclass(frozen=True, slots=True)
class StateOutcomes:
    """What the tests say about the states of one sequence, by step."""

    names: tuple[str, ...]
    by_step: tuple[tuple[str, ...] | None, ...]
    made: str


@st.cache_resource(max_entries=1)
def load_examples() -> dict[str, Example]:
    """The example programs by name, short ones first."""
    rows = _readme_rows(PROGRAMS / "README.md")
    examples = []
    for path in PROGRAMS.glob("*.py"):
        what, look_for = rows.get(path.name, ("", ""))
        examples.append(Example(path.stem, Program.from_file(path), what, look_for))
    examples.sort(key=lambda example: (len(example.program.lines), example.name))
    return {example.name: example for example in examples}


def _readme_rows(path: Path) -> dict[str, tuple[str, str]]:
    """File name -> (what it does, what to look for), from the table in README.md."""
    rows = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 4 and cells[0].endswith(".py`"):
            rows[cells[0].strip("`")] = (cells[2], cells[3])
    return rows


@st.cache_resource(max_entries=1)
def load_linters() -> Linters:
    """Which linters can be used here."""
    installed, missing = [], {}
    for name in LINTER_NAMES:
        try:
            get_linter(name)
        except LintSeqError as error:  # an extra that is missing, or an installation that is broken
            missing[name] = str(error)
        else:
            installed.append(name)
    return Linters(tuple(installed), missing)


@st.cache_resource(max_entries=64)
def read_program(source: str | bytes, name: str) -> Program:
    """The program of a pasted text or an uploaded file. Raises SourceError."""
    if isinstance(source, bytes):
        return Program.from_bytes(source, name)
    return Program.from_text(source, name)


@st.cache_resource(max_entries=64, show_spinner="Sampling an edit sequence")
def load_sequence(choice: SequenceChoice) -> EditSequence:
    """The edit sequence that `choice` draws from a program in normal form.

    Raises LinterFailure, and LintSeqError for a branch at a line that is not there.
    """
    program = _program(choice.text)
    tool: Linter | None = get_linter(choice.linter) if choice.method == "lintseq" else None
    sequence = sample_path(
        program,
        seed=choice.seed,
        path_index=choice.path,
        method="randseq" if choice.method == "randseq" else "lintseq",
        linter=tool,
    )
    for step, line in choice.branches:
        rng = path_rng(choice.seed, program.id, choice.path)
        sequence = branch(sequence, step, line, linter=tool or get_linter("pyflakes"), rng=rng)
    return sequence


def _identity(sequence: EditSequence) -> str:
    """What tells two sequences apart in a cache: all that a file of them would hold."""
    return hashlib.sha256(sequence.to_json().encode("utf-8", "surrogatepass")).hexdigest()


@st.cache_resource(max_entries=64, hash_funcs={EditSequence: _identity}, show_spinner=False)
def load_payload(
    choice: SequenceChoice, given: EditSequence | None = None, outcomes: StateOutcomes | None = None
) -> dict[str, Any]:
    """What the player shows of that sequence, or of the one `given`; not to be changed."""
    sequence = given or load_sequence(choice)
    whatif = None
    if can_ask_what_if(sequence):
        linter = get_linter("pyflakes")
        whatif = closures_of_states(sequence, linter, max_lines=MAX_CLOSURES_SENT)
    tests = None
    if outcomes is not None:
        tests = tests_of_states(outcomes.names, outcomes.by_step, outcomes.made)
    return build_payload(sequence, title=choice.title, whatif=whatif, tests=tests)


@st.cache_resource(
    max_entries=32,
    hash_funcs={EditSequence: _identity},
    show_spinner="Working out what may come next",
)
def load_predict_payload(
    choice: SequenceChoice, given: EditSequence | None = None
) -> dict[str, Any]:
    """The exercise on that sequence, or on the one `given`; not to be changed.

    LintSeqError says why there is none.
    """
    sequence = given or load_sequence(choice)
    return build_predict_payload(sequence, title=choice.title, max_closures=MAX_PREDICT_CLOSURES)


def can_ask_what_if(sequence: EditSequence) -> bool:
    """Whether closures come fast enough to answer a pointer, and mean something.

    RandSeq has no closures; a linter other than pyflakes lints the program again for each line.
    """
    fast = sequence.method == "lintseq" and sequence.linter_name == "pyflakes"
    return fast and sequence.compat is None and len(sequence.program.lines) <= MAX_WHAT_IF_LINES


@st.cache_resource(max_entries=16, hash_funcs={EditSequence: _identity}, show_spinner=False)
def load_closures(sequence: EditSequence, step: int) -> dict[str, Any]:
    """What goes with each line of the state after `step` edits. Raises LinterFailure."""
    present = lines_at(sequence, step)
    return closures_of_state(sequence.program, present, get_linter("pyflakes"))


@st.cache_resource(max_entries=16, show_spinner="Sampling many edit sequences")
def load_orders(text: str, method: str, linter: str, seed: int, n_paths: int) -> Orders:
    """The birth steps of the first `n_paths` sequences of a program. Raises LinterFailure."""
    tool = get_linter(linter) if method == "lintseq" else None
    program = _program(text)
    way: Method = "randseq" if method == "randseq" else "lintseq"
    return read_orders(sample_paths(program, seed=seed, n_paths=n_paths, method=way, linter=tool))


@st.cache_resource(max_entries=16, show_spinner=False)
def load_dependencies(
    text: str, method: str, linter: str, seed: int, n_paths: int
) -> tuple[Dependencies, ...]:
    """What the lines of a program need in all those sequences. Raises LinterFailure."""
    return read_dependencies(load_orders(text, method, linter, seed, n_paths))


@st.cache_resource(max_entries=128, show_spinner=False)
def load_broken(choice: SequenceChoice, judge: str) -> dict[str, str]:
    """By step, what the linter `judge` finds in a state and not in the program. LinterFailure."""
    found: dict[str, str] = broken_states(load_sequence(choice), get_linter(judge))["broken"]
    return found


@st.cache_resource(max_entries=32, show_spinner=False)
def load_compared(choice: SequenceChoice, judges: tuple[str, ...]) -> dict[str, Any]:
    """The payload of that sequence, each state judged by `judges`; not to be changed.

    What is wrong with a state is said by the first of them that finds something.
    """
    broken: dict[str, str] = {}
    for judge in judges:
        for step, told in load_broken(choice, judge).items():
            broken.setdefault(step, f"{judge}: {told}")
    checks = {"judge": ", ".join(judges), "broken": broken}
    return build_payload(load_sequence(choice), title=choice.title, checks=checks)


def token_encoders() -> dict[str, str]:
    """Models whose tokenizers are at hand, by name, with how to call them."""
    found = {"tiny": "One token a byte (needs no model)"}
    if find_spec("transformers") is not None and (smollm2_folder() / "config.json").is_file():
        found["smollm2-135m"] = "SmolLM2-135M"
    return found


@st.cache_resource(max_entries=16, hash_funcs={EditSequence: _identity}, show_spinner=False)
def load_tokens(sequence: EditSequence, model: str) -> TokenView:
    """`sequence` as the tokens of a model of `token_encoders`. Raises LintSeqError."""
    return view_tokens(sequence, encoder=load_encoder(model))


@st.cache_resource(max_entries=8)
def _program(text: str) -> Program:
    """One object a program, so that what is worked out about it is worked out once."""
    return Program(text)


@st.cache_resource(max_entries=1)
def load_given() -> Given:
    """The files that `lintseq dashboard PATH...` was started on."""
    return read_given(os.environ.get(FILES_VARIABLE, ""))


@st.cache_resource(max_entries=1)
def load_tasks() -> tuple[TestedTask, ...]:
    """The example programs that have tests."""
    return read_tasks((PROGRAMS / TESTS).read_text(encoding="utf-8"), TESTS)


@st.cache_resource(max_entries=1)
def load_results() -> Results:
    """The outcomes that ship: of the states of some of their edit sequences."""
    return read_results((PROGRAMS / OUTCOMES).read_text(encoding="utf-8"), OUTCOMES)
