"""Generation traces as runs to compare: one for each model and temperature."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lintseq_core.edits.formats import BORDER, UNIFIED, in_unified
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.trace import TraceHeader
from lintseq_core.results.sample import Sample
from lintseq_core.results.sampled import Decided, SampledRun, gather_run, key_of, with_verdicts
from lintseq_core.viewer.generated import last_state, outcomes_of_sample
from lintseq_core.viewer.outcomes import (
    PASSED,
    Outcomes,
    Results,
    TestedTask,
    read_results,
    read_tasks,
    tested_problem,
)
from lintseq_core.viewer.traces import ReadTrace, read_traces, short


def read_trace_runs(
    paths: Sequence[str], *, problems: str = "", results: str = ""
) -> dict[str, SampledRun]:
    """The runs in the files of traces `paths`, by name.

    `problems` and `results` are files of tested tasks and of the outcomes of their tests, as
    `viewer.outcomes` describes them; without them verdicts are those in the traces.
    """
    traces: list[ReadTrace] = []
    for path in map(Path, paths):
        found, faults = read_traces(path.read_bytes(), path.name)
        if faults and not found:
            raise LintSeqError(faults[0])
        traces += found
    tasks: tuple[TestedTask, ...] = ()
    known = None
    if problems and results:
        tasks = read_tasks(Path(problems).read_text(encoding="utf-8"), problems)
        known = read_results(Path(results).read_text(encoding="utf-8"), results)
    return runs_of_traces(traces, tasks, known)


def runs_of_traces(
    traces: Sequence[ReadTrace], tasks: Sequence[TestedTask], results: Results | None
) -> dict[str, SampledRun]:
    """A run for each model, and for each temperature where it has several; problems are tasks."""
    samples: dict[str, list[Sample]] = {}
    verdicts: dict[str, dict[tuple[str, int], Decided]] = {}
    made: dict[str, tuple[str, float]] = {}
    files: dict[str, dict[str, None]] = {}
    temperatures: dict[str, set[float]] = {}
    for read in traces:
        temperatures.setdefault(read.model, set()).add(_temperature(read))
    for label, of_task in by_task(traces, tasks).items():
        for temperature in sorted(set(map(_temperature, of_task))):
            alike = [read for read in of_task if _temperature(read) == temperature]
            for model, read in by_model(alike).items():
                several = len(temperatures[read.model]) > 1
                name = f"{model}, temperature {temperature:g}" if several else model
                made[name] = (read.model, temperature)
                files.setdefault(name, {})[read.name.partition(", trace ")[0]] = None
                rows, known = _samples_of(read, label, tasks, results)
                samples.setdefault(name, []).extend(rows)
                verdicts.setdefault(name, {}).update(known)
    return {
        name: replace(
            with_verdicts(gather_run(rows, name), verdicts[name]),
            model=made[name][0],
            temperature=made[name][1],
            traces=tuple(files[name]),
        )
        for name, rows in samples.items()
        if rows
    }


def by_task(
    traces: Iterable[ReadTrace], tasks: Sequence[TestedTask]
) -> dict[str, tuple[ReadTrace, ...]]:
    """The traces of each task by a short name for it, in order."""
    names = {task.instruction: task.task_id for task in tasks if task.instruction}
    found: dict[str, list[ReadTrace]] = {}
    for read in traces:
        found.setdefault(read.task, []).append(read)
    labelled: dict[str, tuple[ReadTrace, ...]] = {}
    for instruction, of_task in found.items():
        label = names.get(instruction) or short(instruction, 60) or "(no instruction)"
        labelled[_untaken(label, labelled)] = tuple(of_task)
    return labelled


def by_model(traces: Iterable[ReadTrace]) -> dict[str, ReadTrace]:
    """The traces of one task by model, with the file where one model wrote several."""
    labelled: dict[str, ReadTrace] = {}
    for read in traces:
        label = short(read.model, 60) or "(no model)"
        if label in labelled:
            label = f"{label}, {short(read.name, 60)}"
        labelled[_untaken(label, labelled)] = read
    return labelled


def find_task(header: TraceHeader, tasks: Sequence[TestedTask]) -> TestedTask | None:
    """The task with tests that a trace is about: one of `tasks`, or a benchmark's.

    A trace names a benchmark's task as "humaneval HumanEval/3"; its data have to be installed.
    """
    for task in tasks:
        if task.instruction and task.instruction == header.request.instruction:
            return task
    name, _, task_id = (header.problem or "").partition(" ")
    if not task_id:
        return None
    from lintseq_core.benchmarks import BENCHMARK_NAMES, get_benchmark

    if name not in BENCHMARK_NAMES:
        return None
    try:
        return tested_problem(get_benchmark(name).problems().named(task_id))
    except (LintSeqError, ImportError, OSError):
        return None


def final_outcomes(
    read: ReadTrace, task: TestedTask | None, results: Results | None
) -> list[Outcomes | None]:
    """The outcomes of the tests on the last state of each sample."""
    mode = read.trace.header.request.mode
    return [outcomes_of_sample(sample, mode, task, results)[-1] for sample in read.trace.samples]


def _untaken(label: str, taken: Mapping[str, object]) -> str:
    number = 2
    while label in taken:
        label, number = f"{label} ({number})", number + 1
    return label


def _samples_of(
    read: ReadTrace, task: str, tasks: Sequence[TestedTask], results: Results | None
) -> tuple[list[Sample], dict[tuple[str, int], Decided]]:
    """The samples of a trace, and what the tests say of them where they were run."""
    mode = read.trace.header.request.mode
    edit_format = read.trace.header.request.edit_format or UNIFIED
    rows, known = [], {}
    tested = find_task(read.trace.header, tasks)
    told = final_outcomes(read, tested, results)
    for sample, tests in zip(read.trace.samples, told, strict=True):
        edits = "".join(f"{BORDER}{step.text}" for step in sample.kept_steps)
        edits = in_unified(edits, edit_format)
        row = Sample(
            task,
            sample.sample_index,
            place=f"{short(read.name)}, sample {sample.sample_index + 1}",
            completion=edits if mode == "stepwise" else None,
            solution=last_state(sample, mode),
        )
        rows.append(row)
        if tests is not None:
            digits = None  # one verdict of several tests says nothing about each
            if tested is None or len(tests) == len(tested.tests):
                digits = "".join("1" if test == PASSED else "0" for test in tests)
            known[key_of(row)] = Decided(set(tests) == {PASSED}, digits)
    return rows, known


def _temperature(read: ReadTrace) -> float:
    """0 for a number that is none."""
    value = read.trace.header.request.settings.temperature
    return value if math.isfinite(value) else 0.0
