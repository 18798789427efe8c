"""`lintseq train`: teach a model to write edits, or whole programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import typer

from lintseq_core.cli.options import (
    ClipOption,
    DeviceOption,
    EditFormatName,
    KeepOption,
    LeastRateOption,
    OptionGroup,
    PrecisionOption,
    RecomputeOption,
    RevisionOption,
    ScheduleOption,
    TrustOption,
    WarmupStepsOption,
    WeightDecayOption,
    given,
    grouped,
)
from lintseq_core.cli.shell import Progress, note

if TYPE_CHECKING:
    from lintseq_core.models.load import DType
    from lintseq_core.models.loaded import LoadedModel, ModelOutline
    from lintseq_core.models.tokens import Encoder
    from lintseq_core.training.config import DataChoice, Execution, Optimization
    from lintseq_core.training.encode import TooLongPolicy
    from lintseq_core.training.metrics_log import StepMetrics
    from lintseq_core.training.run import Plan


@dataclass(frozen=True, slots=True)
class _Model(OptionGroup):
    panel: ClassVar = "Model"

    model: Annotated[
        str, typer.Option(help="From 'lintseq models list', a folder, a Hub name.")
    ] = "tiny"
    revision: RevisionOption = None
    trust_remote_code: TrustOption = False

    def hub(self) -> dict[str, Any]:
        """What the Hub is asked for beside the name."""
        return {"revision": self.revision, "trust_remote_code": self.trust_remote_code}


@dataclass(frozen=True, slots=True)
class _Examples(OptionGroup):
    panel: ClassVar = "Examples"

    target: Annotated[
        Literal["edits", "whole"], typer.Option(help="What to write; whole is the baseline.")
    ] = "edits"
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1, help="Passes over the data.", show_default="10, or 10 / sequences per program"
        ),
    ] = None
    steps: Annotated[
        int | None, typer.Option(min=1, help="Optimizer steps, in place of epochs.")
    ] = None
    match: Annotated[
        Literal["steps", "examples", "tokens"],
        typer.Option(help="What runs of both targets have in common."),
    ] = "steps"
    token_budget: Annotated[
        int | None, typer.Option(min=1, help="Trained tokens to end at (--match tokens).")
    ] = None
    max_length: Annotated[
        int | None, typer.Option(min=2, help="Tokens an example.", show_default="1024")
    ] = None
    too_long: Annotated[
        Literal["truncate", "drop"], typer.Option(help="What to do with longer ones.")
    ] = "truncate"

    held_out: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE|FILE",
            help="Programs not trained on, as 0.05 of all or a data set: their loss at each "
            "checkpoint.",
        ),
    ] = None
    in_chat: Annotated[
        bool,
        typer.Option(
            "--chat", help="Instructions in the model's chat template; it is asked so from then on."
        ),
    ] = False
    edit_format: Annotated[
        EditFormatName | None,
        typer.Option(help="How edits are written.", show_default="unified, the paper's"),
    ] = None

    def choice(self) -> DataChoice:
        """Which examples are seen, and how often; how long they may be is `Optimization`'s."""
        from lintseq_core.training.config import DataChoice

        chosen = asdict(self)
        del chosen["max_length"]
        return DataChoice(**chosen | {"held_out": _share_or_path(self.held_out)})


@dataclass(frozen=True, slots=True)
class _Values(OptionGroup):
    panel: ClassVar = "Optimization; by default the paper's values for the model"

    preset: Annotated[
        str | None, typer.Option(help="Whose values to take.", show_default="of --model")
    ] = None
    learning_rate: Annotated[
        float | None,
        typer.Option("--lr", help="Learning rate at its peak.", show_default="of the preset"),
    ] = None
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Examples a step.", show_default="512")
    ] = None
    optimizer: Annotated[
        Literal["adamw", "muon"] | None,
        typer.Option(
            "--optim",
            help="muon: hidden matrices by Muon, the rest by AdamW.",
            show_default="of the preset",
        ),
    ] = None
    schedule: ScheduleOption = None
    warmup_steps: WarmupStepsOption = None
    warmup_ratio: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Of all steps, instead.", show_default="of the preset"),
    ] = None
    least_learning_rate: LeastRateOption = None
    weight_decay: WeightDecayOption = None
    max_grad_norm: ClipOption = None
    precision: PrecisionOption = None
    lora: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="RANK",
            help="Train an adapter, a few MB; --lr 1e-3 suits it better than a preset's.",
            show_default="all weights",
        ),
    ] = None
    seed: Annotated[int, typer.Option(help="Of the order of examples, and of new weights.")] = 42


