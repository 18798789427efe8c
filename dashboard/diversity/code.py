"""The code and commands that make the charts of the page Diversity elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.diversity.runs import N_PAIRS, trace_paths
from dashboard.shared.calls import Code, call, code
from dashboard.shared.commands import command_line
from lintseq_core.cli.diversity import diversity
from lintseq_core.results.sampled import SampledRun, measure_run
from lintseq_core.results.sampled_files import read_run
from lintseq_core.viewer.trace_runs import read_trace_runs


def runs_code(runs: Mapping[str, SampledRun]) -> Code:
    """Python that reads `runs` into a dictionary `runs` by name."""
    return code("runs = {}", {name: _source(name, run) for name, run in runs.items()})


def measures_code(most: int, n_problems: int | None = None) -> Code:
    """Python that measures them as the page does, into `measured`."""
    limits = {} if n_problems is None else {"n_problems": n_problems}
    measured = call(measure_run, Code("run"), most, n_pairs=N_PAIRS, **limits)
    return code("measured = {{name: {} for name, run in runs.items()}}", measured)


def diversity_command(run: SampledRun, most: int) -> str:
    """`lintseq diversity` with the limits of the page; "" for traces and uploads."""
    if not run.path or run.is_upload:
        return ""
    has_verdicts = run.has_outcomes or not run.results
    return command_line(
        diversity,
        samples=run.path,
        benchmark=run.benchmark or None,
        style=run.style or None,
        results=run.results if run.results and run.has_outcomes else None,
        temperature=run.temperature if run.model and not run.traces else None,
        first=most,
        pairs=N_PAIRS,
        tests="base" if run.suite == "base" and has_verdicts else "all",
        scorer=run.scorer or None if has_verdicts else None,
    )


def _source(name: str, run: SampledRun) -> Code:
    if run.traces:
        return code("{}[{}]", call(read_trace_runs, trace_paths(run)), name)
    told: dict[str, object] = {
        "results": run.results,
        "benchmark": run.benchmark,
        "style": run.style,
        "tests": "base" if run.suite == "base" else "",
        "scorer": run.scorer,
    }
    options = {name: value for name, value in told.items() if value}
    if run.model:
        options["temperature"] = run.temperature
    return call(read_run, run.name if run.is_upload else run.path, **options)
