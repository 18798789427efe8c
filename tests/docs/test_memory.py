"""Every training command that notebooks and docs print fits the machine that it is for."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from typer.main import get_command

from lintseq_core.cli import app
from lintseq_core.experiments.paper_runs import LARGE, SMALL, pretraining_plans, tuning_plans
from lintseq_core.models.presets import find_preset, preset_config
from lintseq_core.training.config import PRETRAINING, Execution
from lintseq_core.training.memory import CUDA_CONTEXT, GB, MemoryEstimate, estimate_memory
from lintseq_core.training.packing import PassSize
from tests.docs.pages import ROOT

tuning: Any = import_module("lintseq_core.cli.train")
H100, LAPTOP = 80 * GB, 16 * GB
"""The GPU that plans count hours of, and docs name; and what a command without a GPU is for."""
PAGES = sorted((ROOT / "docs").glob("*.md")) + [ROOT / "README.md"]


@dataclass(frozen=True, slots=True)
class Printed:
    """A training command, and where it is meant to run."""

    command: str
    n_gpus: int
    """0: a laptop."""
    is_sharded: bool


def printed() -> list[Printed]:
    """Every one of the plans that notebooks show, and of the pages; each once."""
    every = [*LARGE, *SMALL, "smollm2-135m"]
    plans = [*tuning_plans(every, ("whole", "lintseq", "randseq")), *pretraining_plans()]
    lines = [(plan.command, plan.gpus) for plan in plans]
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        blocks = re.findall(r"^ *```[a-z]*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
        on_gpu = int(page.name in ("gpu.md", "cluster.md"))
        lines += [(line, on_gpu) for line in "".join(blocks).splitlines()]
    found = {}
    for line, gpus in lines:
        match = re.search(r"lintseq(?:_core)? ((?:train|pretrain) .*)", line.partition(" #")[0])
        if match is None or "--show" in line or "--dry-run" in line:
            continue
        told = re.search(r"(?:--nproc-per-node|--num_processes) (\d+)", line)
        n_gpus = int(told[1]) if told else gpus
        found[match[1], n_gpus] = Printed(match[1], n_gpus, "accelerate launch" in line)
    return list(found.values())


def _group(kind: Any, params: dict[str, Any]) -> Any:
    return kind(**{field.name: params[field.name] for field in fields(kind)})


def estimate_of(one: Printed) -> tuple[Any, ...]:
    """What `estimate` takes, as the command itself reads its options."""
    name, *words = shlex.split(one.command)
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    params = command.make_context(name, words).params
    device = "cuda" if one.n_gpus else "cpu"
    precision = params["precision"] or ("bf16" if one.n_gpus else "float32")
    if name == "train":
        run = _group(tuning._Run, params | {"device": device})
        optimization, execution = tuning._configured(
            params["model"], _group(tuning._Examples, params), _group(tuning._Values, params), run
        )
    else:
        optimization = PRETRAINING
        execution = Execution(params["micro_batch"], device=device,
                              gradient_checkpointing=params["gradient_checkpointing"])  # fmt: skip
    shape = (
        params["model"], execution.micro_batch, optimization.max_length, precision,
        optimization.optimizer, optimization.lora_rank, execution.gradient_checkpointing,
        one.n_gpus if one.is_sharded else None,
    )  # fmt: skip
    return shape


@cache
def estimate(
    model: str, rows: int, width: int, precision: Any, optimizer: Any, lora: int | None,
    again: bool, n_shards: int | None,
) -> MemoryEstimate:  # fmt: skip
    preset = find_preset(model)
    assert preset is not None, f"{model}: give the printed command a model of the presets"
    values = replace(PRETRAINING, precision=precision, optimizer=optimizer, lora_rank=lora)
    return estimate_memory(
        preset_config(preset), PassSize(rows, width), optimization=values,
        execution=Execution(rows, gradient_checkpointing=again), n_shards=n_shards,
    )  # fmt: skip


def table(commands: list[Printed]) -> list[tuple[str, float, float]]:
    """Command, estimated GB, GB of the machine."""
    rows = []
    for one in commands:
        total = estimate(*estimate_of(one)).total + (CUDA_CONTEXT if one.n_gpus else 0)
        rows.append((one.command, total / GB, (H100 if one.n_gpus else LAPTOP) / GB))
    return rows


def shown(rows: list[tuple[str, float, float]]) -> str:
    return "\n".join(f"{need:6.1f} of {has:.0f} GB  {command}" for command, need, has in rows)


def test_the_commands_are_found() -> None:
    models = {estimate_of(one)[0] for one in printed()}
    assert {*LARGE, *SMALL, "smollm2-135m", "tiny", "pocket"} <= models
    assert {one.is_sharded for one in printed()} == {True, False}


@pytest.mark.full
def test_every_printed_training_command_fits_its_machine() -> None:
    rows = table(printed())
    print(shown(rows))
    assert [row for row in rows if row[1] > row[2]] == [], shown(rows)
