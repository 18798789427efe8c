"""A whole training run: data, model, feed, loop.

Decides which examples there are and in how many steps they come; `loop` then takes the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.edits.formats import UNIFIED, EditFormatName
from lintseq_core.models.adapters import add_adapter
from lintseq_core.models.extra import require_extra
from lintseq_core.models.loaded import EDIT_FORMAT
from lintseq_core.training.config import DataChoice, Execution, Optimization
from lintseq_core.training.encode import EncodingCounts, fit_examples
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.examples import Example, read_examples
from lintseq_core.training.feed import Feed, ShuffledFeed
from lintseq_core.training.metrics_log import StepMetrics

if TYPE_CHECKING:
    from lintseq_core.models.loaded import LoadedModel
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
    edit_format: EditFormatName | None = None
    """What the model learns to write edits in; None: it learns whole programs."""


def plan_fine_tuning(
    paths: Sequence[Path],
    loaded: LoadedModel,
    *,
    data: DataChoice,
    optimization: Optimization,
    execution: Execution,
) -> Plan:
    """Read and encode the data sets at `paths`; what a run on them will do."""
    if optimization.max_length > loaded.context_length:
        raise TrainingError(
            f"max_length {optimization.max_length} is over the {loaded.context_length} tokens "
            f"that {loaded.name} can read; lower it"
        )
    programs: set[tuple[str, str]] = set()
    n_examples = 0

    def noted() -> Iterator[Example]:
        nonlocal n_examples
        for path in paths:
            for example in read_examples(
                path,
                data.target,
                one_per_program=data.match == "examples",
                edit_format=data.edit_format,
            ):
                programs.add((example.instruction, example.program_id))
                n_examples += 1
                yield example

    examples, counts = fit_examples(
        noted(), loaded.encoder, max_length=optimization.max_length, too_long=data.too_long
    )
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
    settings |= asdict(data) | optimization.losses_depend_on()
    edit_format = None if data.target == "whole" else data.edit_format or UNIFIED
    if edit_format in (None, UNIFIED):
        del settings["edit_format"]  # so that runs of before there were others can go on
    ends_elsewhere = data.steps is not None or data.token_budget is not None
    shown = None if ends_elsewhere else epochs
    return Plan(feed, settings, counts, len(programs), shown, edit_format)


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
    if optimization.lora_rank is not None:
        loaded = add_adapter(loaded, rank=optimization.lora_rank, seed=optimization.seed)
    return train(
        loaded,
        plan.feed,
        output,
        optimization=optimization,
        execution=execution,
        settings=plan.settings,
        on_step=on_step,
    )
