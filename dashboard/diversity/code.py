"""The code and commands that make the charts of the page Diversity elsewhere."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from dashboard.diversity.runs import N_PAIRS, SHIPS, trace_paths
from dashboard.files.loaders import TRACES
from lintseq_core.results.sampled import SampledRun


def runs_code(runs: Mapping[str, SampledRun]) -> str:
    """Python that reads `runs` into a dictionary `runs` by name."""
    rows = [f"    {name!r}: {_source(name, run)}," for name, run in runs.items()]
    return "\n".join(["runs = {", *rows, "}"])


def runs_imports(runs: Mapping[str, SampledRun]) -> list[str]:
    """What `runs_code` needs."""
    traces = any(run.traces for run in runs.values())
    files = any(not run.traces for run in runs.values())
    return ["lintseq_core.viewer.trace_runs read_trace_runs"] * traces + [
        "lintseq_core.results.sampled_files read_run"
    ] * files


def measures_code(most: int) -> str:
    """Python that measures them as the page does, into `measured`."""
    return (
        f"measured = {{n: measure_run(run, {most}, n_pairs={N_PAIRS}) for n, run in runs.items()}}"
    )


def diversity_command(run: SampledRun, most: int) -> str:
    """`lintseq diversity` with the limits of the page; "" for traces and uploads."""
    if not run.path or run.is_upload:
        return ""
    options = f" -b {run.benchmark}" if run.benchmark else ""
    options += f" --style {run.style}" if run.style else ""
    if run.results and run.has_outcomes:
        options += f" --results {shlex.quote(run.results)}"
    if _is_part(run):
        options += f" --temperature {run.temperature!r}"
    return f"lintseq diversity {shlex.quote(run.path)}{options} --first {most} --pairs {N_PAIRS}"


def _is_part(run: SampledRun) -> bool:
    return bool(run.model) and not run.traces and run.temperature is not None


def _source(name: str, run: SampledRun) -> str:
    if run.traces:
        options = ""
        if name.endswith(SHIPS):
            known = {key: str(TRACES / f"{key}.jsonl") for key in ("problems", "results")}
            options = "".join(f", {key}={path!r}" for key, path in known.items())
        paths = trace_paths(run, shipped=name.endswith(SHIPS))
        return f"read_trace_runs({paths!r}{options})[{name.removesuffix(SHIPS)!r}]"
    options = f", results={run.results!r}" if run.results else ""
    options += f", benchmark={run.benchmark!r}" if run.benchmark else ""
    options += f", style={run.style!r}" if run.style else ""
    if run.model:
        options += f", temperature={run.temperature!r}"
    options += ", tests='base'" if run.suite == "base" else ""
    options += f", scorer={run.scorer!r}" if run.scorer else ""
    return f"read_run({(run.name if run.is_upload else run.path)!r}{options})"
