"""The table of notebooks/README.md, from records and measured times."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lintseq_core.experiments.experiment import Recorded, recorded_results
from lintseq_core.experiments.profiles import PROFILES

EXPERIMENTS = {
    "01_algorithm": "algorithm",
    "02_edit_data": "edit_data",
    "03_pretraining": "pretraining",
    "04_instruction_tuning": "instruction_tuning",
    "05_pass_at_1": "pass_at_1",
    "06_test_time_scaling": "test_time_scaling",
    "07_small_models": "small_models",
    "08_linter_ablation": "linter_ablation",
    "09_diversity": "diversity",
    "10_sampling": "sampling",
    "11_pocket": "pocket",
}
ANSWERED_BY_07 = (
    "instruction_tuning", "pass_at_1", "test_time_scaling", "linter_ablation", "diversity",
    "sampling",
)  # fmt: skip
"""Their claims are judged by the arms of 07 too, at its sizes."""
_MODULES = {"pocket": "lintseq_core.experiments.pocket.study"}
"""Where the sizes of an experiment are that is a folder."""
START, END = "<!-- table: written by make.py -->", "<!-- end of table -->"


def write_readme(folder: Path, timings: Mapping[str, Any]) -> None:
    """Put the table between its marks in README.md."""
    path = folder / "README.md"
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(START)
    _, after = rest.split(END)
    path.write_text(f"{before}{START}\n{table(folder, timings)}\n{END}{after}", encoding="utf-8")


def table(folder: Path, timings: Mapping[str, Any]) -> str:
    """One row an experiment and profile: command, time, hardware, record, verdicts."""
    rows = [
        "| notebook | profile | command | time | hardware | record | do the claims hold? |",
        "|---|---|---|---|---|---|---|",
    ]
    for notebook, name in EXPERIMENTS.items():
        if not (folder / f"{notebook}.py").is_file():
            continue
        known = {found.profile: found for found in recorded_results(name)}
        module = importlib.import_module(_MODULES.get(name, f"lintseq_core.experiments.{name}"))
        sizes = module.EXPERIMENT.configs if hasattr(module, "EXPERIMENT") else module.PROFILES
        for profile in PROFILES:
            if profile not in sizes:
                continue
            rows.append(_row(notebook, name, profile, timings, known.get(profile)))
    return "\n".join(rows)


def _row(
    notebook: str, name: str, profile: str, timings: Mapping[str, Any], found: Recorded | None
) -> str:
    command = f"`python -m lintseq_core.experiments.{name} --profile {profile}`"
    if name == "small_models" and profile != "smoke":
        command = command.removesuffix("`") + " --mined mined.jsonl`"
    if profile == "paper" and found is None:
        command = command.removesuffix("`") + " --dry-run`"
    time, hardware, record, verdicts = "–", "–", "–", "not run"
    if found is not None:
        device = found.record.device
        time = _duration(found.seconds)
        hardware = str(device.get("gpu") or f"{device.get('cores')} CPU cores")
        place = "/".join(found.folder.parts[-4:])
        record = f"[{found.record.created[:10]}](../{place}/record.json)"
        counts = Counter(verdict for _, verdict, _ in found.verdicts)
        verdicts = ", ".join(f"{verdict}: {n}" for verdict, n in counts.items()) or "no claim"
    elif profile == "smoke" and notebook in timings:
        time = f"{_duration(timings[notebook]['seconds'])}, the whole notebook"
        if "profile" in timings[notebook]:
            time += f" at {timings[notebook]['profile']}"
        hardware = timings[notebook]["hardware"]
        record = f"[in the notebook]({notebook}.ipynb)"
        verdicts = "see there"
    elif name in ANSWERED_BY_07 and profile == "cpu":
        record = "[of 07](../assets/results/small_models/cpu/record.json)"
        verdicts = f"not run; by the arms of 07: [in the notebook]({notebook}.ipynb)"
    elif profile == "paper":
        verdicts = "counted, not run"
    link = f"[{notebook}]({notebook}.ipynb)" if profile == "smoke" else ""
    return f"| {link} | {profile} | {command} | {time} | {hardware} | {record} | {verdicts} |"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
