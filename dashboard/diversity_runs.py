"""The runs that the page Diversity compares: traces, given files, uploads, with their verdicts.

The work is bounded: of each problem the first MAX_PER_PROBLEM programs are compared, of a run
MAX_PROGRAMS; verdicts are counted over all samples. `load_` marks the cached functions.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import streamlit as st
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
from lintseq_core.metrics.edit_orders import EditOrders, count_edit_orders, written_by
from lintseq_core.results.importers import recognise
from lintseq_core.results.programs import edits_of, gather_programs
from lintseq_core.results.reading import open_input
from lintseq_core.results.sample import Sample
from lintseq_core.results.tally import find_record
from lintseq_core.viewer.generated import last_state
from lintseq_core.viewer.outcomes import PASSED
from lintseq_core.viewer.traces import ReadTrace, looks_like_trace, read_traces, short

BENCHMARKS = ("basics", "humaneval")
"""Those whose problems are on this machine: nothing is fetched."""
MAX_PER_PROBLEM = 50
MAX_PROGRAMS = 4_000
MAX_SEQUENCES = 2_000
N_PAIRS = 30
"""Pairs a problem that trees and CodeBLEU are compared on."""
MAX_UPLOAD_MB = 20


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known of one sample."""

    passed: bool | None
    tests: str | None = None
    """A digit a test that was run, from `lintseq evaluate --each-test`."""
    verdict: str = ""


Verdicts = Mapping[tuple[str, int], Decided]


