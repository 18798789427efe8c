"""Files of samples as runs to compare, with the verdicts that stand in another file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from lintseq_core.benchmarks import PromptStyle, get_benchmark
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.sample import Sample, temperature_of
from lintseq_core.results.sampled import (
    Decided,
    ProgramOf,
    SampledRun,
    decision_of,
    gather_runs,
    key_of,
    with_verdicts,
)
from lintseq_core.results.scores.tally import Tests

VerdictsAt = Mapping[float | None, Mapping[tuple[str, int], Decided]]
"""What is known of samples, by temperature; None where rows name none."""


def read_run(
    path: str,
    *,
    results: str = "",
    benchmark: str = "",
    style: PromptStyle | None = None,
    temperature: float | Literal["only"] | None = "only",
    tests: Tests = "all",
    scorer: str | None = None,
) -> SampledRun:
    """The one run in a file of samples, or that of `temperature`, with its verdicts if known.

    `results`: a file with the verdicts of these samples. `benchmark`: whose prompts they continue.
    `style`: what the model was asked to write; None: told from the samples.
    `tests` of EvalPlus and `scorer` of Inspect: what decides in the file that has the verdicts.
    FormatError if there are several temperatures and none is named.
    """
    with open_input(path) as opened:
        file = recognise(opened, scorer=None if results else scorer)
        runs = runs_of_samples(
            file.samples(), opened.name, path, benchmark, style=style, tests=tests
        )
    if results:
        with open_input(results) as opened:
            verdicts = verdicts_of(recognise(opened, scorer=scorer).samples(), tests)
        runs = join_verdicts(runs, verdicts, opened.name)
    if temperature == "only" and len(runs) == 1:
        return next(iter(runs.values()))
    if temperature == "only" or temperature not in runs:
        there = ", ".join("unknown" if one is None else f"{one:g}" for one in runs)
        raise FormatError(Fault(path, f"name one of its temperatures: {there}"))
    return runs[temperature]


def runs_of_samples(
    samples: Iterable[Sample],
    name: str,
    path: str,
    benchmark: str,
    *,
    style: PromptStyle | None = None,
    tests: Tests = "all",
    votes: Mapping[str, int] | None = None,
) -> dict[float | None, SampledRun]:
    """A run for each temperature; `benchmark`: whose prompts the samples continue, "" for none.

    `style`: what the model was asked to write; None: told from the samples, or from `votes`.
    """
    make = program_maker(benchmark)
    runs = gather_runs(samples, name, path, make, style=style, tests=tests, votes=votes)
    return {key: replace(run, benchmark=benchmark, style=style or "") for key, run in runs.items()}


def program_maker(benchmark: str, data: Path | None = None) -> ProgramOf | None:
    """What makes whole programs of samples that continue a benchmark's prompts; "" for none.

    `data`: the benchmark's file, by default that which is installed.
    """
    if not benchmark:
        return None
    chosen = get_benchmark(benchmark)
    problems = chosen.problems(data)

    def program_of(style: PromptStyle, sample: Sample) -> str:
        problem = problems.named(sample.task_id)
        return chosen.program(problem, sample.completion or "", style)

    return program_of


def verdicts_of(
    samples: Iterable[Sample], tests: Tests = "all"
) -> dict[float | None, dict[tuple[str, int], Decided]]:
    """What the rows say of each sample by `tests` of EvalPlus, by temperature."""
    found: dict[float | None, dict[tuple[str, int], Decided]] = {}
    for sample in samples:
        found.setdefault(temperature_of(sample), {})[key_of(sample)] = decision_of(sample, tests)
    return found


def join_verdicts(
    runs: Mapping[float | None, SampledRun], verdicts: VerdictsAt, source: str
) -> dict[float | None, SampledRun]:
    """`runs` with the verdicts of their temperature, or with those of rows that name none.

    Rows that name none are used for a single run alone: a sample number may stand for several.
    """
    joined = {}
    for temperature, run in runs.items():
        known = verdicts.get(temperature)
        if known is None and len(runs) == 1 and len(verdicts) == 1:
            known = next(iter(verdicts.values()))
        joined[temperature] = with_verdicts(run, known, source) if known else run
    return joined
