"""What a training run is told, with the paper's values as defaults.

The paper's values are those of the authors' published scripts. Where only its text is known to
differ, or where a value is not published at all, the line says so.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from lintseq_core.edits.formats import UNIFIED, EditFormatName
from lintseq_core.training.encode import TooLongPolicy
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.examples import Target

Precision = Literal["bf16", "float32", "float64"]
"""bf16: weights and optimizer in float32, the forward and backward pass in bfloat16."""
Optimizer = Literal["adamw", "muon"]
"""muon: hidden matrices by Muon, embeddings and norms by AdamW."""
Schedule = Literal["linear", "cosine", "constant", "warmup-stable-decay"]
"""How the learning rate goes on after its warm-up; warmup-stable-decay: at its peak, then down in a
line over the last `decay_ratio` of all steps."""
Match = Literal["steps", "examples", "tokens"]
Tracker = Literal["none", "trackio", "wandb", "tensorboard"]
PAPER_EPOCHS = 10


@dataclass(frozen=True, slots=True)
class Optimization:
    """How weights are changed. Two runs with equal values and data have equal losses."""

    learning_rate: float
    batch_size: int = 512
    """Rows of examples in one optimizer step, over all processes."""
    weight_decay: float = 0.01
    warmup_ratio: float = 0.001
    """Of all steps, rounded down."""
    warmup_steps: int | None = None
    """Instead of `warmup_ratio`."""
    schedule: Schedule = "linear"
    decay_ratio: float = 0.2
    """Of all steps, in warmup-stable-decay (arXiv 2405.18392 has 0.1 to 0.2)."""
    least_learning_rate: float = 0.0
    """Where the schedule ends; a constant one does not come down."""
    max_grad_norm: float | None = None
    """Gradients of a larger norm are scaled down to it: those of the mean loss of a token, not of
    the sum that is trained on. Paper: none."""
    max_length: int = 1_024
    """Tokens of an example."""
    precision: Precision = "bf16"
    seed: int = 42
    lora_rank: int | None = None
    """Train an adapter of this rank instead of the weights. Paper: no adapter."""
    optimizer: Optimizer = "adamw"
    """Paper: AdamW."""
    max_steps: int | None = None
    """Ends the run early; the schedule stays that of the whole."""

    def losses_depend_on(self) -> dict[str, Any]:
        """The values that tell two runs apart, for a checkpoint to remember.

        Without `max_steps`: a run that ended early may go on to a later step, which changes none
        before it. A choice that came later is not named where it is the one that was there before.
        """
        values = asdict(self)
        del values["max_steps"]
        if self.schedule != "warmup-stable-decay":
            del values["decay_ratio"]
        for name, before in (("optimizer", "adamw"), ("schedule", "linear")):
            if values[name] == before:
                del values[name]
        return values


@dataclass(frozen=True, slots=True)
class Execution:
    """Where and how a run is carried out; losses do not depend on it."""

    micro_batch: int = 16
    """Rows in one forward pass of one process; gradients are summed up to the batch."""
    packing: bool = True
    """Examples side by side in a row, each blind to the others. Paper: one a row."""
    gradient_checkpointing: bool = False
    """Activations of each layer are computed again in the backward pass, not kept: a third more
    work, and a fraction of the memory."""
    device: str = "auto"
    save_every: int | None = None
    """Steps between checkpoints. None: at the end of each epoch, as in the paper."""
    keep_checkpoints: int | None = None
    """How many of the newest stay; None: all. The one of the lowest held-out loss stays too."""
    patience: int | None = None
    """Checkpoints without a lower held-out loss after which a run ends; its model is then the best
    one. None: a run ends with its steps, whatever the loss."""
    save_every_tokens: int | None = None
    """Trained tokens between checkpoints, instead: a checkpoint at the first step that reaches
    each multiple, for runs whose steps are of unlike size."""
    tracker: Tracker = "none"
    """Beside metrics.jsonl, which is always written."""

    def __post_init__(self) -> None:
        if self.save_every is not None and self.save_every_tokens is not None:
            raise TrainingError(
                "checkpoints by steps and by trained tokens: give save_every or save_every_tokens"
            )


@dataclass(frozen=True, slots=True)
class DataChoice:
    """Which examples are seen, and how often.

    `match` says what a run on edits has in common with one on whole programs:
    "steps"     the paper's: 10 epochs of programs, 10 / s of s sequences each
    "examples"  one sequence of each program, and 10 epochs of either
    "tokens"    the run ends once it has trained on `token_budget` tokens; what another run used
                stands in the last line of its metrics.jsonl
    """

    target: Target = "edits"
    too_long: TooLongPolicy = "truncate"
    match: Match = "steps"
    token_budget: int | None = None
    epochs: int | None = None
    """None: as `match` says."""
    steps: int | None = None
    """Instead of epochs: as many optimizer steps, and a schedule that ends there."""
    held_out: float | str | None = None
    """Examples that are not trained on, whose loss is told at each checkpoint: this share of all
    programs, the same ones in every run, or the data set at this path."""
    in_chat: bool = False
    """Instructions stand in the model's chat template, in training and from then on."""
    edit_format: EditFormatName | None = None
    """How edits are written; None: in the paper's format, where the data names no other."""

    def __post_init__(self) -> None:
        if [self.steps, self.epochs, self.token_budget].count(None) < 2:
            raise TrainingError(
                "steps, epochs and a token budget each say when a run ends: give one"
            )
        if isinstance(self.held_out, float) and not 0 < self.held_out < 1:
            raise TrainingError(
                f"held out: a share of {self.held_out:g}; give one between 0 and 1, as 0.05, or "
                "the path of a data set"
            )
        if self.edit_format is not None and self.target == "whole":
            raise TrainingError("an edit format is for target 'edits'")
        if (self.match == "tokens") != (self.token_budget is not None):
            raise TrainingError("match 'tokens' and token_budget go together: give both or neither")

    def losses_depend_on(self) -> dict[str, Any]:
        """As of `Optimization`."""
        values = asdict(self)
        for name, before in (("held_out", None), ("in_chat", False)):
            if values[name] == before:
                del values[name]
        if self.edit_format in (None, UNIFIED):
            del values["edit_format"]
        return values

    def epochs_for(self, sequences_per_program: float) -> int:
        """Passes over data that has this many sequences of each program."""
        if self.epochs is not None:
            return self.epochs
        share = sequences_per_program if self.target == "edits" else 1
        return max(1, round(PAPER_EPOCHS / share))


