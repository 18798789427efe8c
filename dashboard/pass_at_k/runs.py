"""The runs that the pass@k page can draw: given files, an upload, and simulated ones.

A file whose samples name temperatures is a run for each of them.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import streamlit as st

from dashboard.files.given import (
    GIVEN_VARIABLE,
    MAX_LOOKED_AT,
    OPENED,
    RESULT_SUFFIXES,
    files_below,
    holds_samples,
)
from dashboard.files.loaders import GENERATIONS
from lintseq_core import LintSeqError
from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.scores.counting import count_file, require_complete, scorers_of
from lintseq_core.results.scores.remarks import remarks
from lintseq_core.results.scores.simulated import SimulatedRun, simulate_run
from lintseq_core.results.scores.tally import Tally, Tests

SUFFIXES = (".jsonl", *RESULT_SUFFIXES)
"""What a browser offers for an upload; what is given is told by its content."""
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
    """Counted samples of one temperature, and what limits what they mean."""

    tally: Tally
    remarks: tuple[str, ...] = ()
    path: str = ""
    """Of a given file, for the command that says the same."""
    file: str = ""
    """What an upload is called."""
    temperature: float | None = None
    is_part: bool = False
    """Whether its file holds other temperatures too."""
    scorer: str = ""
    """The one that was chosen, of several in a log of Inspect; "" for the first."""

    @property
    def tests(self) -> Tests:
        """What chooses its tests in a command: the base tests of EvalPlus, or all there are."""
        return "base" if self.tally.suite == "base" else "all"


@dataclass(frozen=True, slots=True)
class Deciding:
    """What decides which samples pass, where a file leaves a choice."""

    tests: Tests = "all"
    """Of EvalPlus; "base" goes for files that have both."""
    scorer: str = ""
    """Of Inspect; goes for the logs that have it."""


AS_FILES_SAY = Deciding()


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs by file and temperature, and the files that are no results, with why."""

    found: dict[str, dict[float | None, Run]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


@st.cache_resource(max_entries=1)
def simulated_runs() -> dict[str, SimulatedRun]:
    """Two runs whose truth is known."""
    return {
        name: simulate_run(name, n_problems=N_PROBLEMS, n_samples=N_SAMPLES, **values)  # type: ignore[arg-type]
        for name, values in SIMULATED.items()
    }


def given_runs(deciding: Deciding = AS_FILES_SAY) -> Runs:
    """The results among the files that the dashboard was started on; each is read once."""
    found: dict[str, dict[float | None, Run]] = {}
    faults = []
    for path in given_paths():
        try:
            about = path.stat()
            runs = load_results_file(str(path), about.st_mtime_ns, about.st_size, deciding)
        except (LintSeqError, OSError) as error:
            faults.append(str(error))
        else:
            if runs is not None:
                found[_short(path, found)] = runs
    return Runs(found, tuple(faults))


def shipped_runs() -> dict[str, dict[float | None, Run]]:
    """Twenty samples a problem of each adapter that ships."""
    found = {}
    for path in sorted(GENERATIONS.parent.glob("*.jsonl")):
        about = path.stat()
        runs = load_results_file(str(path), about.st_mtime_ns, about.st_size)
        if runs is not None:
            found[f"{path.stem} (ships)"] = runs
    return found


def given_scorers() -> tuple[str, ...]:
    """The scorers of the logs of Inspect among those files that have several."""
    found: dict[str, None] = {}
    for path in given_paths():
        try:
            about = path.stat()
            found |= dict.fromkeys(load_scorers(str(path), about.st_mtime_ns, about.st_size))
        except (LintSeqError, OSError):
            continue  # `given_runs` says what is wrong with it
    return tuple(found)


@st.cache_resource(max_entries=MAX_FILES, show_spinner="Looking for scorers")
def load_scorers(path: str, modified: int, size: int) -> tuple[str, ...]:
    """The scorers of a given file that has several."""
    return scorers_of(path)


@st.cache_resource(max_entries=8, show_spinner="Looking for scorers")
def load_upload_scorers(name: str, content: bytes) -> tuple[str, ...]:
    """The scorers of an uploaded file that has several."""
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix) as copy:
        copy.write(content)
        copy.flush()
        return scorers_of(copy.name)


def given_paths() -> list[Path]:
    """Files that may hold samples or results: given at the start, or imported in this session."""
    given = json.loads(os.environ.get(GIVEN_VARIABLE, "") or "[]")
    return result_files([*given, *st.session_state.get(OPENED, {}).values()])


@st.cache_resource(max_entries=8, show_spinner="Counting samples")
def load_upload(
    name: str, content: bytes, deciding: Deciding = AS_FILES_SAY
) -> dict[float | None, Run]:
    """The runs in an uploaded file. LintSeqError says which row does not fit."""
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix) as copy:
        copy.write(content)
        copy.flush()
        try:
            runs = _counted(copy.name, name, deciding)
        except LintSeqError as error:
            raise LintSeqError(str(error).replace(copy.name, name)) from None
    if runs is None:
        raise LintSeqError(
            f"{name}: no sample has a verdict; decide them first with lintseq evaluate, or give "
            "the file of results"
        )
    return runs


@st.cache_resource(max_entries=MAX_FILES, show_spinner="Counting samples")
def load_results_file(
    path: str, modified: int, size: int, deciding: Deciding = AS_FILES_SAY
) -> dict[float | None, Run] | None:
    """The runs in a given file; None if its samples are not decided, or it is something else.

    `modified` and `size` are there for the cache: a file that has changed is read again.
    """
    return _counted(path, path, deciding)


def _counted(path: str, name: str, deciding: Deciding) -> dict[float | None, Run] | None:
    with open_input(path) as opened:
        try:
            recognise(opened)
        except LintSeqError:
            return None
    scorer = deciding.scorer if deciding.scorer in scorers_of(path) else ""
    found = count_file(path, name, scorer=scorer or None)
    if deciding.tests == "base" and {one.suite for one in found.by_temperature.values()} == {
        "plus"
    }:
        found = count_file(path, name, tests="base", scorer=scorer or None)
    if not found.n_samples or found.undecided == found.n_samples:
        return None
    require_complete(found)
    parts = found.by_temperature
    return {
        temperature: Run(
            one,
            (*remarks(one, found.record, (1, min(one.n))), *found.remarks),
            path=path if path == name else "",
            file=name,
            temperature=temperature,
            is_part=len(parts) > 1,
            scorer=scorer,
        )
        for temperature, one in parts.items()
    }


def result_files(paths: list[str]) -> list[Path]:
    """Files that hold samples or results, whatever they are called, those of folders too."""
    files: list[Path] = []
    for path in map(Path, paths):
        files += files_below(path) if path.is_dir() else [path]
    return list(islice(filter(_holds_samples, files), MAX_FILES))


def _holds_samples(path: Path) -> bool:
    try:
        about = path.stat()
    except OSError:
        return True  # `given_runs` says what is wrong with it
    return load_holds_samples(str(path), about.st_mtime_ns, about.st_size)


@st.cache_resource(max_entries=MAX_LOOKED_AT, show_spinner=False)
def load_holds_samples(path: str, modified: int, size: int) -> bool:
    """Whether a given file holds samples or results."""
    return holds_samples(Path(path))


def _short(path: Path, taken: dict[str, dict[float | None, Run]]) -> str:
    name = path.name
    return name if name not in taken else str(path)


def counts_of(found: Tally) -> tuple[object, ...]:
    """All that curves and comparisons of a run depend on, as a key for a cache."""
    return found.name, found.task_ids, found.n, found.c
