"""The code and commands that make the charts of the pass@k page elsewhere."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from dashboard.pass_at_k.runs import N_PROBLEMS, N_SAMPLES, SIMULATED, Run


def runs_code(runs: Mapping[str, Run]) -> str:
    """Python that counts `runs` into a dictionary `runs` of tallies by name."""
    rows = [f"    {name!r}: {_source(name, run)}," for name, run in runs.items()]
    return "\n".join(["runs = {", *rows, "}"])


def runs_imports(runs: Mapping[str, Run]) -> list[str]:
    """What `runs_code` needs."""
    simulated = any(name in SIMULATED for name in runs)
    counted = any(name not in SIMULATED for name in runs)
    return ["lintseq_core.results.scores.simulated simulate_run"] * simulated + [
        "lintseq_core.results.scores.counting count_results"
    ] * counted


def passk_command(runs: Mapping[str, Run], options: str) -> str:
    """`lintseq passk` for the given files among `runs`; one line for each way to read them."""
    groups: dict[str, list[str]] = {}
    for run in runs.values():
        if run.path:
            groups.setdefault(_options(run), []).append(shlex.quote(run.path))
    return "\n".join(
        f"lintseq passk {' '.join(paths)} {options}{how}" for how, paths in groups.items()
    )


def compare_command(a: Run, b: Run, ks: Sequence[int]) -> str:
    """`lintseq passk --compare`; "" unless both are given files that are read in one way."""
    if not (a.path and b.path) or _options(a) != _options(b):
        return ""
    paths = f"{shlex.quote(a.path)} {shlex.quote(b.path)}"
    return f"lintseq passk --compare {paths} --k {','.join(map(str, ks))}{_options(a)}"


def _options(run: Run) -> str:
    is_named = run.is_part and run.temperature is not None
    options = f" --temperature {run.temperature!r}" if is_named else ""
    options += " --tests base" if run.tests == "base" else ""
    return options + (f" --scorer {shlex.quote(run.scorer)}" if run.scorer else "")


def _source(name: str, run: Run) -> str:
    if name in SIMULATED:
        values = ", ".join(f"{key}={value!r}" for key, value in SIMULATED[name].items())
        size = f"n_problems={N_PROBLEMS}, n_samples={N_SAMPLES}"
        return f"simulate_run({name!r}, {values}, {size}).tally"
    options = f", temperature={run.temperature!r}" if run.is_part else ""
    options += f", tests={run.tests!r}" if run.tests == "base" else ""
    options += f", scorer={run.scorer!r}" if run.scorer else ""
    return f"count_results({(run.path or run.file)!r}{options})"
