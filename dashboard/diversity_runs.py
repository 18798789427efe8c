"""The runs that the page Diversity compares: traces, given files, uploads, with their verdicts.

`load_` marks the cached functions.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import streamlit as st
from diversity_samples import (
    Decided,
    SampledRun,
    Verdicts,
    decision_of,
    gather_run,
    key_of,
    with_verdicts,
)
from diversity_traces import runs_of_traces
from given import GIVEN_VARIABLE
from loaders import load_given, load_traces
from passk_runs import result_files

from lintseq_core import LintSeqError
from lintseq_core.benchmarks import get_benchmark
from lintseq_core.data.files import file_sha256
from lintseq_core.metrics.diversity import ProblemDiversity, problem_diversity
from lintseq_core.results.importers import recognise
from lintseq_core.results.programs import edits_of
from lintseq_core.results.reading import open_input
from lintseq_core.results.sample import Sample
from lintseq_core.results.tally import find_record
from lintseq_core.viewer.traces import ReadTrace, looks_like_trace, read_traces

BENCHMARKS = ("basics", "humaneval")
"""Those whose problems are on this machine: nothing is fetched."""
N_PAIRS = 20
"""Pairs a problem that trees and CodeBLEU are compared on."""
MAX_UPLOAD_MB = 20


@dataclass(frozen=True, slots=True)
class Found:
    """Runs by name, and what could not be read, with why."""

    runs: dict[str, SampledRun] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    """A file as read: verdicts of samples, and their programs where it has them."""

    name: str
    path: str
    sha256: str
    """"" for a folder."""
    verdicts: Verdicts
    run: SampledRun | None
    results_of: tuple[str, ...] = ()
    """sha256 of the files that these results say they are of."""


@st.cache_resource(max_entries=1, show_spinner="Reading the traces that ship")
def load_shipped_runs() -> dict[str, SampledRun]:
    """A run for each model of the traces that ship."""
    return runs_of_traces(load_traces())


def given_runs(benchmark: str | None) -> Found:
    """The runs among the files that the dashboard was started on."""
    faults: list[str] = []
    files = []
    for path in result_files(json.loads(os.environ.get(GIVEN_VARIABLE, "") or "[]")):
        try:
            about = path.stat()
            read = load_file(str(path), about.st_mtime_ns, about.st_size, benchmark)
        except (LintSeqError, OSError) as error:
            faults.append(_named(error, path.name))
        else:
            files += [read] if read is not None else []
    found = runs_of_traces(load_given().traces) | _joined(files, faults)
    return Found(found, tuple(faults))


@st.cache_resource(max_entries=50, show_spinner="Reading samples")
def load_file(path: str, _modified: int, _size: int, benchmark: str | None) -> _File | None:
    """What a given file holds; None for a file that is none of samples or results."""
    with open_input(path) as opened:
        try:
            recognise(opened)
        except LintSeqError:
            return None  # other pages' business
    return _read(path, Path(path).name, benchmark)


@st.cache_resource(max_entries=8, show_spinner="Reading samples")
def load_uploads(uploads: tuple[tuple[str, bytes], ...], benchmark: str | None) -> Found:
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
                files.append(_read(str(copy), name, benchmark))
            except LintSeqError as error:
                faults.append(_named(str(error).replace(str(copy), name), name))
    return Found(runs_of_traces(tuple(traces)) | _joined(files, faults), tuple(faults))


@st.cache_resource(
    max_entries=64,
    show_spinner="Comparing programs",
    hash_funcs={SampledRun: lambda run: run.digest},
)
def load_measures(run: SampledRun, most: int) -> dict[str, ProblemDiversity]:
    """Every measure of the first `most` programs of each problem that has two at least."""
    found = {}
    for task_id, one in run.problems.items():
        if min(len(one.programs), most) > 1:
            outcomes = one.outcomes[:most] if one.outcomes else None
            found[task_id] = problem_diversity(one.programs[:most], outcomes, n_pairs=N_PAIRS)
    return found


def _read(path: str, name: str, benchmark: str | None) -> _File:
    sha256 = file_sha256(Path(path)) if Path(path).is_file() else ""
    with open_input(path) as opened:
        samples = recognise(opened).samples()
        first = next(samples)
        everything = chain([first], samples)
        if first.solution is None and first.completion is None:
            record = find_record(Path(path))
            known = tuple(record.hashes.values()) if record else ()
            decided = {key_of(one): decision_of(one) for one in everything}
            return _File(name, path, sha256, decided, run=None, results_of=known)
        verdicts: dict[tuple[str, int], Decided] = {}
        run = gather_run(_noted(everything, verdicts), name, path, _program_of(benchmark))
    return _File(name, path, sha256, verdicts, with_verdicts(run, verdicts))


def _named(error: object, name: str) -> str:
    """The words of `error`, which say what file it is of."""
    return str(error) if name in str(error) else f"{name}: {error}"


def _noted(samples: Iterable[Sample], verdicts: dict[tuple[str, int], Decided]) -> Iterator[Sample]:
    for sample in samples:
        verdicts[key_of(sample)] = decision_of(sample)
        yield sample


def _program_of(benchmark: str | None) -> Callable[[Sample], str] | None:
    if benchmark is None:
        return None
    chosen = get_benchmark(benchmark)
    problems = chosen.problems()

    def program_of(sample: Sample) -> str:
        style = "completion" if edits_of(sample) is None else "diff"
        problem = problems.named(sample.task_id)
        return chosen.program(problem, sample.completion or "", style)

    return program_of


def _joined(files: list[_File], faults: list[str]) -> dict[str, SampledRun]:
    """The runs of `files`; those without verdicts get them from the results that are theirs."""
    results = [file for file in files if file.run is None]
    used: set[int] = set()
    runs: dict[str, SampledRun] = {}
    for file in files:
        run = file.run
        if run is None:
            continue
        if not run.has_outcomes and (theirs := _results_of(file, files)) is not None:
            run = with_verdicts(run, theirs.verdicts, theirs.name)
            used.add(id(theirs))
        runs[file.name if file.name not in runs else file.path] = run
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
    results = [one for one in files if one.run is None]
    by_hash = [one for one in results if file.sha256 and file.sha256 in one.results_of]
    if by_hash:
        return by_hash[0]
    fitting = [one for one in results if not one.results_of and _fits(file, one)]
    stem = file.name.split(".")[0]
    named = [one for one in fitting if re.match(rf"{re.escape(stem)}[^0-9A-Za-z]", one.name)]
    if len(named) == 1:
        return named[0]
    is_only = (
        len(fitting) == 1
        and sum(one.run is not None and _fits(one, fitting[0]) for one in files) == 1
    )
    return fitting[0] if is_only else None


def _fits(samples: _File, results: _File) -> bool:
    return samples.verdicts.keys() <= results.verdicts.keys()