@dataclass(frozen=True, slots=True)
class _Run(OptionGroup):
    panel: ClassVar = "Run; changes no loss"

    micro_batch: Annotated[
        int | None,
        typer.Option(
            min=1, help="Rows a pass: lower it if memory runs out.", show_default="of the preset"
        ),
    ] = None
    packing: Annotated[
        bool | None,
        typer.Option(
            "--packing/--padding",
            help="Examples side by side in a row: faster, but for small models on a CPU.",
            show_default="of the preset",
        ),
    ] = None
    gradient_checkpointing: RecomputeOption = False
    device: DeviceOption = "auto"
    max_steps: Annotated[
        int | None, typer.Option(min=1, help="End early; the command without it goes on.")
    ] = None
    save_every: Annotated[
        int | None,
        typer.Option(min=1, help="Steps between checkpoints.", show_default="an epoch"),
    ] = None
    save_every_tokens: Annotated[
        int | None, typer.Option(min=1, help="Trained tokens between checkpoints, instead.")
    ] = None
    keep_checkpoints: KeepOption = None
    patience: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="End after N checkpoints without a lower held-out loss, with the best model.",
        ),
    ] = None
    tracker: Annotated[
        Literal["none", "trackio", "wandb", "tensorboard"],
        typer.Option(help="Reports beside metrics.jsonl."),
    ] = "none"


@grouped
def train(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="DATA...", help="Data sets of 'lintseq dataset build', any layout."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="Folder for model and metrics.jsonl."),
    ] = None,
    show: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="Do not train: print N examples, trained tokens in colour."
        ),
    ] = 0,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Do not train: print the steps and the memory that they take."
        ),
    ] = False,
    *,
    chosen: _Model,
    examples: _Examples,
    values: _Values,
    run: _Run,
) -> None:
    """Fine-tune a model to write edits, or whole programs as the baseline.

    A run that was stopped goes on when its command is repeated. Over GPUs,
    torchrun --nproc-per-node 4 -m lintseq_core train ... gives the same losses.

    --match says what runs on edits and on whole programs share:
    steps (the paper): 10 epochs of programs, 10 / s of s sequences each;
    examples: one sequence of each program; tokens: --token-budget of them.

    \b
    lintseq train edits.jsonl -o runs/edits --model smollm2-135m
    lintseq train edits.jsonl -o runs/whole --model smollm2-135m --target whole
    lintseq train edits.jsonl --show 2
    lintseq train edits.jsonl --model gemma-2-2b --precision bf16 --dry-run
    """
    if show:
        _show(data, _encoder(chosen, data), show, examples)
        return
    if output is None and not dry_run:
        raise typer.BadParameter("Missing option '--output' / '-o'.")
    from lintseq_core.models.devices import choose_device, is_main_process
    from lintseq_core.models.extra import quiet_progress, require_extra

    require_extra("torch", "transformers", "accelerate")
    quiet_progress()
    from lintseq_core.models.errors import ModelError
    from lintseq_core.models.presets import find_preset, preset_config
    from lintseq_core.training.memory import estimate_lines, require_room
    from lintseq_core.training.packing import PassSize
    from lintseq_core.training.run import plan_fine_tuning, run_plan
    from lintseq_core.training.trackers import check_tracker

    check_tracker(run.tracker)
    if not dry_run or run.device == "auto":  # a plan may be for another machine
        run = replace(run, device=choose_device(run.device))
    optimization, execution = _configured(chosen.model, examples, values, run)
    choice = examples.choice()
    speaks = is_main_process()
    try:
        outline = _outline(chosen, data)
    except ModelError as error:
        preset = find_preset(chosen.model)
        if not dry_run or preset is None or not preset.config:
            raise
        if speaks:
            note(f"steps are not counted: {error}")
            size = PassSize(execution.micro_batch, optimization.max_length)
            config = preset_config(preset)
            print(estimate_lines(chosen.model, config, size, optimization, execution))
        return
    plan = plan_fine_tuning(
        data, outline, data=choice, optimization=optimization, execution=execution
    )
    if speaks:
        note(_plan_line(plan, optimization, examples.too_long))
    if dry_run:
        if speaks:
            size, config = plan.pass_size, outline.config
            print(estimate_lines(chosen.model, config, size, optimization, execution))
        return
    assert output is not None
    require_room(outline, plan.pass_size, optimization, execution)
    loaded = _model(chosen, outline, _dtype(optimization), values.seed)
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
    if outcome.best is not None:
        step, loss = outcome.best
        early = "ended early; " if outcome.ended_early else ""
        note(f"{early}the model is that of step {step:,}: held-out loss {loss:.4f} a token")
    if outcome.last is not None:
        print(outcome.model_folder)


