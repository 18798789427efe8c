"""The code and commands that make the charts of the pass@k page elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.pass_at_k.runs import N_PROBLEMS, N_SAMPLES, SIMULATED, Run
from dashboard.shared.calls import Code, call, code
from dashboard.shared.commands import command_line
from lintseq_core.cli.passk import passk
from lintseq_core.results.scores.counting import count_results
from lintseq_core.results.scores.family import PASS_AT_K, Metric
from lintseq_core.results.scores.simulated import SimulatedRun, simulate_run


def runs_code(runs: Mapping[str, Run]) -> Code:
    """Python that counts `runs` into a dictionary `runs` of tallies by name."""
    return code("runs = {}", {name: _source(name, run) for name, run in runs.items()})


def passk_command(runs: Mapping[str, Run], **options: object) -> str:
    """`lintseq passk` for the given files among `runs`; one line for each way to read them."""
    groups: dict[tuple[tuple[str, object], ...], list[str]] = {}
    for run in runs.values():
        if run.path:
            groups.setdefault(tuple(_options(run).items()), []).append(run.path)
    return "\n".join(
        command_line(passk, results=paths, **options, **dict(how)) for how, paths in groups.items()
    )


def compare_command(a: Run, b: Run, ks: Sequence[int], metric: Metric) -> str:
    """`lintseq passk --compare`; "" unless both are given files that are read in one way."""
    if not (a.path and b.path) or _options(a) != _options(b):
        return ""
    options = {**_options(a), **metric_options(metric)}
    return command_line(passk, compare=(a.path, b.path), k=said(ks), **options)


def metric_options(metric: Metric) -> dict[str, object]:
    """What the command is told of the metric: nothing of pass@k."""
    if metric == PASS_AT_K:
        return {}
    return {"name": metric.name} | ({"tau": metric.tau} if metric.name == "g-pass@k" else {})


def told_metric(metric: Metric) -> dict[str, object]:
    """What Python is told of the metric: nothing of pass@k."""
    return {} if metric == PASS_AT_K else {"metric": metric}


def said(ks: Sequence[int]) -> str:
    """`ks` as the command takes them."""
    return ",".join(map(str, ks))


def _options(run: Run) -> dict[str, object]:
    """What the command is told of the samples that count."""
    return {
        "temperature": run.temperature if run.is_part else None,
        "tests": "base" if run.tests == "base" else None,
        "scorer": run.scorer or None,
    }


def _source(name: str, run: Run) -> Code:
    if name in SIMULATED:
        made = call(
            simulate_run, name, **SIMULATED[name], n_problems=N_PROBLEMS, n_samples=N_SAMPLES
        )
        return code("{}.{}", made, SimulatedRun.tally)
    options = {"temperature": run.temperature} if run.is_part else {}
    told = {name: value for name, value in _options(run).items() if value is not None}
    return call(count_results, run.path or run.file, **options | told)
