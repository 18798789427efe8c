"""The two adapters of SmolLM2-135M that ship, and what they write for the problems that ship.

    python -m lintseq_core.experiments.shipped_adapters --mined mined.jsonl -o runs/shipped

One writes edits, its twin whole programs: same instructions, same steps. Trained on data whose
licences allow it: MBPP (CC BY 4.0) and functions of packages under permissive licences. Run in a
checkout: adapters go to assets/adapters, what they write to assets/generations.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lintseq_core.data.files import whole_file
from lintseq_core.experiments.shipped_report import write_report
from lintseq_core.experiments.shipped_settings import ADAPTERS, N_TRACED, NAME, SETTINGS
from lintseq_core.experiments.shipped_well_formed import (
    WellFormed,
    held_out,
    measure_well_formed,
)
from lintseq_core.experiments.small_models import command_of, run_as_module, run_settings
from lintseq_core.experiments.small_models_arms import Command, Layout, run_commands
from lintseq_core.json_text import json_text
from lintseq_core.models.adapters import compact_adapter

N_HELD_OUT = 100


def sampling_commands(generations: Path, work: Path, device: str) -> Iterator[Command]:
    """Samples of both adapters for the problems that ship: programs of 20, every step of four."""
    values = ["--temperature", "0.8", "--top-p", f"{SETTINGS.top_p:g}", "--seed", "1"]
    values += ["--max-tokens", str(SETTINGS.max_tokens), "--device", device]
    for arm, name in ADAPTERS.items():
        way = ["--stepwise"] if arm == "lintseq" else []
        asked = ["generate", "-b", "basics", "--model", name, *way, *values]
        traced = generations / "traces" / name
        arguments = [*asked, "-n", str(N_TRACED), "-o", str(traced), "--allow-execution"]
        yield Command("sample", (*arguments,), traced / "samples.jsonl")
        many = work / name
        arguments = [*asked, "-n", str(SETTINGS.n_samples), "-o", str(many)]
        yield Command("sample", (*arguments,), many / "samples.jsonl")
        results = generations / f"{name}.jsonl"
        arguments = ["evaluate", str(many / "samples.jsonl"), "-b", "basics", "-o", str(results)]
        yield Command("evaluate", (*arguments, "--allow-execution", "--each-test"), results)


def main(
    mined: Annotated[Path, typer.Option(help="Rows of 'lintseq dataset mine'.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the work.")],
    assets: Annotated[Path, typer.Option(help="Where adapters and generations go.")] = Path(
        "assets"
    ),
    device: Annotated[str, typer.Option(help="auto, cpu, cuda.")] = "auto",
    n_held_out: Annotated[
        int, typer.Option("--held-out", min=0, help="Instructions to answer greedily; 0: none.")
    ] = N_HELD_OUT,
) -> None:
    """Train both adapters, sample from them, measure; it goes on where it was stopped."""
    layout, command = Layout(output), command_of(NAME)
    run_settings(
        NAME, "cpu", SETTINGS, output,
        command=command, mined=mined, stages=("data", "train"), device=device,
    )  # fmt: skip
    for arm in SETTINGS.arms:
        target = assets / "adapters" / ADAPTERS[arm.name]
        if not (target / "adapter_model.safetensors").exists():
            compact_adapter(layout.run(arm, arm.seeds[0]) / "model", target)
    generations = assets / "generations"
    work = output / "samples"
    run_commands(sampling_commands(generations, work, device), output)
    (generations / "samples").mkdir(exist_ok=True)
    for name in ADAPTERS.values():
        shutil.copyfile(work / name / "samples.jsonl", generations / "samples" / f"{name}.jsonl")
    path = output / "well_formed.json"
    if n_held_out and not path.exists():
        asked = held_out(mined, layout.instructions, n_held_out)
        measured = measure_well_formed(ADAPTERS["lintseq"], asked, device=device)
        with whole_file(path) as file:
            file.write((json_text(asdict(measured), indent=1) + "\n").encode())
    known = path.exists()
    found = WellFormed(**json.loads(path.read_text(encoding="utf-8"))) if known else None
    write_report(found, layout, assets, work, command=command)


if __name__ == "__main__":
    run_as_module(main, NAME)
