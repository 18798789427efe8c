"""Where files of samples, results, traces and data sets are opened, for every page.

No other module of the dashboard asks the library to open one. `load_` marks the cached functions;
`modified` and `size` are there for the cache: a file that has changed is read again.
"""

from __future__ import annotations

import ast
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

import lintseq_core
from dashboard.files.brought import Kind
from dashboard.shared.background import Job
from lintseq_core import EditSequence, LintSeqError
from lintseq_core.benchmarks import PromptStyle
from lintseq_core.data.row_files import RowFile, RowFileError
from lintseq_core.results.belonging import Keys
from lintseq_core.results.importers import recognise
from lintseq_core.results.of_problem import samples_of_problem
from lintseq_core.results.reading import FormatError, Input, open_input
from lintseq_core.results.record import RunRecord, read_record, record_path
from lintseq_core.results.sample import Sample
from lintseq_core.results.sampled import SampledRun, key_of
from lintseq_core.results.sampled_files import VerdictsAt, runs_of_samples, verdicts_of
from lintseq_core.results.scores.counting import count_file, require_complete, scorers_of
from lintseq_core.results.scores.remarks import file_remarks, remarks
from lintseq_core.results.scores.tally import Tally, Tests, find_record
from lintseq_core.results.styles import StyleDecision, decide_style
from lintseq_core.results.tables.sniffing import Sniffed, sniff
from lintseq_core.viewer.rows import read_sequences
from lintseq_core.viewer.traces import ReadTrace, read_traces

if TYPE_CHECKING:  # tables are for the page Data alone, and what they import is large
    from lintseq_core.results.tables.blocks import Block
    from lintseq_core.results.tables.building import Problem
    from lintseq_core.results.tables.table import Table

SUFFIXES = (".jsonl", ".json", ".gz", ".parquet", ".eval", ".py")
"""What a browser offers for an upload; what a file is, is told by its content."""
MAX_FILES = 50
"""Whose runs are kept in memory."""
MAX_TRACE_BYTES = 10_000_000
MAX_FIRST_ROW_BYTES = 20_000_000
MAX_SEQUENCES_BYTES = 20_000_000
MAX_SEQUENCES = 2_000
SMALL_BYTES = 300_000
"""Up to which a table is made while the page waits."""


# ------------------------------------------------------------------ what a file is


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is."""

    kind: Kind
    title: str


PROGRAM = Recognised("programs", "a Python program")


def recognise_file(path: Path, name: str) -> Recognised:
    """What is at `path`, which messages call `name`; LintSeqError says what was looked for."""
    if first_row(path).get("kind") == "trace":
        n_bytes = path.stat().st_size
        if n_bytes > MAX_TRACE_BYTES:
            raise FormatError(
                f"{name}: a trace of {n_bytes / 1e6:,.1f} MB; the explorer takes "
                f"{MAX_TRACE_BYTES // 10**6} MB of one: draw fewer samples (`lintseq generate -n`)"
            )
        return Recognised("traces", "a trace of lintseq generate")
    sniffed = sniff(Input(path, name))
    title = sniffed.title
    try:
        file = recognise(Input(path, name))
    except FormatError:
        return Recognised("sequences" if sniffed.name == "lintseq" else "data set", title)
    try:
        is_decided = next(file.samples()).passed is not None
    except FormatError:
        is_decided = "results" in file.format.name or "inspect" in file.format.name
    return Recognised("results" if is_decided else "samples", title)


@st.cache_resource(max_entries=2_000, show_spinner=False)
def load_recognised(
    path: str, modified: int, size: int, may_be_program: bool = False
) -> Recognised | None:
    """What a file on the server is; None for what is other pages' business."""
    try:
        return recognise_file(Path(path), Path(path).name)
    except LintSeqError:
        return PROGRAM if may_be_program and is_program(Path(path)) else None
    except OSError:
        return Recognised("results", "cannot be opened")  # whoever reads it says why


def is_program(path: Path) -> bool:
    """Whether a small file holds Python that does something: a lone word is an expression too."""
    try:
        if not path.is_file() or path.stat().st_size > SMALL_BYTES:
            return False
        parsed = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    return any(not isinstance(statement, ast.Expr) for statement in parsed.body)


