"""`lintseq pretrain`: a model from nothing, on text and code."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import typer

from lintseq_core.cli.options import (
    ClipOption,
    DeviceOption,
    KeepOption,
    LeastRateOption,
    OptionGroup,
    PrecisionOption,
    RecomputeOption,
    ScheduleOption,
    WeightDecayOption,
    given,
    grouped,
)
from lintseq_core.cli.shell import Progress, note
from lintseq_core.errors import LintSeqError

if TYPE_CHECKING:
    from lintseq_core.models.presets import Preset
    from lintseq_core.training.pretraining import TextSource


@dataclass(frozen=True, slots=True)
class _Values(OptionGroup):
    panel: ClassVar = "Optimization"

    learning_rate: Annotated[float, typer.Option("--lr", help="Learning rate at its peak.")] = 3e-4
    batch_size: Annotated[int, typer.Option(min=1, help="Blocks a step.")] = 512
    max_length: Annotated[int, typer.Option(min=2, help="Tokens a block.")] = 1024
    schedule: ScheduleOption = None
    warmup_steps: Annotated[int, typer.Option(min=0, help="From rate 0 to the peak.")] = 100
    least_learning_rate: LeastRateOption = None
    weight_decay: WeightDecayOption = None
    max_grad_norm: ClipOption = None
    optimizer: Annotated[
        Literal["adamw", "muon"],
        typer.Option("--optim", help="muon: hidden matrices by Muon, the rest by AdamW."),
    ] = "adamw"
    precision: PrecisionOption = None
    seed: Annotated[int, typer.Option(help="Of the first weights.")] = 42


@dataclass(frozen=True, slots=True)
class _Run(OptionGroup):
    panel: ClassVar = "Run"

    micro_batch: Annotated[
        int, typer.Option(min=1, help="Blocks a pass: lower it if memory runs out.")
    ] = 16
    gradient_checkpointing: RecomputeOption = False
    device: DeviceOption = "auto"
    save_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 1000
    keep_checkpoints: KeepOption = None


@grouped
def pretrain(
    texts: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE[:SHARE]...", help="Documents, .jsonl[.gz] or .parquet; tokens by shares."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", help="Folder for the model.")
    ],
    tokens: Annotated[int, typer.Option(min=1, help="How many to train on (paper: 72 billion).")],
    model: Annotated[
        Literal["tiny", "tinycodelm-3m", "tinycodelm-150m", "tinycodelm-400m"],
        typer.Option(help="The shape."),
    ] = "tinycodelm-150m",
    tokenizer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Folder or Hub name; 'tiny' and 'tinycodelm-3m' have their own."
        ),
    ] = None,
    field: Annotated[
        str | None,
        typer.Option(help="Where a row has its text.", show_default="text, content, code, ..."),
    ] = None,
    *,
    values: _Values,
    run: _Run,
) -> None:
    """Pre-train a model from nothing on text and code, as TinyCodeLM was.

    Documents are joined with an end marker between them and cut into blocks. A
    run that was stopped goes on when its command is repeated; over several GPUs
    start it with torchrun, as 'lintseq train'.

    \b
    lintseq pretrain web.jsonl.gz:10.4 python.parquet:61.8 -o runs/150m \\
        --tokens 72000000000 --tokenizer allenai/OLMo-1B-hf
    """
    from lintseq_core.models.extra import quiet_progress, require_extra

    require_extra("torch", "transformers", "accelerate")
    quiet_progress()
    from lintseq_core.models.devices import choose_device, is_main_process
    from lintseq_core.models.load import fresh_model, fresh_outline
    from lintseq_core.models.presets import find_preset
    from lintseq_core.training.config import PRETRAINING, Execution
    from lintseq_core.training.loop import train
    from lintseq_core.training.memory import require_room
    from lintseq_core.training.packing import PassSize
    from lintseq_core.training.pretraining import plan_pretraining

    execution = Execution(**asdict(run) | {"device": choose_device(run.device)})
    precision = values.precision or ("float32" if execution.device == "cpu" else "bf16")
    optimization = replace(PRETRAINING, **given(**asdict(values) | {"precision": precision}))
    preset = find_preset(model)
    assert preset is not None
    known = _tokenizer(preset, tokenizer)
    if known is not None:
        size = PassSize(execution.micro_batch, optimization.max_length)
        require_room(fresh_outline(preset, known), size, optimization, execution)
    loaded = fresh_model(
        preset,
        known,
        dtype="float64" if precision == "float64" else "float32",
        seed=values.seed,
    )
    sources = [_source(text, field) for text in texts]
    feed, settings = plan_pretraining(sources, loaded, n_tokens=tokens, optimization=optimization)
    if is_main_process():
        note(f"{feed.total_steps:,} steps of {values.batch_size * values.max_length:,} tokens")
    with Progress() as progress:
        outcome = train(
            loaded,
            feed,
            output,
            optimization=optimization,
            execution=execution,
            settings=settings,
            on_step=lambda m: progress.show(
                f"step {m.step:,} of {m.total_steps:,}, loss {m.loss:.4f}, "
                f"{m.tokens_per_s:,.0f} tokens/s"
            ),
        )
    if is_main_process():
        print(outcome.model_folder)


def _tokenizer(preset: Preset, name: str | None) -> Any:
    """The tokenizer called `name`; None for a model that has one of its own."""
    if preset.origin == "built in":
        if name is not None:
            raise typer.BadParameter(f"{preset.name} has one of its own", param_hint="--tokenizer")
        return None
    if name is None:
        raise typer.BadParameter("Missing option '--tokenizer': any model's folder or Hub name.")
    from lintseq_core.models.load import load_tokenizer

    return load_tokenizer(name, name)


def _source(text: str, field: str | None) -> TextSource:
    from lintseq_core.training.pretraining import TextSource

    name, colon, share = text.rpartition(":")
    if not colon or Path(text).exists():
        return TextSource(Path(text), field=field)
    try:
        weight = float(share)
    except ValueError:
        raise LintSeqError(
            f"{text}: {share!r} is no share; write FILE:SHARE, as a.jsonl:2"
        ) from None
    return TextSource(Path(name), weight, field)
