"""The runs in generation traces: one for each model and temperature."""

from __future__ import annotations

import math
from dataclasses import replace

from diversity_samples import Decided, SampledRun, gather_run, key_of, with_verdicts
from gen_source import by_model, by_task
from gen_tiles import final_outcomes
from test_runs import task_of

from lintseq_core.edits.wire import DIFF_MARKER
from lintseq_core.results.sample import Sample
from lintseq_core.viewer.generated import last_state
from lintseq_core.viewer.outcomes import PASSED
from lintseq_core.viewer.traces import ReadTrace, short


def runs_of_traces(traces: tuple[ReadTrace, ...]) -> dict[str, SampledRun]:
    """A run for each model, and for each temperature where it has several; problems are tasks."""
    samples: dict[str, list[Sample]] = {}
    verdicts: dict[str, dict[tuple[str, int], Decided]] = {}
    made: dict[str, tuple[str, float]] = {}
    temperatures: dict[str, set[float]] = {}
    for read in traces:
        temperatures.setdefault(read.model, set()).add(_temperature(read))
    for label, of_task in by_task(traces).items():
        for temperature in sorted(set(map(_temperature, of_task))):
            alike = tuple(read for read in of_task if _temperature(read) == temperature)
            for model, read in by_model(alike).items():
                several = len(temperatures[read.model]) > 1
                name = f"{model}, temperature {temperature:g}" if several else model
                made[name] = (read.model, temperature)
                rows, known = _samples_of(read, label)
                samples.setdefault(name, []).extend(rows)
                verdicts.setdefault(name, {}).update(known)
    return {
        name: replace(
            with_verdicts(gather_run(rows, name), verdicts[name]),
            model=made[name][0],
            temperature=made[name][1],
        )
        for name, rows in samples.items()
        if rows
    }


def _samples_of(read: ReadTrace, task: str) -> tuple[list[Sample], dict[tuple[str, int], Decided]]:
    """The samples of a trace, and what the tests say of them where they were run."""
    mode = read.trace.header.request.mode
    rows, known = [], {}
    told = final_outcomes(read, task_of(read.trace.header))
    for sample, tests in zip(read.trace.samples, told, strict=True):
        edits = "".join(f"\n{DIFF_MARKER}{step.text}" for step in sample.kept_steps)
        row = Sample(
            task,
            sample.sample_index,
            place=f"{short(read.name)}, sample {sample.sample_index + 1}",
            completion=edits if mode == "stepwise" else None,
            solution=last_state(sample, mode),
        )
        rows.append(row)
        if tests is not None:
            digits = "".join("1" if test == PASSED else "0" for test in tests)
            known[key_of(row)] = Decided(set(tests) == {PASSED}, digits)
    return rows, known


def _temperature(read: ReadTrace) -> float:
    """0 for a number that is none."""
    value = read.trace.header.request.settings.temperature
    return value if math.isfinite(value) else 0.0