@dataclass(frozen=True, slots=True)
class ProblemSamples:
    """The samples of one problem: all are counted, the first ones are there to be compared."""

    programs: tuple[str, ...]
    numbers: tuple[int, ...]
    """The 0-based sample_id of each program."""
    n: int
    """All samples."""
    decided: tuple[bool, ...]
    """Whether each sample with a verdict passed."""
    passed: tuple[bool | None, ...]
    """Of the programs."""
    outcomes: tuple[tuple[str, ...], ...] | None
    """Of the programs, one an each test; None where a sample has none."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledRun:
    """The programs of a run by problem."""

    name: str
    problems: Mapping[str, ProblemSamples]
    orders: EditOrders | None
    """Of its edit sequences; None for programs in one piece."""
    remarks: tuple[str, ...]
    digest: str
    path: str = ""

    @property
    def has_verdicts(self) -> bool:
        """Whether a sample is decided."""
        return any(one.decided for one in self.problems.values())

    @property
    def has_outcomes(self) -> bool:
        """Whether the tests of a problem are known one by one."""
        return any(one.outcomes for one in self.problems.values())

    @property
    def most(self) -> int:
        """The most programs that a problem has to compare."""
        return max((len(one.programs) for one in self.problems.values()), default=0)


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
        with tempfile.NamedTemporaryFile(suffix=Path(name).suffix) as copy:
            copy.write(content)
            copy.flush()
            try:
                files.append(_read(copy.name, name, benchmark))
            except LintSeqError as error:
                faults.append(str(error).replace(copy.name, name))
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
    with open_input(path) as opened:
        samples = recognise(opened).samples()
        first = next(samples)
        everything = chain([first], samples)
        if first.solution is None and first.completion is None:
            record = find_record(Path(path))
            known = tuple(record.hashes.values()) if record else ()
            return _File(name, path, {_key(one): _decision(one) for one in everything}, None, known)
        verdicts: dict[tuple[str, int], Decided] = {}
        run = _gather(_noted(everything, verdicts), name, path, _program_of(benchmark))
    return _File(name, path, verdicts, _with_verdicts(run, verdicts))


def _noted(samples: Iterable[Sample], verdicts: dict[tuple[str, int], Decided]) -> Iterator[Sample]:
    for sample in samples:
        verdicts[_key(sample)] = _decision(sample)
        yield sample


def _key(sample: Sample) -> tuple[str, int]:
    return sample.task_id, sample.sample_id


def _decision(sample: Sample) -> Decided:
    tests = sample.extra.get("tests")
    known = isinstance(tests, str) and not set(tests) - {"0", "1"}
    return Decided(sample.passed, str(tests) if known else None, sample.verdict or "")


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


def _gather(
    samples: Iterable[Sample],
    name: str,
    path: str = "",
    program_of: Callable[[Sample], str] | None = None,
) -> SampledRun:
    """The run of `samples`, without verdicts; all are read, few kept."""
    seen: Counter[str] = Counter()
    kept = 0

    def few() -> Iterator[Sample]:
        nonlocal kept
        for sample in samples:
            seen[sample.task_id] += 1
            if seen[sample.task_id] <= MAX_PER_PROBLEM and kept < MAX_PROGRAMS:
                kept += 1
                yield sample

    found = gather_programs(few(), program_of)
    problems = {
        task_id: ProblemSamples(
            programs=tuple(found.by_problem.get(task_id, ())),
            numbers=tuple(found.sample_ids.get(task_id, ())),
            n=n,
            decided=(),
            passed=(None,) * len(found.by_problem.get(task_id, ())),
            outcomes=None,
        )
        for task_id, n in seen.items()
    }
    orders = None
    if found.edits:
        orders = count_edit_orders(written_by(edits) for edits in found.edits[:MAX_SEQUENCES])
    remarks = []
    if kept < seen.total():
        remarks.append(
            f"{kept:,} of {seen.total():,} samples are compared: the first {MAX_PER_PROBLEM} of "
            f"each problem, {MAX_PROGRAMS:,} at most; `lintseq diversity` compares them all"
        )
    digest = hashlib.sha256(repr((name, found.by_problem)).encode("utf-8", "replace")).hexdigest()
    return SampledRun(name, problems, orders, tuple(remarks), digest, path)


def _with_verdicts(run: SampledRun, verdicts: Verdicts, source: str = "") -> SampledRun:
    """`run` with what is known of its samples."""
    decided: dict[str, list[bool]] = {}
    for (task_id, _), known in verdicts.items():
        if known.passed is not None:
            decided.setdefault(task_id, []).append(known.passed)
    if not decided:
        return run
    problems = {}
    for task_id, one in run.problems.items():
        known = [verdicts.get((task_id, number), Decided(None)) for number in one.numbers]
        problems[task_id] = ProblemSamples(
            one.programs,
            one.numbers,
            one.n,
            tuple(decided.get(task_id, ())),
            tuple(each.passed for each in known),
            _outcomes(known),
        )
    remarks = (*run.remarks, f"verdicts from {source}") if source else run.remarks
    digest = hashlib.sha256(f"{run.digest}{problems}".encode("utf-8", "replace")).hexdigest()
    return SampledRun(run.name, problems, run.orders, remarks, digest, run.path)


def _outcomes(known: list[Decided]) -> tuple[tuple[str, ...], ...] | None:
    """The outcome of each test, all of one length: the verdict stands for tests not reached."""
    if not known or any(each.tests is None for each in known):
        return None
    length = max(len(each.tests or "") for each in known)
    if not length:
        return None
    return tuple(
        (*(each.tests or ""), *[each.verdict] * (length - len(each.tests or ""))) for each in known
    )


def _joined(files: list[_File], faults: list[str]) -> dict[str, SampledRun]:
    """The runs of `files`; those without verdicts get them from the results that are theirs."""
    results = [file for file in files if file.run is None]
    used: set[str] = set()
    runs: dict[str, SampledRun] = {}
    for file in files:
        run = file.run
        if run is None:
            continue
        if not run.has_outcomes and (theirs := _results_of(file, results)) is not None:
            run = _with_verdicts(run, theirs.verdicts, theirs.name)
            used.add(theirs.path)
        runs[file.name if file.name not in runs else file.path] = run
    faults += [
        f"{file.name} has verdicts only, and no file of samples here is sure to be theirs: give "
        "the samples too, or name the results after them (edits.jsonl, edits_results.jsonl)"
        for file in results
        if file.path not in used
    ]
    return runs


def _results_of(file: _File, results: list[_File]) -> _File | None:
    """The results of `file`: by their record's hash, else by their name, else the only ones."""
    if not results:
        return None
    digest = file_sha256(Path(file.path)) if Path(file.path).is_file() else ""
    by_hash = [one for one in results if digest and digest in one.results_of]
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
                    known[_key(row)] = Decided(passed, digits)
    return {
        model: _with_verdicts(_gather(rows, model), outcomes[model])
        for model, rows in samples.items()
    }
