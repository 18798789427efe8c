"""What ships as files: results and samples of models, and two data sets of example programs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from dashboard.files.brought import Brought, Kind
from dashboard.files.loaders import load_examples
from dashboard.files.samples import shipped_folder
from dashboard.files.shipped import shipped_models
from lintseq_core import LintSeqError, get_linter, sample_paths
from lintseq_core.data.files import whole_file
from lintseq_core.edits.sequence import Method
from lintseq_core.json_text import json_text

SHIPS = " (ships)"
"""What the names of files and runs that ship end in."""
N_PATHS = 20
LINTSEQ, RANDSEQ = "examples_lintseq.jsonl", "examples_randseq.jsonl"


def shipped_results() -> list[Brought]:
    """Results of each model that ships; of pocket models with the programs."""
    return [
        _ships(f"{model.name}{SHIPS}", model.results, "results", "results of lintseq")
        for model in shipped_models()
    ]


def opened_on() -> list[str]:
    """The runs that a page shows before the reader chooses: of pocket models, else of others."""
    models = shipped_models()
    pocket = [f"{model.name}{SHIPS}" for model in models if model.is_pocket]
    return pocket or [f"{model.name}{SHIPS}" for model in models]


def shipped_samples() -> list[Brought]:
    """The programs of those results that hold none."""
    return [
        _ships(model.samples.name, model.samples, "samples", "samples of lintseq")
        for model in shipped_models()
        if model.samples is not None
    ]


def shipped_programs() -> dict[str, tuple[Brought, ...]]:
    """Of each model that ships, by the name of its run, the files of its programs and verdicts."""
    found = {}
    for model in shipped_models():
        name = f"{model.name}{SHIPS}"
        results = _ships(name, model.results, "results", "results of lintseq")
        if model.samples is None:
            found[name] = (results,)
        else:
            samples = _ships(name, model.samples, "samples", "samples of lintseq")
            found[name] = (samples, replace(results, name=f"{model.name}, verdicts{SHIPS}"))
    return found


def shipped_data() -> list[Brought]:
    """What the page Data shows: examples, then what models wrote."""
    return [*written_data(), *(of_run[0] for of_run in shipped_programs().values())]


def written_data() -> list[Brought]:
    """Edit sequences of the example programs."""
    folder = shipped_folder()
    drawn = f"The example programs, {N_PATHS} sequences of each, drawn by"
    rows: tuple[tuple[str, Kind, str], ...] = (
        (LINTSEQ, "data set", f"{drawn} LintSeq."),
        (RANDSEQ, "data set", f"{drawn} RandSeq."),
    )
    return [
        _ships(f"{name}{SHIPS}", folder / name, kind, "an example", note)
        for name, kind, note in rows
    ]


def _ships(name: str, path: Path, kind: Kind, title: str, note: str = "") -> Brought:
    return Brought(name, path.name, path, kind, title, "ships", note=note)


def write_shipped(path: Path) -> None:
    """Write the file at `path` if it is one that ships. LintSeqError if that cannot be done."""
    if path in {file.path for file in written_data()}:
        if not path.is_file():
            load_shipped.clear(str(path))  # somebody emptied the folder since
        try:
            load_shipped(str(path))
        except OSError as error:
            raise LintSeqError(
                f"the example cannot be written: {error}; LINTSEQ_CACHE moves the folder"
            ) from None


@st.cache_resource(max_entries=6, show_spinner="Writing the example")
def load_shipped(path: str) -> None:
    """Write one of the files that ship, once."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = {
        LINTSEQ: lambda: _sequence_rows("lintseq"),
        RANDSEQ: lambda: _sequence_rows("randseq"),
    }
    data = "".join(f"{row}\n" for row in rows[target.name]()).encode()
    # A file that stays the same keeps its store.
    if not target.is_file() or target.read_bytes() != data:
        with whole_file(target) as file:
            file.write(data)


def _sequence_rows(method: Method) -> list[str]:
    linter = get_linter("pyflakes") if method == "lintseq" else None
    rows = []
    for index, example in enumerate(load_examples().values()):
        about = {"instruction": example.what, "index": index, "source_file": f"{example.name}.py"}
        for sequence in sample_paths(
            example.program, seed=0, n_paths=N_PATHS, method=method, linter=linter
        ):
            rows.append(json_text(sequence.to_record() | about))
    return rows
