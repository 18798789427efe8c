"""The code and commands that make the charts of the pass@k page elsewhere."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from passk_runs import N_PROBLEMS, N_SAMPLES, SIMULATED, Run


def runs_code(runs: Mapping[str, Run]) -> str:
    """Python that counts `runs` into a dictionary `runs` of tallies by name."""
    rows = [f"    {name!r}: {_source(name, run)}," for name, run in runs.items()]
    return "\n".join(["runs = {", *rows, "}"])


def runs_imports(runs: Mapping[str, Run]) -> list[str]:
    """What `runs_code` needs."""
    simulated = any(name in SIMULATED for name in runs)
    counted = any(name not in SIMULATED for name in runs)
    return ["lintseq_core.results.simulated simulate_run"] * simulated + [
        "lintseq_core.results.counting count_results"
    ] * counted


def passk_command(runs: Mapping[str, Run], options: str) -> str:
    """`lintseq passk` for the given files among `runs`; one line for each temperature."""
    groups: dict[str, list[str]] = {}
    for run in runs.values():
        if run.path:
            groups.setdefault(_temperature(run), []).append(shlex.quote(run.path))
    return "\n".join(
        f"lintseq passk {' '.join(paths)} {options}{temperature}"
        for temperature, paths in groups.items()
    )


def compare_command(a: Run, b: Run, ks: Sequence[int]) -> str:
    """`lintseq passk --compare`; "" unless both are given files whole or at one temperature."""
    if not (a.path and b.path) or _temperature(a) != _temperature(b):
        return ""
    paths = f"{shlex.quote(a.path)} {shlex.quote(b.path)}"
    return f"lintseq passk --compare {paths} --k {','.join(map(str, ks))}{_temperature(a)}"


def _temperature(run: Run) -> str:
    is_named = run.is_part and run.temperature is not None
    return f" --temperature {run.temperature!r}" if is_named else ""


def _source(name: str, run: Run) -> str:
    if name in SIMULATED:
        values = ", ".join(f"{key}={value!r}" for key, value in SIMULATED[name].items())
        size = f"n_problems={N_PROBLEMS}, n_samples={N_SAMPLES}"
        return f"simulate_run({name!r}, {values}, {size}).tally"
    temperature = f", temperature={run.temperature!r}" if run.is_part else ""
    return f"count_results({(run.path or run.file)!r}{temperature})"