def _outline(chosen: _Model, data: list[Path]) -> ModelOutline:
    """The model to train, without weights; one without a tokenizer gets it from `data`."""
    from lintseq_core.models.load import fresh_outline, load_outline
    from lintseq_core.models.presets import find_preset
    from lintseq_core.training.task_model import task_tokenizer

    preset = find_preset(chosen.model)
    if preset is not None and preset.origin == "data":
        return fresh_outline(preset, task_tokenizer(preset, data))
    return load_outline(chosen.model, **chosen.hub())


def _model(chosen: _Model, outline: ModelOutline, dtype: DType, seed: int) -> LoadedModel:
    """The model to train; `seed` draws the weights of one that has none."""
    from lintseq_core.models.load import fresh_model, load_model
    from lintseq_core.models.presets import find_preset

    preset = find_preset(chosen.model)
    if preset is not None and preset.origin == "data":
        return fresh_model(preset, outline.tokenizer, dtype=dtype, seed=seed)
    return load_model(chosen.model, dtype=dtype, **chosen.hub())


def _encoder(chosen: _Model, data: list[Path]) -> Encoder:
    """How the model to train will write text; needs no torch where the model is built in."""
    from lintseq_core.models.load import load_encoder
    from lintseq_core.models.presets import find_preset

    preset = find_preset(chosen.model)
    if preset is not None and preset.origin == "data":
        return _outline(chosen, data).encoder
    return load_encoder(chosen.model, **chosen.hub())


def _dtype(optimization: Optimization) -> DType:
    """Of the weights: those that are trained, or belong to a model that is, keep all their bits."""
    if optimization.precision == "bf16" and optimization.lora_rank is not None:
        return "bfloat16"
    return "float64" if optimization.precision == "float64" else "float32"


def _configured(
    model: str, examples: _Examples, values: _Values, run: _Run
) -> tuple[Optimization, Execution]:
    """The values of the preset, and in their place what the command line gives."""
    if values.warmup_steps is not None and values.warmup_ratio is not None:
        raise typer.BadParameter(
            "give steps or a share of all steps, not both", param_hint="--warmup-ratio"
        )
    optimization, execution = _defaults(model, values.preset, values.learning_rate)
    if values.learning_rate is None and values.optimizer not in (None, optimization.optimizer):
        raise typer.BadParameter(
            f"the preset's learning rate is for {optimization.optimizer}: give one for "
            f"{values.optimizer} with --lr",
            param_hint="--optim",
        )
    optimization = replace(
        optimization,
        **given(
            batch_size=values.batch_size,
            max_length=examples.max_length,
            optimizer=values.optimizer,
            schedule=values.schedule,
            warmup_steps=values.warmup_steps,
            warmup_ratio=values.warmup_ratio,
            least_learning_rate=values.least_learning_rate,
            weight_decay=values.weight_decay,
            max_grad_norm=values.max_grad_norm,
        ),
        precision=values.precision or ("float32" if run.device == "cpu" else "bf16"),
        seed=values.seed,
        lora_rank=values.lora,
        max_steps=run.max_steps,
    )
    execution = replace(
        execution,
        **given(micro_batch=run.micro_batch, packing=run.packing),
        gradient_checkpointing=run.gradient_checkpointing,
        device=run.device,
        save_every=run.save_every,
        save_every_tokens=run.save_every_tokens,
        keep_checkpoints=run.keep_checkpoints,
        patience=run.patience,
        tracker=run.tracker,
    )
    return optimization, execution