@dataclass(frozen=True, slots=True)
class FineTuningPreset:
    """The paper's fine-tuning of one model: `finetuning_scripts` of the authors' repository."""

    model: str
    learning_rate: float
    micro_batch: int
    gpus: int
    """How many the authors used; with as many processes the micro-batches are theirs."""
    source: str = "authors' fine-tuning script"
    batch_size: int = 512
    warmup_ratio: float = 0.001
    optimizer: Optimizer = "adamw"
    """The one that `learning_rate` is for."""
    packing: bool = True
    """Whether examples share rows; a small model on a CPU is faster without."""

    def optimization(self) -> Optimization:
        """Its values; linear schedule, decay 0.01, 1,024 tokens, seed 42."""
        return Optimization(
            self.learning_rate,
            batch_size=self.batch_size,
            warmup_ratio=self.warmup_ratio,
            optimizer=self.optimizer,
        )

    def execution(self) -> Execution:
        """Its micro-batch and packing; the rest as by default."""
        return replace(Execution(), micro_batch=self.micro_batch, packing=self.packing)


FINE_TUNING: tuple[FineTuningPreset, ...] = (
    FineTuningPreset("tinycodelm-150m", 3e-4, micro_batch=16, gpus=1),
    FineTuningPreset(
        "tinycodelm-3m", 3e-4, micro_batch=16, gpus=0,
        source="not in the paper: as TinyCodeLM-150M",
    ),
    FineTuningPreset("tinycodelm-400m", 3e-4, micro_batch=16, gpus=1),
    FineTuningPreset("gemma-2-2b", 5e-5, micro_batch=2, gpus=2),
    FineTuningPreset("phi-3-mini", 5e-5, micro_batch=2, gpus=2),
    FineTuningPreset("llama-3.1-8b", 1e-5, micro_batch=1, gpus=2),
    # Phi-3 medium: 1 for whole programs, 2 for edits.
    FineTuningPreset("phi-3-medium", 1e-5, micro_batch=1, gpus=4),
    FineTuningPreset(
        # 4 rows: in float32 they fit a machine of 16 GB.
        "smollm2-135m", 3e-4, micro_batch=4, gpus=1,
        source="not in the paper: as TinyCodeLM-150M, which is of its size",
    ),
    FineTuningPreset(
        "pocket", 1.6e-2, micro_batch=4, gpus=0, batch_size=32, warmup_ratio=0.05, optimizer="muon",
        packing=False,
        source="not in the paper: measured, see assets/results/LOG.md",
    ),
    FineTuningPreset(
        "tiny", 5e-3, micro_batch=16, gpus=0, source="not in the paper: learns a few programs fast"
    ),
)  # fmt: skip

# Paper: 524,288 tokens a batch, here 512 blocks of 1,024; two passes over its text. Ours, because
# we found them published nowhere: length of a block, rate, least rate, warm-up, weight decay.
PRETRAINING = Optimization(
    learning_rate=3e-4,
    batch_size=512,
    warmup_steps=100,
    least_learning_rate=3e-5,
)


def fine_tuning_preset(model: str) -> FineTuningPreset:
    """The preset for the model with this short name or Hub name; TrainingError lists the names."""
    from lintseq_core.models.presets import find_preset

    for preset in FINE_TUNING:
        known = find_preset(preset.model)
        if model == preset.model or (known is not None and model == known.hub_id):
            return preset
    names = ", ".join(preset.model for preset in FINE_TUNING)
    raise TrainingError(
        f"no values are known for the model {model!r}: give a learning rate (--lr), or name a "
        f"preset ({names})"
    )
