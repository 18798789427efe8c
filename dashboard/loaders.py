"""What the pages show, loaded or sampled once; the only cached functions of the dashboard.

All caches are bounded. What they return is frozen or never changed, so that no copy is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from lintseq_core import (
    LINTER_NAMES,
    EditSequence,
    Linter,
    LintSeqError,
    Program,
    get_linter,
    sample_path,
)
from lintseq_core.viewer import build_payload

PROGRAMS = Path(__file__).resolve().parent.parent / "assets" / "programs"
ORIGIN = "Written for this project, under its MIT license"

MAX_LINES = {"pyflakes": 1500, "pylint": 400, "ruff": 400, "syntax": 1500, "none": 1500}
"""Longest program the page samples, by linter: a few seconds' work."""


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
def load_sequence(text: str, method: str, linter: str, seed: int, path: int) -> EditSequence:
    """The edit sequence of a program in normal form. Raises LinterFailure."""
    tool: Linter | None = get_linter(linter) if method == "lintseq" else None
    return sample_path(
        Program(text),
        seed=seed,
        path_index=path,
        method="randseq" if method == "randseq" else "lintseq",
        linter=tool,
    )


@st.cache_resource(max_entries=64)
def load_payload(
    text: str, method: str, linter: str, seed: int, path: int, title: str
) -> dict[str, Any]:
    """What the player shows of that sequence; not to be changed."""
    return build_payload(load_sequence(text, method, linter, seed, path), title=title)
