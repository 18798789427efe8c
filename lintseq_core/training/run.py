"""A whole training run: data, model, feed, loop.

Decides which examples there are and in how many steps they come; `loop` then takes the steps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.edits.formats import UNIFIED, EditFormatName
from lintseq_core.models.adapters import add_adapter
from lintseq_core.models.devices import n_processes
from lintseq_core.models.extra import require_extra
from lintseq_core.models.loaded import EDIT_FORMAT
from lintseq_core.models.tokens import set_chat
from lintseq_core.training.config import DataChoice, Execution, Optimization
from lintseq_core.training.encode import Encoded, EncodingCounts, fit_examples
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.examples import Example, read_examples
from lintseq_core.training.feed import Feed, ShuffledFeed
from lintseq_core.training.metrics_log import StepMetrics
from lintseq_core.training.packing import PassSize

if TYPE_CHECKING:
    from lintseq_core.models.loaded import LoadedModel, ModelOutline
    from lintseq_core.training.loop import TrainingOutcome


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that is ready to start."""

    feed: Feed
    settings: dict[str, Any]
    """Everything that losses depend on."""
    counts: EncodingCounts
    programs: int
    epochs: int | None
    """None where steps or a budget of tokens say how long it is."""
    pass_size: PassSize
    """Of the first step; no later pass is larger but by chance."""
    edit_format: EditFormatName | None = None
    """What the model learns to write edits in; None: it learns whole programs."""
    in_chat: bool = False
    """Whether it is asked through its chat template."""
    held_out: tuple[Encoded, ...] = ()
    """Not trained on."""


def plan_fine_tuning(
    paths: Sequence[Path],
    loaded: LoadedModel | ModelOutline,
    *,
    data: DataChoice,
    optimization: Optimization,
    execution: Execution,
) -> Plan:
    """Read and encode the data sets at `paths`; what a run on them will do.

    Settles whether the tokenizer of `loaded` asks through its chat template.
    """
    if execution.patience is not None and data.held_out is None:
        raise TrainingError(
            f"patience {execution.patience}: there is no held-out loss to wait for; keep programs "
            "apart with --held-out 0.05, or name a data set: --held-out FILE"
        )
    if optimization.max_length > loaded.context_length:
        raise TrainingError(
            f"max_length {optimization.max_length} is over the {loaded.context_length} tokens "
            f"that {loaded.name} can read; lower it"
        )
    set_chat(loaded.tokenizer, loaded.name, data.in_chat)
    programs: set[tuple[str, str]] = set()
    n_examples = 0
    apart: list[Example] = []

    def noted() -> Iterator[Example]:
        nonlocal n_examples
        for example in _examples(paths, data):
            if isinstance(data.held_out, float) and _is_held_out(example, data.held_out):
                apart.append(example)
                continue
            programs.add((example.instruction, example.program_id))
            n_examples += 1
            yield example

    limits: dict[str, Any] = {"max_length": optimization.max_length, "too_long": data.too_long}
    examples, counts = fit_examples(noted(), loaded.encoder, **limits)
    held_out: list[Encoded] = []
    if isinstance(data.held_out, str):
        apart += _examples([Path(data.held_out)], data)
    if data.held_out is not None:
        if not apart:
            raise TrainingError(
                f"held out: {data.held_out} leaves no program of {len(programs)} apart; give a "
                "larger share, or the path of a data set"
            )
        held_out, _ = fit_examples(apart, loaded.encoder, **limits)
    epochs = data.epochs_for(n_examples / len(programs))
    feed = ShuffledFeed(
        examples,
        batch_size=optimization.batch_size,
        epochs=epochs,
        seed=optimization.seed,
        packed_length=optimization.max_length if execution.packing else None,
        token_budget=data.token_budget,
        n_steps=data.steps,
    )
    settings = {"kind": "fine-tuning", "model": loaded.name, "revision": loaded.revision}
    settings |= data.losses_depend_on() | optimization.losses_depend_on()
    edit_format = None if data.target == "whole" else data.edit_format or UNIFIED
    ends_elsewhere = data.steps is not None or data.token_budget is not None
    shown = None if ends_elsewhere else epochs
    longest = max(len(example.ids) for example in examples)
    size = _pass_size(feed, execution.micro_batch, longest)
    return Plan(
        feed, settings, counts, len(programs), shown, size, edit_format, data.in_chat,
        tuple(held_out),
    )  # fmt: skip


def _examples(paths: Sequence[Path], data: DataChoice) -> Iterator[Example]:
    for path in paths:
        yield from read_examples(
            path,
            data.target,
            one_per_program=data.match == "examples",
            edit_format=data.edit_format,
        )


def _is_held_out(example: Example, share: float) -> bool:
    """Decided by the program and its instruction alone, so that runs of any kind agree on it."""
    key = f"{example.instruction}\0{example.program_id}"
    return int(hashlib.sha256(key.encode()).hexdigest()[:12], 16) < share * 16**12


def _pass_size(feed: Feed, micro_batch: int, longest: int) -> PassSize:
    first = next(feed.steps(0)).rows
    rows = min(micro_batch, -(-len(first) // n_processes()))
    packed = max(sum(len(example.ids) for example in row) for row in first)
    return PassSize(rows, max(packed, longest))


def run_plan(
    plan: Plan,
    loaded: LoadedModel,
    output: Path,
    *,
    optimization: Optimization,
    execution: Execution,
    on_step: Callable[[StepMetrics], None] = lambda _: None,
) -> TrainingOutcome:
    """Train as planned, or go on where an earlier command stopped."""
    require_extra("torch", "accelerate")
    from lintseq_core.training.loop import train

    setattr(loaded.model.config, EDIT_FORMAT, plan.edit_format)
    set_chat(loaded.tokenizer, loaded.name, plan.in_chat)
    if optimization.lora_rank is not None:
        loaded = add_adapter(loaded, rank=optimization.lora_rank, seed=optimization.seed)
    return train(
        loaded,
        plan.feed,
        output,
        optimization=optimization,
        execution=execution,
        settings=plan.settings,
        held_out=plan.held_out,
        on_step=on_step,
    )