def _defaults(
    model: str, preset: str | None, learning_rate: float | None
) -> tuple[Optimization, Execution]:
    from lintseq_core.training.config import Execution, Optimization, fine_tuning_preset
    from lintseq_core.training.errors import TrainingError

    try:
        known = fine_tuning_preset(preset or model)
    except TrainingError:
        if preset is not None or learning_rate is None:
            raise
        return Optimization(learning_rate), Execution()
    optimization = known.optimization()
    if learning_rate is not None:
        optimization = replace(optimization, learning_rate=learning_rate)
    return optimization, known.execution()


def _share_or_path(text: str | None) -> float | str | None:
    """ "0.05" is a share, unless there is a file of that name."""
    if text is None or Path(text).exists():
        return text
    try:
        return float(text)
    except ValueError:
        return text


def _show(data: list[Path], encoder: Encoder, n: int, asked: _Examples) -> None:
    import itertools

    from rich.console import Console

    from lintseq_core.training.config import Optimization
    from lintseq_core.training.encode import encode_examples, fit_example
    from lintseq_core.training.errors import TrainingError
    from lintseq_core.training.examples import read_examples
    from lintseq_core.training.view import coloured

    limit = asked.max_length or Optimization(learning_rate=0).max_length
    rows = itertools.chain.from_iterable(
        read_examples(
            path,
            asked.target,
            one_per_program=asked.match == "examples",
            edit_format=asked.edit_format,
        )
        for path in data
    )
    console = Console()
    shown = 0
    for row in rows:
        (example,) = encode_examples([row], encoder)
        fitted = fit_example(example, max_length=limit, too_long=asked.too_long)
        if fitted is None or fitted.n_trained() <= 0:
            continue
        cut = len(example.ids) - len(fitted.ids)
        console.print(coloured(fitted, encoder), soft_wrap=True)
        console.print(
            f"{fitted.n_trained()} of {len(fitted.ids)} tokens are trained on"
            f"{f', {cut} more are cut' if cut else ''}\n"
        )
        shown += 1
        if shown == n:
            return
    if not shown:
        raise TrainingError(
            f"no example to show: none has an answer within {limit:,} tokens; raise --max-length"
        )


def _plan_line(plan: Plan, optimization: Optimization, too_long: TooLongPolicy) -> str:
    counts = plan.counts
    done = "left out" if too_long == "drop" else "cut"
    limit = f" of over {optimization.max_length:,} tokens {done}"
    long = f", {counts.too_long:,}{limit}" if counts.too_long else ""
    lost = (
        f", {counts.nothing_to_learn:,} without room for an answer"
        if counts.nothing_to_learn
        else ""
    )
    apart = f", {len(plan.held_out):,} more held out" if plan.held_out else ""
    epochs = "" if plan.epochs is None else f" in {plan.epochs} epochs"
    return (
        f"{counts.examples:,} examples of {plan.programs:,} programs{apart}{long}{lost}; "
        f"{counts.trained_tokens:,} of {counts.tokens:,} tokens trained on; "
        f"{plan.feed.total_steps:,} steps of {optimization.batch_size}{epochs}, "
        f"learning rate {optimization.learning_rate:g}"
    )


def _progress_line(metrics: StepMetrics) -> str:
    left = (metrics.total_steps - metrics.step) * metrics.seconds
    return (
        f"step {metrics.step:,} of {metrics.total_steps:,}, loss {metrics.loss:.4f}, "
        f"{metrics.tokens_per_s:,.0f} tokens/s, {left:,.0f} s left"
    )
