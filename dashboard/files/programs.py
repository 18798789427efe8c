"""Runs of programs to compare, out of the files that are here, each with the verdicts it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dashboard.files.brought import Brought
from dashboard.files.loaders import load_given, load_tasks
from dashboard.files.results import as_many_as_are_kept, hashes_of
from dashboard.files.samples import (
    AS_FILES_SAY,
    Deciding,
    SamplesFile,
    load_traces_of,
    record_beside,
    sampled,
    stamped,
)
from lintseq_core import LintSeqError
from lintseq_core.results.belonging import Keys, ResultsFacts, SamplesFacts, results_of_samples
from lintseq_core.results.record import RunRecord
from lintseq_core.results.sampled import SampledRun
from lintseq_core.results.sampled_files import join_verdicts
from lintseq_core.results.styles import named_style
from lintseq_core.viewer.outcomes import Results
from lintseq_core.viewer.trace_runs import runs_of_traces
from lintseq_core.viewer.traces import ReadTrace

BENCHMARKS = ("basics", "humaneval", "pocket")
"""Those whose problems are on this machine: nothing is fetched."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Runs by name, the file of each, and what could not be read, with why."""

    runs: dict[str, SampledRun] = field(default_factory=dict)
    files: dict[str, Brought] = field(default_factory=dict)
    """Of the runs that are of one file; runs of traces may be of several."""
    faults: tuple[str, ...] = ()
    """Of the server's files, and of results that belong to no samples."""
    errors: tuple[str, ...] = ()
    """Of what the visitor brought."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A file of samples or results as read."""

    file: Brought
    content: SamplesFile

    def keys(self) -> Keys:
        """The samples that it tells of."""
        return self.content.keys


def compare_runs(
    files: Sequence[Brought],
    results: Results,
    *,
    benchmark: str | None = None,
    as_recorded: bool = False,
    deciding: Deciding = AS_FILES_SAY,
) -> Compared:
    """The runs in `files`: those of traces by model, the others by file and temperature.

    `results`: what is known of the tests of traces. `benchmark`: whose prompts samples continue;
    `as_recorded`: of samples that a run record beside any of the files names, its benchmark
    instead.
    """
    traces, bad = uploaded_traces(files)
    kept, left_out = as_many_as_are_kept([file for file in files if file.kind != "traces"])
    read, faults, errors = _read_all(kept, benchmark, as_recorded, deciding)
    runs = runs_of_traces([*load_given().traces, *traces], load_tasks(), results)
    found = Compared(runs, {}, (*left_out, *faults), (*bad, *errors))
    return _joined(read, found)


def uploaded_traces(files: Sequence[Brought]) -> tuple[list[ReadTrace], list[str]]:
    """The traces that the visitor brought, and what of them was left out."""
    traces: list[ReadTrace] = []
    faults: list[str] = []
    for file in files:
        if file.kind == "traces" and file.is_own:
            try:
                found, bad = stamped(load_traces_of, file.path, file.name)
            except OSError as error:
                faults.append(f"{file.name}: {error}")
            else:
                traces += found
                faults += bad
    return traces, faults


def _read_all(
    files: Sequence[Brought], benchmark: str | None, as_recorded: bool, deciding: Deciding
) -> tuple[list[_Read], list[str], list[str]]:
    """The files of samples and results as read; what is wrong with the server's, and with own."""
    read, faults, errors = [], [], []
    recorded = _records(files)
    for file in files:
        try:
            record = recorded.get(file.key) if recorded else None
            named = record.config.get("benchmark") if record and as_recorded else None
            content = sampled(
                file.path,
                str(named) if named in BENCHMARKS else benchmark,
                deciding,
                named_style(record) if record else None,
                file.file if file.origin == "uploaded" else "",
            )
        except (LintSeqError, OSError) as error:
            said = str(error)
            said = said if file.file in said else f"{file.file}: {said}"
            (errors if file.is_own else faults).append(said)
        else:
            if content is not None:
                read.append(_Read(file, content))
    return read, faults, errors


def _records(files: Sequence[Brought]) -> dict[str, RunRecord]:
    """The run records beside the server's files, by the sha256 of each file that they name."""
    found: dict[str, RunRecord] = {}
    for file in files:
        record = None if file.origin == "uploaded" else record_beside(file.path)
        if record is not None:
            found |= dict.fromkeys(record.hashes.values(), record)
    return found


def _joined(read: Sequence[_Read], found: Compared) -> Compared:
    """`found` and the runs of `read`; those without verdicts get them from results of theirs."""
    samples = [one for one in read if one.content.runs]
    results, faults = [], list(found.faults)
    for one in read:
        if one.content.runs:
            continue
        try:
            hashes_of(one.file)
        except LintSeqError as error:
            faults.append(str(error))
        else:
            results.append(one)
    pairs = results_of_samples(*_facts(samples, results))
    used: set[int] = set()
    runs, files = dict(found.runs), dict(found.files)
    for one, place in zip(samples, pairs, strict=True):
        own = one.content.runs
        if place is not None:
            used.add(place)
        if place is not None and not one.content.has_outcomes:
            theirs = results[place].file
            own = join_verdicts(own, results[place].content.verdicts, theirs.name)
            source = theirs.file if theirs.origin == "uploaded" else str(theirs.path)
            own = {key: replace(run, results=source) for key, run in own.items()}
        for temperature, run in own.items():
            shown = "unknown" if temperature is None else f"{temperature:g}"
            name = one.file.name
            title = f"{name}, temperature {shown}" if len(own) > 1 else name
            runs[title] = replace(run, name=one.file.file, is_upload=one.file.origin == "uploaded")
            files[title] = one.file
    faults += [
        f"{one.file.name} has verdicts only, and no file of samples here is sure to be theirs: "
        "give the samples too, or name the results after them (edits.jsonl, edits_results.jsonl)"
        for place, one in enumerate(results)
        if place not in used
    ]
    return Compared(runs, files, tuple(faults), found.errors)


def _facts(
    samples: Sequence[_Read], results: Sequence[_Read]
) -> tuple[list[SamplesFacts], list[ResultsFacts]]:
    judged = [ResultsFacts(one.file.file, one.keys, hashes_of(one.file)) for one in results]
    has_records = any(one.results_of for one in judged)
    return [
        SamplesFacts(one.file.file, one.file.key if has_records else "", one.keys)
        for one in samples
    ], judged
