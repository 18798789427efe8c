"""`lintseq pretrain`: a model from nothing, on text and code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lintseq_core.cli.progress import Progress
from lintseq_core.cli.source import note
from lintseq_core.errors import LintSeqError

if TYPE_CHECKING:
    from lintseq_core.training.pretraining import TextSource


_VALUES = "Optimization"
_RUN = "Run"


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
    learning_rate: Annotated[
        float,
        typer.Option("--lr", help="Learning rate at its peak.", rich_help_panel=_VALUES),
    ] = 3e-4,
    batch_size: Annotated[
        int, typer.Option(min=1, help="Blocks a step.", rich_help_panel=_VALUES)
    ] = 512,
    max_length: Annotated[
        int, typer.Option(min=2, help="Tokens a block.", rich_help_panel=_VALUES)
    ] = 1024,
    warmup_steps: Annotated[
        int, typer.Option(min=0, help="From rate 0 to the peak.", rich_help_panel=_VALUES)
    ] = 100,
    precision: Annotated[
        Literal["bf16", "float32", "float64"] | None,
        typer.Option(
            help="Of a pass through the model.",
            show_default="bf16; float32 on a CPU",
            rich_help_panel=_VALUES,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the first weights.", rich_help_panel=_VALUES)] = 42,
    micro_batch: Annotated[
        int,
        typer.Option(
            min=1, help="Blocks a pass: lower it if memory runs out.", rich_help_panel=_RUN
        ),
    ] = 16,
    device: Annotated[
        str, typer.Option(help="auto, cpu, cuda, cuda:1, ...", rich_help_panel=_RUN)
    ] = "auto",
    save_every: Annotated[
        int, typer.Option(min=1, help="Steps between checkpoints.", rich_help_panel=_RUN)
    ] = 1000,
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
    from lintseq_core.models.load import fresh_model, load_tokenizer
    from lintseq_core.models.presets import find_preset
    from lintseq_core.training.config import PRETRAINING, Execution
    from lintseq_core.training.loop import train
    from lintseq_core.training.pretraining import plan_pretraining

    device = choose_device(device)
    optimization = replace(
        PRETRAINING,
        learning_rate=learning_rate,
        batch_size=batch_size,
        max_length=max_length,
        warmup_steps=warmup_steps,
        precision=precision or ("float32" if device == "cpu" else "bf16"),
        seed=seed,
    )
    preset = find_preset(model)
    assert preset is not None
    loaded_tokenizer = None
    if preset.origin == "built in":
        if tokenizer is not None:
            raise typer.BadParameter(f"{model} has one of its own", param_hint="--tokenizer")
    else:
        if tokenizer is None:
            raise typer.BadParameter(
                "Missing option '--tokenizer': any model's folder or Hub name."
            )
        loaded_tokenizer = load_tokenizer(tokenizer, tokenizer)
    loaded = fresh_model(
        preset,
        loaded_tokenizer,
        dtype="float64" if optimization.precision == "float64" else "float32",
        seed=seed,
    )
    sources = [_source(text, field) for text in texts]
    feed, settings = plan_pretraining(sources, loaded, n_tokens=tokens, optimization=optimization)
    if is_main_process():
        note(f"{feed.total_steps:,} steps of {batch_size * max_length:,} tokens")
    execution = Execution(micro_batch=micro_batch, device=device, save_every=save_every)
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
