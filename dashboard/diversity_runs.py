"""The runs that the page Diversity compares: traces, given files, uploads, with their verdicts.

`load_` marks the cached functions.
"""

from __future__ import annotations

import json
import os
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
from gen_source import by_model, by_task
from gen_tiles import final_outcomes
from given import GIVEN_VARIABLE
from loaders import load_given, load_traces
from passk_runs import result_files
from test_runs import task_of

from lintseq_core import LintSeqError
from lintseq_core.benchmarks import get_benchmark
from lintseq_core.data.files import file_sha256
from lintseq_core.edits.wire import DIFF_MARKER
from lintseq_core.metrics.diversity import ProblemDiversity, problem_diversity
from lintseq_core.results.importers import recognise
from lintseq_core.results.programs import edits_of
from lintseq_core.results.reading import open_input
from lintseq_core.results.sample import Sample
from lintseq_core.results.tally import find_record
from lintseq_core.viewer.generated import last_state
from lintseq_core.viewer.outcomes import PASSED
from lintseq_core.viewer.traces import ReadTrace, looks_like_trace, read_traces, short

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
    return _runs_of_traces(load_traces())


def given_runs(benchmark: str | None) -> Found:
    """The runs among the files that the dashboard was started on."""
    faults: list[str] = []
    files = []
    for path in result_files(json.loads(os.environ.get(GIVEN_VARIABLE, "") or "[]")):
        try:
            about = path.stat()
            read = load_file(str(path), about.st_mtime_ns, about.st_size, benchmark)
        except (LintSeqError, OSError) as error:
            faults.append(str(error))
        else:
            files += [read] if read is not None else []
    found = _runs_of_traces(load_given().traces) | _joined(files, faults)
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
                faults.append(str(error).replace(str(copy), name))
    return Found(_runs_of_traces(tuple(traces)) | _joined(files, faults), tuple(faults))


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
        if not run.has_outcomes and (theirs := _results_of(file, results)) is not None:
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


def _results_of(file: _File, results: list[_File]) -> _File | None:
    """The results of `file`: by their record's hash, else by their name, else the only ones."""
    if not results:
        return None
    by_hash = [one for one in results if file.sha256 and file.sha256 in one.results_of]
    if by_hash:
        return by_hash[0]
    fitting = [
        one for one in results if not one.results_of and file.verdicts.keys() <= one.verdicts.keys()
    ]
    stem = file.name.split(".")[0]
    named = [one for one in fitting if one.name.startswith(stem)]
    chosen = named or fitting
    return chosen[0] if len(chosen) == 1 else None


def _runs_of_traces(traces: tuple[ReadTrace, ...]) -> dict[str, SampledRun]:
    """A run for each model; its problems are the tasks."""
    samples: dict[str, list[Sample]] = {}
    outcomes: dict[str, dict[tuple[str, int], Decided]] = {}
    for label, of_task in by_task(traces).items():
        for model, read in by_model(of_task).items():
            mine = samples.setdefault(model, [])
            known = outcomes.setdefault(model, {})
            told = final_outcomes(read, task_of(read.trace.header))
            for sample, tests in zip(read.trace.samples, told, strict=True):
                mode = read.trace.header.request.mode
                edits = "".join(f"\n{DIFF_MARKER}{step.text}" for step in sample.kept_steps)
                row = Sample(
                    label,
                    sample.sample_index,
                    place=f"{short(read.name)}, sample {sample.sample_index + 1}",
                    completion=edits if mode == "stepwise" else None,
                    solution=last_state(sample, mode),
                )
                mine.append(row)
                if tests is not None:
                    passed = set(tests) == {PASSED}
                    digits = "".join("1" if test == PASSED else "0" for test in tests)
                    known[key_of(row)] = Decided(passed, digits)
    return {
        model: with_verdicts(gather_run(rows, model), outcomes[model])
        for model, rows in samples.items()
        if rows
    }
