"""The two adapters of SmolLM2-135M that ship, and what they write for the problems that ship.

    python -m lintseq_core.experiments.shipped_adapters --mined mined.jsonl -o runs/shipped

One writes edits, its twin whole programs: same instructions, same steps. Trained on data whose
licences allow it: MBPP (CC BY 4.0) and functions of packages under permissive licences.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lintseq_core.experiments.small_models import (
    STAGES,
    Arm,
    Settings,
    StageName,
    Suite,
    command_of,
    run_as_module,
    run_settings,
)

NAME = "shipped_adapters"
SETTINGS = Settings(
    model="smollm2-135m", steps=100, batch_size=16, micro_batch=1, learning_rate=1e-3,
    precision="bf16", lora_rank=8, max_length=512, n_mined=1_500,
    max_prompt_tokens=120, max_program_tokens=150,
    arms=(Arm("lintseq", "edits"), Arm("whole", "whole")),
    suites=(Suite("basics"),),
    n_samples=20, temperatures=(0.8,), max_tokens=300,
)  # fmt: skip


def main(
    mined: Annotated[Path, typer.Option(help="Rows of 'lintseq dataset mine'.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder.")],
    stage: Annotated[
        list[str] | None, typer.Option(help=f"Only this one: {', '.join(STAGES)}.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda.")] = "auto",
) -> None:
    """Train both adapters and sample from them; the same command goes on where it was stopped."""
    wanted: tuple[StageName, ...] = tuple(one for one in STAGES if not stage or one in stage)
    run_settings(
        NAME,
        "cpu",
        SETTINGS,
        output,
        command=command_of(NAME),
        mined=mined,
        stages=wanted,
        device=device,
    )


if __name__ == "__main__":
    run_as_module(main, NAME)
