"""The runs that the page Diversity compares: traces, given files, uploads, with their verdicts.

`load_` marks the cached functions.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import streamlit as st

from dashboard.files.loaders import TRACES, load_given, load_results, load_tasks, load_traces
from dashboard.pass_at_k.runs import AS_FILES_SAY, Deciding, given_paths
from dashboard.shared.execution import results
from lintseq_core import LintSeqError
from lintseq_core.benchmarks import PromptStyle
from lintseq_core.data.files import file_sha256
from lintseq_core.metrics.diversity import ProblemDiversity
from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.record import RunRecord, read_record, record_path
from lintseq_core.results.sample import Sample
from lintseq_core.results.sampled import SampledRun, key_of, measure_run
from lintseq_core.results.sampled_files import (
    VerdictsAt,
    join_verdicts,
    runs_of_samples,
    verdicts_of,
)
from lintseq_core.results.scores.counting import scorers_of
from lintseq_core.results.scores.remarks import file_remarks
from lintseq_core.results.scores.tally import find_record
from lintseq_core.results.styles import named_style
from lintseq_core.viewer.trace_runs import runs_of_traces
from lintseq_core.viewer.traces import ReadTrace, looks_like_trace, read_traces

BENCHMARKS = ("basics", "humaneval")
"""Those whose problems are on this machine: nothing is fetched."""
N_PAIRS = 20
"""Pairs a problem that trees and CodeBLEU are compared on."""
MAX_UPLOAD_MB = 20
SHIPS = " (ships)"
"""What the names of runs that ship end in."""


@dataclass(frozen=True, slots=True)
class Found:
    """Runs by name, and what could not be read, with why."""

    runs: dict[str, SampledRun] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    """A file as read: runs of its programs where it has them, else verdicts of samples."""

    name: str
    path: str
    sha256: str
    """"" for a folder."""
    keys: frozenset[tuple[str, int]]
    """The samples that it tells of."""
    runs: dict[float | None, SampledRun]
    verdicts: VerdictsAt
    results_of: tuple[str, ...] = ()
    """sha256 of the files that these results say they are of."""

    @property
    def has_outcomes(self) -> bool:
        """Whether its own rows say how each test went."""
        return any(run.has_outcomes for run in self.runs.values())


@st.cache_resource(max_entries=1, show_spinner="Reading the traces that ship")
def load_shipped_runs() -> dict[str, SampledRun]:
    """A run for each model of the traces that ship."""
    return runs_of_traces(load_traces(), load_tasks(), load_results())


def trace_paths(run: SampledRun, *, shipped: bool) -> list[str]:
    """Where the files of traces of a run are; names alone for uploads."""
    if shipped:
        return [str(TRACES / file) for file in run.traces]
    known = {path.name: str(path) for path in given_paths()}
    return [known.get(file, file) for file in run.traces]


def given_runs(
    benchmark: str | None, *, as_recorded: bool = False, deciding: Deciding = AS_FILES_SAY
) -> Found:
    """The runs among the files that the dashboard was started on.

    `benchmark`: whose prompts the samples continue; `as_recorded`: of samples that a run record
    beside any of the files names, its benchmark instead.
    """
    faults: list[str] = []
    files = []
    recorded = _records()
    for path in given_paths():
        try:
            about = path.stat()
            seen = (str(path), about.st_mtime_ns, about.st_size)
            record = recorded.get(_sha256(*seen)) if recorded and path.is_file() else None
            named = record.config.get("benchmark") if record and as_recorded else None
            chosen = str(named) if named in BENCHMARKS else benchmark
            read = load_file(*seen, chosen, deciding, named_style(record) if record else None)
        except (LintSeqError, OSError) as error:
            faults.append(_named(error, path.name))
        else:
            if read is not None:
                files.append(read)
    traces = runs_of_traces(load_given().traces, load_tasks(), results())
    found = traces | _joined(files, faults)
    return Found(found, tuple(faults))


def _records() -> dict[str, RunRecord]:
    """The run records beside given files, by the sha256 of each file that they name."""
    found: dict[str, RunRecord] = {}
    for path in given_paths():
        try:
            beside = record_path(path)
            record = read_record(beside) if beside.is_file() else None
        except LintSeqError:
            continue  # the page that shows the results says what is wrong with it
        if record is not None:
            found |= dict.fromkeys(record.hashes.values(), record)
    return found


@st.cache_data(max_entries=200, show_spinner=False)
def _sha256(path: str, modified: int, size: int) -> str:
    return file_sha256(Path(path))


@st.cache_resource(max_entries=50, show_spinner="Reading samples")
def load_file(
    path: str,
    modified: int,
    size: int,
    benchmark: str | None,
    deciding: Deciding = AS_FILES_SAY,
    style: PromptStyle | None = None,
) -> _File | None:
    """What a given file holds; None for a file that is none of samples or results.

    `modified` and `size` are there for the cache: a file that has changed is read again.
    """
    with open_input(path) as opened:
        try:
            recognise(opened)
        except LintSeqError:
            return None  # other pages' business
    return _read(path, Path(path).name, benchmark, deciding, style)


@st.cache_resource(max_entries=8, show_spinner="Reading samples")
def load_uploads(
    uploads: tuple[tuple[str, bytes], ...],
    benchmark: str | None,
    deciding: Deciding = AS_FILES_SAY,
) -> Found:
    """The runs in uploaded files: samples, their results, or traces."""
    files, faults = [], []
    traces: list[ReadTrace] = []
    for name, content in uploads:
        if looks_like_trace(content):
            read, bad = read_traces(content, name)
            traces += read
            faults += bad
            continue
        # A folder of its own: a record beside results would count as theirs.
        with tempfile.TemporaryDirectory(prefix="lintseq-") as folder:
            copy = Path(folder, f"upload{Path(name).suffix}")
            copy.write_bytes(content)
            try:
                files.append(_read(str(copy), name, benchmark, deciding))
            except LintSeqError as error:
                faults.append(_named(str(error).replace(str(copy), name), name))
    read_runs = runs_of_traces(traces, load_tasks(), load_results())
    joined = _joined(files, faults, is_kept=False)
    own = {key: replace(run, is_upload=True) for key, run in joined.items()}
    return Found(read_runs | own, tuple(faults))


@st.cache_resource(
    max_entries=64,
    show_spinner="Comparing programs",
    hash_funcs={SampledRun: lambda run: run.digest},
)
def load_measures(run: SampledRun, most: int) -> dict[str, ProblemDiversity]:
    """Every measure of the first `most` programs of each problem that has two at least."""
    return measure_run(run, most, n_pairs=N_PAIRS)


def _read(
    path: str,
    name: str,
    benchmark: str | None,
    deciding: Deciding,
    style: PromptStyle | None = None,
) -> _File:
    sha256 = file_sha256(Path(path)) if Path(path).is_file() else ""
    scorer = deciding.scorer if deciding.scorer in scorers_of(path) else ""
    with open_input(path) as opened:
        read = recognise(opened, scorer=scorer or None)
        samples = read.samples()
        first = next(samples)
        everything = chain([first], samples)
        if first.solution is None and first.completion is None:
            record = find_record(Path(path))
            known = tuple(record.hashes.values()) if record else ()
            verdicts = verdicts_of(everything, deciding.tests)
            keys = frozenset().union(*verdicts.values())
            return _File(name, path, sha256, keys, {}, verdicts, known)
        seen: set[tuple[str, int]] = set()
        noted = _noted(everything, seen)
        runs = runs_of_samples(
            noted, name, path, benchmark or "", style=style, tests=deciding.tests
        )
        said = file_remarks(read.meta)
        runs = {
            key: replace(run, scorer=scorer, remarks=(*run.remarks, *said))
            for key, run in runs.items()
        }
    return _File(name, path, sha256, frozenset(seen), runs, {})


def _named(error: object, name: str) -> str:
    """The words of `error`, which say what file it is of."""
    return str(error) if name in str(error) else f"{name}: {error}"


def _noted(samples: Iterable[Sample], seen: set[tuple[str, int]]) -> Iterator[Sample]:
    for sample in samples:
        seen.add(key_of(sample))
        yield sample


def _joined(
    files: list[_File], faults: list[str], *, is_kept: bool = True
) -> dict[str, SampledRun]:
    """The runs of `files`; those without verdicts get them from the results that are theirs.

    `is_kept`: whether the files stay where they were read.
    """
    results = [file for file in files if not file.runs]
    used: set[int] = set()
    runs: dict[str, SampledRun] = {}
    taken: set[str] = set()
    for file in files:
        found = file.runs
        if not found:
            continue
        if not file.has_outcomes and (theirs := _results_of(file, files)) is not None:
            found = join_verdicts(found, theirs.verdicts, theirs.name)
            source = theirs.path if is_kept else theirs.name
            found = {key: replace(run, results=source) for key, run in found.items()}
            used.add(id(theirs))
        title = file.name if file.name not in taken else file.path
        taken.add(title)
        for temperature, run in found.items():
            shown = "unknown" if temperature is None else f"{temperature:g}"
            runs[f"{title}, temperature {shown}" if len(found) > 1 else title] = run
    faults += [
        f"{file.name} has verdicts only, and no file of samples here is sure to be theirs: give "
        "the samples too, or name the results after them (edits.jsonl, edits_results.jsonl)"
        for file in results
        if id(file) not in used
    ]
    return runs


def _results_of(file: _File, files: list[_File]) -> _File | None:
    """The results of `file`: by their record's hash, else by their name, else the only ones.

    The last only where they fit no other samples: verdicts of another run would be worse than none.
    """
    results = [one for one in files if not one.runs]
    by_hash = [one for one in results if file.sha256 and file.sha256 in one.results_of]
    if by_hash:
        return by_hash[0]
    fitting = [one for one in results if not one.results_of and _fits(file, one)]
    stem = file.name.split(".")[0]
    named = [one for one in fitting if re.match(rf"{re.escape(stem)}[^0-9A-Za-z]", one.name)]
    if len(named) == 1:
        return named[0]
    is_only = (
        len(fitting) == 1 and sum(bool(one.runs) and _fits(one, fitting[0]) for one in files) == 1
    )
    return fitting[0] if is_only else None


def _fits(samples: _File, results: _File) -> bool:
    return samples.keys <= results.keys
