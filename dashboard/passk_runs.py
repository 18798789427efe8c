"""The runs that the pass@k page can draw: given files, an upload, and simulated ones."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st
from given import GIVEN_VARIABLE, RESULT_SUFFIXES

from lintseq_core import LintSeqError
from lintseq_core.results.importers import recognise
from lintseq_core.results.reading import open_input
from lintseq_core.results.remarks import remarks
from lintseq_core.results.simulated import SimulatedRun, simulate_run
from lintseq_core.results.tally import Tally, check_complete, find_record, tally

SUFFIXES = (".jsonl", *RESULT_SUFFIXES)
MAX_FILES = 50
MAX_UPLOAD_MB = 20
N_PROBLEMS, N_SAMPLES = 164, 50
SIMULATED = {
    "Simulated: whole programs": {"mean": 0.12, "spread": 0.75, "seed": 1},
    "Simulated: edit sequences": {"mean": 0.14, "spread": 0.55, "seed": 2},
}
"""Two runs on the same problems; the second solves more of them sometimes, fewer always."""


@dataclass(frozen=True, slots=True)
class Run:
    """Counted samples, and what limits what they mean."""

    tally: Tally
    remarks: tuple[str, ...] = ()
    path: str = ""
    """Of a given file, for the command that says the same."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs by the name they are shown under, and the files that are no results, with why."""

    found: dict[str, Run] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


@st.cache_resource(max_entries=1)
def simulated_runs() -> dict[str, SimulatedRun]:
    """Two runs whose truth is known."""
    return {
        name: simulate_run(name, n_problems=N_PROBLEMS, n_samples=N_SAMPLES, **values)  # type: ignore[arg-type]
        for name, values in SIMULATED.items()
    }


def given_runs() -> Runs:
    """The results among the files that the dashboard was started on; each is read once."""
    found: dict[str, Run] = {}
    faults = []
    for path in result_files(json.loads(os.environ.get(GIVEN_VARIABLE, "") or "[]")):
        try:
            about = path.stat()
            run = _read_file(str(path), about.st_mtime_ns, about.st_size)
        except (LintSeqError, OSError) as error:
            faults.append(str(error))
        else:
            if run is not None:
                found[_short(path, found)] = run
    return Runs(found, tuple(faults))


@st.cache_resource(max_entries=8, show_spinner="Counting samples")
def uploaded_run(name: str, content: bytes) -> Run:
    """The run in an uploaded file. LintSeqError says which row does not fit."""
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix) as copy:
        copy.write(content)
        copy.flush()
        try:
            run = _counted(copy.name)
        except LintSeqError as error:
            raise LintSeqError(str(error).replace(copy.name, name)) from None
    if run is None:
        raise LintSeqError(
            f"{name}: no sample has a verdict; decide them first with lintseq evaluate, or give "
            "the file of results"
        )
    return run


@st.cache_resource(max_entries=MAX_FILES, show_spinner="Counting samples")
def _read_file(path: str, _modified: int, _size: int) -> Run | None:
    return _counted(path)


def _counted(path: str) -> Run | None:
    """The run in a file; None if its samples are not decided, or it is something else."""
    with open_input(path) as opened:
        try:
            file = recognise(opened)
        except LintSeqError:
            return None
        found = tally(file.samples(), opened.name)
    if not found.n_samples or found.undecided == found.n_samples:
        return None
    record = find_record(Path(path))
    check_complete(found, record)
    return Run(found, remarks(found, record, (1, min(found.n))), path)


def result_files(paths: list[str]) -> list[Path]:
    """Files that may be results, those of folders too; links out of a folder are not followed."""
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            root = path.resolve()
            inside = (one for one in sorted(root.rglob("*")) if one.suffix in SUFFIXES)
            files += [one for one in inside if one.resolve().is_relative_to(root)]
        elif path.suffix in SUFFIXES:
            files.append(path)
    return [one for one in files if not one.name.endswith(".record.json")][:MAX_FILES]


def _short(path: Path, taken: dict[str, Run]) -> str:
    name = path.name
    return name if name not in taken else str(path)
