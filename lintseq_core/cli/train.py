"""`lintseq train`: teach a model to write edits, or whole programs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lintseq_core.cli.progress import Progress
from lintseq_core.cli.source import note

if TYPE_CHECKING:
    from lintseq_core.models.load import LoadedModel
    from lintseq_core.training.config import Execution, Optimization
    from lintseq_core.training.metrics_log import StepMetrics
    from lintseq_core.training.run import Plan


def train(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="DATA...", help="Data sets of 'lintseq dataset build', any layout."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="Folder for model and metrics.jsonl."),
    ] = None,
    model: Annotated[
        str, typer.Option(help="A name of 'lintseq models list', a folder, a Hub name.")
    ] = "tiny",
    preset: Annotated[
        str | None,
        typer.Option(help="Take the paper's values for this model.  [default: of --model]"),
    ] = None,
    target: Annotated[
        Literal["edits", "whole"], typer.Option(help="What to write; whole is the baseline.")
    ] = "edits",
    match: Annotated[
        Literal["steps", "examples", "tokens"],
        typer.Option(help="What runs on edits and on programs have in common; see below."),
    ] = "steps",
    token_budget: Annotated[
        int | None, typer.Option(min=1, help="Trained tokens to end at, with --match tokens.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="[default: 10, or 10 / sequences per program]")
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option("--learning-rate", "--lr", help="At its peak.  [default: of the preset]"),
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Examples a step.  [default: 512]")
    ] = None,
    micro_batch: Annotated[
        int | None, typer.Option(min=1, help="Rows a forward pass; lower it if memory runs out.")
    ] = None,
    max_length: Annotated[
        int | None, typer.Option(min=2, help="Tokens an example.  [default: 1024]")
    ] = None,
    too_long: Annotated[
        Literal["truncate", "drop"], typer.Option(help="What to do with longer ones.")
    ] = "truncate",
    packing: Annotated[
        bool,
        typer.Option("--packing/--padding", help="The losses are the same; packing is faster."),
    ] = True,
    precision: Annotated[
        Literal["bf16", "float32", "float64"] | None,
        typer.Option(help="[default: bf16; float32 on a CPU]"),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 ...")] = "auto",
    seed: Annotated[int, typer.Option(help="Of the order of examples, and of dropout.")] = 42,
    max_steps: Annotated[
        int | None, typer.Option(min=1, help="End early; the same command without it goes on.")
    ] = None,
    save_every: Annotated[
        int | None, typer.Option(min=1, help="Steps between checkpoints.  [default: an epoch]")
    ] = None,
    tracker: Annotated[
        Literal["none", "trackio", "wandb", "tensorboard"],
        typer.Option(help="Beside metrics.jsonl."),
    ] = "none",
    show: Annotated[
        int, typer.Option(min=0, metavar="N", help="Only print N examples, token by token.")
    ] = 0,
) -> None:
    """Fine-tune a model, with the paper's values for it unless told otherwise.

    A run that was stopped goes on where it was when its command is repeated. Over several GPUs:
    torchrun --nproc-per-node 4 -m lintseq_core train ...; losses do not change.

    --match steps (the paper): 10 epochs of programs, 10 / s of s sequences each. --match examples:
    one sequence of each program. --match tokens: up to --token-budget trained tokens.

    \b
    lintseq train edits.jsonl -o runs/edits --model smollm2-135m
    lintseq train edits.jsonl -o runs/whole --model smollm2-135m --target whole
    lintseq train edits.jsonl --show 2
    """
    if output is None and not show:
        raise typer.BadParameter("Missing option '--output' / '-o'.")
    from lintseq_core.models.presets import quiet_progress

    quiet_progress()  # and, before anything needs it, an error that names the extra 'train'
    from lintseq_core.models.devices import choose_device, is_main_process
    from lintseq_core.models.load import load_model
    from lintseq_core.training.config import DataChoice
    from lintseq_core.training.run import plan_fine_tuning, run_plan
    from lintseq_core.training.trackers import check_tracker

    check_tracker(tracker)
    device = choose_device(device)
    values = _values(preset or model, learning_rate)
    given = {"batch_size": batch_size, "max_length": max_length}
    optimization = replace(
        values[0],
        **{name: value for name, value in given.items() if value is not None},
        precision=precision or ("float32" if device == "cpu" else "bf16"),
        seed=seed,
        max_steps=max_steps,
    )
    execution = replace(
        values[1],
        micro_batch=micro_batch or values[1].micro_batch,
        packing=packing,
        device=device,
        save_every=save_every,
        tracker=tracker,
    )
    choice = DataChoice(
        target=target, too_long=too_long, match=match, token_budget=token_budget, epochs=epochs
    )
    loaded = load_model(
        model, dtype="float64" if optimization.precision == "float64" else "float32"
    )
    if show:
        _show(data, loaded, target, show)
        return
    assert output is not None
    plan = plan_fine_tuning(
        data, loaded, data=choice, optimization=optimization, execution=execution
    )
    speaks = is_main_process()
    if speaks:
        note(_plan_line(plan, optimization))
    with Progress() as progress:
        outcome = run_plan(
            plan,
            loaded,
            output,
            optimization=optimization,
            execution=execution,
            on_step=lambda metrics: progress.show(_progress_line(metrics)),
        )
    if not speaks:
        return
    if outcome.last is None:
        note(f"{output}: all {outcome.steps} steps were done already")
    else:
        since = f", {outcome.resumed_from:,} before" if outcome.resumed_from else ""
        of = f"step {outcome.steps:,} of {outcome.last.total_steps:,}{since}"
        note(f"{of}: loss {outcome.last.loss:.4f} a token")
        print(outcome.model_folder)


def _values(name: str, learning_rate: float | None) -> tuple[Optimization, Execution]:
    from lintseq_core.training.config import Execution, Optimization, fine_tuning_preset
    from lintseq_core.training.errors import TrainingError

    try:
        known = fine_tuning_preset(name)
    except TrainingError:
        if learning_rate is None:
            raise
        return Optimization(learning_rate), Execution()
    optimization = known.optimization()
    if learning_rate is not None:
        optimization = replace(optimization, learning_rate=learning_rate)
    return optimization, known.execution()


def _show(data: list[Path], loaded: LoadedModel, target: Literal["edits", "whole"], n: int) -> None:
    import itertools

    from rich.console import Console

    from lintseq_core.training.encode import encode_examples
    from lintseq_core.training.examples import read_examples
    from lintseq_core.training.view import token_view

    rows = itertools.chain.from_iterable(read_examples(path, target) for path in data)
    special = frozenset((loaded.encoder.diff_id, loaded.encoder.eos_id))
    console = Console()
    for example in encode_examples(itertools.islice(rows, n), loaded.encoder):
        console.print(token_view(example, loaded.tokenizer, special), soft_wrap=True)
        console.print(f"{example.n_trained()} of {len(example.ids)} tokens are trained on\n")


def _plan_line(plan: Plan, optimization: Optimization) -> str:
    counts = plan.counts
    long = f", {counts.too_long:,} too long" if counts.too_long else ""
    lost = (
        f", {counts.nothing_to_learn:,} without room for an answer"
        if (counts.nothing_to_learn)
        else ""
    )
    return (
        f"{counts.examples:,} examples of {plan.programs:,} programs{long}{lost}; "
        f"{counts.trained_tokens:,} of {counts.tokens:,} tokens trained on; "
        f"{plan.feed.total_steps:,} steps of {optimization.batch_size} in {plan.epochs} epochs, "
        f"learning rate {optimization.learning_rate:g}"
    )


def _progress_line(metrics: StepMetrics) -> str:
    left = (metrics.total_steps - metrics.step) * metrics.seconds
    return (
        f"step {metrics.step:,} of {metrics.total_steps:,}, loss {metrics.loss:.4f}, "
        f"{metrics.tokens_per_s:,.0f} tokens/s, {left:,.0f} s left"
    )