def first_row(path: Path) -> dict[str, Any]:
    """The first row of the file, if it is an object; else an empty one."""
    if path.suffix == ".py" or path.is_dir():
        return {}
    try:
        first = next(RowFile(path, max_row_bytes=MAX_FIRST_ROW_BYTES).rows(), None)
        row = json.loads(first.text) if first and isinstance(first.text, bytes) else None
    except (RowFileError, ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def holds_samples(path: Path) -> bool:
    """Whether a file holds samples or results of a known format, told by its content alone.

    Traces of samples count as such. A file that cannot be opened may hold some: whoever reads it
    says why it cannot.
    """
    try:
        recognise(Input(path, path.name))
        return True
    except LintSeqError:
        return first_row(path).get("kind") == "trace"
    except OSError:
        return True


# ------------------------------------------------------------------ counted samples


@dataclass(frozen=True, slots=True)
class Deciding:
    """What decides which samples pass, where a file leaves a choice."""

    tests: Tests = "all"
    """Of EvalPlus; "base" goes for files that have both."""
    scorer: str = ""
    """Of Inspect; goes for the logs that have it."""


AS_FILES_SAY = Deciding()


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


@st.cache_resource(max_entries=MAX_FILES, show_spinner="Counting samples")
def load_counted(
    path: str, modified: int, size: int, deciding: Deciding = AS_FILES_SAY, name: str = ""
) -> dict[float | None, Run] | None:
    """The runs in a file, by temperature; None if no sample is decided, or it is something else.

    `name`: what an upload is called. LintSeqError says which row does not fit.
    """
    with open_input(path) as opened:
        try:
            recognise(opened)
        except LintSeqError:
            return None
    try:
        return _counted(path, name, deciding)
    except LintSeqError as error:
        raise LintSeqError(str(error).replace(path, name or path)) from None


def _counted(path: str, name: str, deciding: Deciding) -> dict[float | None, Run] | None:
    scorer = deciding.scorer if deciding.scorer in scorers_of(path) else ""
    found = count_file(path, name or path, scorer=scorer or None)
    if deciding.tests == "base" and {one.suite for one in found.by_temperature.values()} == {
        "plus"
    }:
        found = count_file(path, name or path, tests="base", scorer=scorer or None)
    if not found.n_samples or found.undecided == found.n_samples:
        return None
    require_complete(found)
    parts = found.by_temperature
    return {
        temperature: Run(
            one,
            (*remarks(one, found.record, (1, min(one.n))), *found.remarks),
            path="" if name else path,
            file=name or path,
            temperature=temperature,
            is_part=len(parts) > 1,
            scorer=scorer,
        )
        for temperature, one in parts.items()
    }


@st.cache_resource(max_entries=200, show_spinner="Looking for scorers")
def load_scorers(path: str, modified: int, size: int) -> tuple[str, ...]:
    """The scorers of a log of Inspect that has several."""
    return scorers_of(path)


# ------------------------------------------------------------------ programs and verdicts


@dataclass(frozen=True, slots=True)
class SamplesFile:
    """A file as read: runs of its programs where it has them, else verdicts of samples."""

    keys: Keys
    """The samples that it tells of."""
    runs: dict[float | None, SampledRun]
    verdicts: VerdictsAt

    @property
    def has_outcomes(self) -> bool:
        """Whether its own rows say how each test went."""
        return any(run.has_outcomes for run in self.runs.values())


@st.cache_resource(max_entries=MAX_FILES, show_spinner="Reading samples")
def load_samples(
    path: str,
    modified: int,
    size: int,
    benchmark: str | None,
    deciding: Deciding = AS_FILES_SAY,
    style: PromptStyle | None = None,
    name: str = "",
) -> SamplesFile | None:
    """What a file holds; None for a file that is none of samples or results.

    `benchmark`: whose prompts the samples continue. `name`: what an upload is called.
    """
    with open_input(path) as opened:
        try:
            recognise(opened)
        except LintSeqError:
            return None  # other pages' business
    shown = name or Path(path).name
    try:
        return _samples(path, shown, benchmark, deciding, style)
    except LintSeqError as error:
        said = str(error).replace(path, name) if name else str(error)
        raise LintSeqError(said if shown in said else f"{shown}: {said}") from None


def _samples(
    path: str, name: str, benchmark: str | None, deciding: Deciding, style: PromptStyle | None
) -> SamplesFile:
    scorer = deciding.scorer if deciding.scorer in scorers_of(path) else ""
    with open_input(path) as opened:
        read = recognise(opened, scorer=scorer or None)
        samples = read.samples()
        first = next(samples)
        everything = chain([first], samples)
        if first.solution is None and first.completion is None:
            verdicts = verdicts_of(everything, deciding.tests)
            return SamplesFile(frozenset().union(*verdicts.values()), {}, verdicts)
        seen: set[tuple[str, int]] = set()
        noted = _noted(everything, seen)
        runs = runs_of_samples(
            noted, name, path, benchmark or "", style=style, tests=deciding.tests
        )
        said = file_remarks(read.meta)
    runs = {
        key: replace(run, scorer=scorer, remarks=(*run.remarks, *said)) for key, run in runs.items()
    }
    return SamplesFile(frozenset(seen), runs, {})


def _noted(samples: Iterable[Sample], seen: set[tuple[str, int]]) -> Iterator[Sample]:
    for sample in samples:
        seen.add(key_of(sample))
        yield sample


@st.cache_resource(max_entries=MAX_FILES, show_spinner="Looking at the samples of this file")
def load_keys(path: str, modified: int, size: int) -> Keys:
    """The samples that a file tells of."""
    with open_input(path) as opened:
        return frozenset(map(key_of, recognise(opened).samples()))


@st.cache_resource(max_entries=200, show_spinner=False)
def load_has_programs(path: str, modified: int, size: int) -> bool:
    """Whether the first sample of a file comes with its program; False where there is none."""
    try:
        with open_input(path) as opened:
            first = next(recognise(opened).samples())
    except (LintSeqError, OSError):
        return False
    return first.solution is not None or first.completion is not None


def record_of(path: Path) -> RunRecord | None:
    """The run record of the results at `path`; ScoreError if it describes another file."""
    return find_record(path)


def record_beside(path: Path) -> RunRecord | None:
    """The record that stands beside `path`, whatever it says; None for one that cannot be read."""
    try:
        return stamped(load_record, record_path(path))
    except (LintSeqError, OSError):
        return None  # there is none, or the page that shows the results says what is wrong with it


@st.cache_resource(max_entries=200, show_spinner=False)
def load_record(path: str, modified: int, size: int) -> RunRecord:
    """The run record in a file. RunRecordError names what does not fit."""
    return read_record(Path(path))


# ------------------------------------------------------------------ samples of one problem


@st.cache_resource(max_entries=16, show_spinner="Reading the samples of this problem")
def load_problem(path: str, modified: int, size: int, task: str, scorer: str) -> list[Sample]:
    """The samples of one problem of a file."""
    return samples_of_problem(path, task, scorer=scorer or None)


@st.cache_resource(max_entries=MAX_FILES, show_spinner="Looking at the style of the samples")
def load_style(path: str, modified: int, size: int) -> StyleDecision:
    """The style that a file is written in; FormatError where its samples disagree."""
    with open_input(path) as opened:
        return decide_style(recognise(opened).samples(), opened.name)


# ------------------------------------------------------------------ traces


@st.cache_resource(max_entries=16, show_spinner="Reading the trace")
def load_traces_of(
    path: str, modified: int, size: int, name: str
) -> tuple[tuple[ReadTrace, ...], tuple[str, ...]]:
    """The traces of a file, and what in it was left out."""
    return read_traces(Path(path).read_bytes(), name)


# ------------------------------------------------------------------ edit sequences


@st.cache_resource(max_entries=16, show_spinner="Reading the edit sequences")
def load_sequences_of(
    path: str, modified: int, size: int, name: str
) -> tuple[tuple[EditSequence, ...], tuple[str, ...]]:
    """The edit sequences of a file, the first of them, and what in it was left out."""
    if size > MAX_SEQUENCES_BYTES:
        return (), (
            f"{name}: larger than {MAX_SEQUENCES_BYTES // 10**6} MB; the page Data takes it",
        )
    return read_sequences(Path(path).read_bytes(), name, max_rows=MAX_SEQUENCES)


# ------------------------------------------------------------------ tables of the page Data


def sniff_file(path: Path, name: str) -> Sniffed:
    """What a file or folder is, and by what it was recognised. LintSeqError, OSError."""
    return sniff(Input(path, name))


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file before it is imported."""

    block: Block | None
    problems: tuple[Problem, ...]
    n_problems: int
    n_seen: int
    fault: str
    """Why it cannot be read, or not further."""


def preview_file(sniffed: Sniffed) -> Preview:
    """The first rows, and what of them does not fit."""
    from lintseq_core.results.tables.blocks import read_blocks
    from lintseq_core.results.tables.building import Problems

    problems = Problems(sniffed.source.name)
    found: Block | None = None
    n_seen, fault = 0, ""
    try:
        for block in itertools.islice(read_blocks(sniffed), 1):
            problems.add(block)
            found = block
            n_rows = block.columns.num_rows if block.columns is not None else len(block.rows)
            n_seen = n_rows + len(block.faults)
    except LintSeqError as error:
        fault = str(error)
    return Preview(found, tuple(problems.first), problems.total, n_seen, fault)


def is_small(path: Path) -> bool:
    """Whether a file or folder is imported while the page waits."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files) <= SMALL_BYTES


@dataclass(frozen=True, slots=True)
class TablePlace:
    """Where the table of a file, as it is now and as `scorer` decides it, is or will be."""

    path: Path
    name: str
    scorer: str
    folder: Path

    @property
    def has_rows(self) -> bool:
        """Whether its rows are there."""
        from lintseq_core.results.tables.building import ABOUT

        return (self.folder / ABOUT).is_file()

    @property
    def is_whole(self) -> bool:
        """Whether its programs have been read too."""
        from lintseq_core.results.tables.structure import STRUCTURE

        return (self.folder / STRUCTURE).is_file()

    def open(self) -> Table | None:
        """The table; None while its rows are not there."""
        from lintseq_core.results.tables.building import COLUMNS
        from lintseq_core.results.tables.cache import note_use

        if not (self.folder / COLUMNS).is_file():
            return None
        note_use(self.folder)
        return load_table(str(self.folder), self.is_whole)

    def make(self) -> None:
        """Import the file while the page waits. LintSeqError, OSError."""
        from lintseq_core.results.tables.building import build_table
        from lintseq_core.results.tables.structure import build_structure

        build_table(self.path, self.folder, name=self.name, scorer=self.scorer)
        build_structure(self.folder)

    def make_apart(self, job: Job) -> None:
        """Import it in a process of its own; `job` says how far it is. LintSeqError."""
        from lintseq_core.results.tables.cache import prune_tables, tables_folder

        job.of = self.path.stat().st_size if self.path.is_file() else 0
        package = str(Path(lintseq_core.__file__).resolve().parents[1])
        paths = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")]))
        command = [sys.executable, "-m", "lintseq_core.results.tables", str(self.path)]
        command += [str(self.folder), self.name, self.scorer]
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": paths},
        )
        last: dict[str, object] = {}
        assert process.stdout is not None
        with process:
            for line in process.stdout:
                last = json.loads(line)
                job.events.append(last["stage"]) if last["stage"] not in job.events else None
                if last["stage"] == "rows":
                    job.done = int(str(last["done"]))
                elif last["stage"] == "programs":
                    job.done, job.of = int(str(last["done"])), int(str(last["of"]))
        if last.get("stage") == "error":
            raise LintSeqError(str(last["said"]))
        if last.get("stage") != "done":
            raise LintSeqError(
                f"{self.name}: the import ended early (code {process.returncode}): out of memory, "
                "or a file that a parser does not survive; try a part of the file"
            )
        prune_tables(tables_folder())


def table_place(path: Path, name: str, scorer: str = "") -> TablePlace:
    """Where the table of a file is or will be. OSError where the file cannot be looked at.

    `scorer` decides in a log of Inspect with several; by default the first does.
    """
    from lintseq_core.results.tables.cache import table_folder

    return TablePlace(path, name, scorer, table_folder(path, scorer))


@st.cache_resource(max_entries=4, show_spinner="Opening the table")
def load_table(folder: str, has_structure: bool) -> Table:
    """The table in a folder; opened again when its programs have been read."""
    from lintseq_core.results.tables.table import Table

    return Table(Path(folder))


def shipped_folder() -> Path:
    """Where the examples of the page Data are written."""
    from lintseq_core.results.tables.cache import tables_folder

    return tables_folder() / "shipped"


T = TypeVar("T")


def stamped(load: Callable[..., T], path: Path, *more: Any, **named: Any) -> T:
    """`load` of the file at `path` as it is now. OSError where it cannot be looked at."""
    about = path.stat()
    return load(str(path), about.st_mtime_ns, about.st_size, *more, **named)
