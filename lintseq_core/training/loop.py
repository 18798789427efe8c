"""The training loop: one process or many, the same losses."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import (
    DistributedDataParallelKwargs,
    DistributedType,
    GradientAccumulationPlugin,
)
from torch.distributed.checkpoint import state_dict as distributed_state
from torch.distributed.fsdp import MixedPrecisionPolicy

from lintseq_core.models.adapters import is_adapted
from lintseq_core.models.devices import choose_device
from lintseq_core.models.loaded import LoadedModel
from lintseq_core.seeds import dropout_seed
from lintseq_core.training import checkpoint as checkpoints
from lintseq_core.training.card import CARD, model_card
from lintseq_core.training.config import Execution, Optimization
from lintseq_core.training.encode import IGNORED, Encoded
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.feed import Feed, Step
from lintseq_core.training.isolation import require_isolation
from lintseq_core.training.losses import loss_sum
from lintseq_core.training.memory import recompute_activations
from lintseq_core.training.metrics_log import MetricsLog, StepMetrics
from lintseq_core.training.optimizer import make_optimizer, rate_at
from lintseq_core.training.packing import MicroBatch, Row, micro_batches, pack
from lintseq_core.training.trackers import start_tracker

METRICS = "metrics.jsonl"
CHECKPOINTS = "checkpoints"
MODEL = "model"


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """What a finished run leaves."""

    model_folder: Path
    steps: int
    resumed_from: int
    """Steps that an earlier command had done."""
    last: StepMetrics | None
    """None: there was nothing left to do."""
    best: tuple[int, float] | None = None
    """Step and held-out loss of the model that is left; None: it is that of the last step."""
    ended_early: bool = False
    """The held-out loss had not fallen for as many checkpoints as `patience` says."""


def train(
    loaded: LoadedModel,
    feed: Feed,
    output: Path,
    *,
    optimization: Optimization,
    execution: Execution,
    settings: dict[str, Any],
    held_out: Sequence[Encoded] = (),
    on_step: Callable[[StepMetrics], None] = lambda _: None,
) -> TrainingOutcome:
    """Train `loaded` on `feed`; in `output`: metrics.jsonl, checkpoints, and the model at the end.

    The loss of `held_out` is computed at each checkpoint; with `execution.patience` it ends the
    run, and the model at the end is the one of the best checkpoint.

    A run that was stopped goes on from its newest checkpoint. `settings` says what losses depend
    on; a checkpoint of other settings is a CheckpointError. The loss is the sum over the batch.
    Paper: the sum over a micro-batch, averaged over micro-batches. AdamW divides that factor out.
    """
    device = choose_device(execution.device)
    # accelerate's "cuda" is the current GPU of this process.
    with torch.cuda.device(device) if ":" in device else nullcontext():
        accelerator = _accelerator(device)
        run = _Run(accelerator, loaded, output, optimization, execution, feed, settings, held_out)
        # The randomness of a step (dropout) depends on seed, step and process: nothing to save.
        with torch.random.fork_rng():
            return run.go(on_step)


def _accelerator(device: str) -> Accelerator:
    """One that runs on `device`; TrainingError if accelerate was told of another.

    Precision and sums of gradients are this module's own work, whatever `accelerate launch` sets.
    """
    try:
        accelerator = Accelerator(
            cpu=device == "cpu",
            mixed_precision="no",
            gradient_accumulation_plugin=GradientAccumulationPlugin(num_steps=1),
            # Else every process keeps a second copy of all gradients, to send them.
            kwargs_handlers=[DistributedDataParallelKwargs(gradient_as_bucket_view=True)],
        )
    except ValueError as error:  # an earlier run of this process was told otherwise
        raise TrainingError(f"device {device!r}: {error}") from None
    kind, _, number = device.partition(":")
    if number and accelerator.num_processes > 1:
        raise TrainingError(
            f"device {device!r} is one GPU, and there are {accelerator.num_processes} processes, "
            "each on its own: use 'cuda', and choose GPUs with CUDA_VISIBLE_DEVICES"
        )
    given = str(accelerator.device)
    given_kind, _, given_number = given.partition(":")
    if given_kind != kind or (number and given_number not in ("", number)):
        raise TrainingError(
            f"device {device!r}: accelerate runs this process on {given!r}, as its environment or "
            "an earlier run says; ask for that device, or start afresh without it"
        )
    return accelerator


class _Run:
    def __init__(
        self,
        accelerator: Accelerator,
        loaded: LoadedModel,
        output: Path,
        optimization: Optimization,
        execution: Execution,
        feed: Feed,
        settings: dict[str, Any],
        held_out: Sequence[Encoded],
    ) -> None:
        self.accelerator = accelerator
        self.loaded = loaded
        self.output = output
        self.optimization = optimization
        self.execution = execution
        self.feed = feed
        self.held_out = held_out
        self.settings = settings | {"data": feed.fingerprint()}
        self.state = checkpoints.RunState(0, 0, 0, self.settings, {})
        self.is_sharded = accelerator.is_fsdp2
        self.total_steps = feed.total_steps
        self.last_saved: Path | None = None
        self._prepare()

    def _prepare(self) -> None:
        found = checkpoints.latest_checkpoint(self.output / CHECKPOINTS)
        model = self.loaded.model
        if found is not None:
            self.state = checkpoints.read_state(found, self.settings)
            checkpoints.restore_weights(found, model)
            self.feed.restore(self.state.feed)
            self.last_saved = found
        model.train()
        values = self.optimization
        optimizer = make_optimizer(
            model,
            learning_rate=values.learning_rate,
            weight_decay=values.weight_decay,
            kind=values.optimizer,
        )
        if values.optimizer == "muon" and self.accelerator.distributed_type in _SHARDED:
            raise TrainingError(
                "muon needs whole matrices, and accelerate shares them out over processes: train "
                "with --optim adamw, or with torchrun, which keeps a copy in each"
            )
        if self.execution.gradient_checkpointing:
            recompute_activations(model, self.loaded.name)
        if self.is_sharded and values.precision == "bf16":
            # Autocast would keep a bfloat16 copy of every weight on every GPU until the backward
            # pass; with a policy a layer is gathered in bfloat16, and given back after its use.
            self.accelerator.state.fsdp_plugin.mixed_precision_policy = MixedPrecisionPolicy(
                param_dtype=torch.bfloat16, reduce_dtype=torch.float32
            )
        with _memory_for("the weights", _OPTIMIZER_REMEDY):
            self.model, self.optimizer = self.accelerator.prepare(model, optimizer)
            require_isolation(
                self.model, self.loaded, packs=self.feed.packs, device=self.accelerator.device
            )
        if found is not None:
            distributed_state.set_optimizer_state_dict(
                self.model,
                self._torch_optimizer(),
                checkpoints.read_optimizer(found),
                options=distributed_state.StateDictOptions(full_state_dict=True),
            )

    def go(self, on_step: Callable[[StepMetrics], None]) -> TrainingOutcome:
        start = self.state.step
        stop = min(self.total_steps, self.optimization.max_steps or self.total_steps)
        is_main = self.accelerator.is_main_process
        self.output.mkdir(parents=True, exist_ok=True)
        last = None
        log = MetricsLog(self.output / METRICS, after_step=start) if is_main else nullcontext()
        with (
            log,
            start_tracker(self.accelerator, self.execution, self.settings, self.output) as track,
        ):
            for index, step in enumerate(self.feed.steps(start), start=start):
                if index >= stop or self._is_patience_over():
                    break
                last = self._step(index, step)
                is_due = self._is_due(last, step) or index + 1 == stop
                if is_due and self.held_out:
                    loss = self._held_out_loss()
                    last = replace(last, held_out_loss=loss)
                    known = self.state.held_out
                    self.state = replace(self.state, held_out=(*known, (last.step, loss)))
                if isinstance(log, MetricsLog):
                    log.write(last)
                    on_step(last)
                track(last)
                if is_due:
                    self._save()
        weights = self._weights()
        best = self._best()
        if is_main:
            if best is not None and best[0] != self.state.step:
                kept = checkpoints.checkpoint_of(self.output / CHECKPOINTS, best[0])
                checkpoints.copy_weights(kept, self.output / MODEL)
            else:
                checkpoints.save_weights(
                    self.output / MODEL,
                    model=self.loaded.model,
                    weights=weights,
                    tokenizer=self.loaded.tokenizer,
                )
            card = model_card(self.loaded.name, self.state, best, self.optimization)
            (self.output / MODEL / CARD).write_text(card, encoding="utf-8")
        self.accelerator.wait_for_everyone()
        return TrainingOutcome(
            self.output / MODEL, self.state.step, start, last, best, self._is_patience_over()
        )

    def _best_so_far(self) -> tuple[int, float] | None:
        """Step and loss of the checkpoint of the lowest held-out loss; None: none has one."""
        return min(self.state.held_out, key=lambda told: told[1], default=None)

    def _best(self) -> tuple[int, float] | None:
        """The same, if that checkpoint is to be the run's model; None: the last is."""
        return None if self.execution.patience is None else self._best_so_far()

    def _is_patience_over(self) -> bool:
        best, patience = self._best(), self.execution.patience
        if best is None or patience is None:
            return False
        return sum(step > best[0] for step, _ in self.state.held_out) >= patience

    def _held_out_loss(self) -> float:
        """Mean nats of a trained token of all that is held out, over all processes."""
        batches = self._micro_batches(
            pack(self.held_out, self.optimization.max_length)
            if self.feed.packs
            else [(example,) for example in sorted(self.held_out, key=lambda one: -len(one.ids))]
        )
        self.model.eval()
        with torch.no_grad():
            sums = [self._loss_sum(batch) for batch in batches]
        self.model.train()
        loss, trained, _ = self._over_processes(
            sum((_counted(*both) for both in zip(sums, batches, strict=True)), start=_nothing())
        )
        return loss / trained

    def _is_due(self, done: StepMetrics, step: Step) -> bool:
        every, tokens = self.execution.save_every, self.execution.save_every_tokens
        if tokens is not None:
            before = done.trained_tokens_total - done.trained_tokens
            return before // tokens < done.trained_tokens_total // tokens
        return step.ends_epoch if every is None else done.step % every == 0

    def _step(self, index: int, step: Step) -> StepMetrics:
        begun = time.perf_counter()
        rank = self.accelerator.process_index
        torch.manual_seed(dropout_seed(self.optimization.seed, index, rank))
        rate = rate_at(index, self.optimization, self.total_steps)
        for group in self._torch_optimizer().param_groups:
            group["lr"] = rate
        batches = self._micro_batches(step.rows)
        total = _nothing()
        for place, batch in enumerate(batches):
            # Copies wait for the last batch to add up their gradients. Shards do not: a process
            # that waits keeps whole float32 gradients.
            waits = place + 1 < len(batches) and not self.is_sharded
            with self.accelerator.no_sync(self.model) if waits else nullcontext():
                total += self._backward(batch)
        loss_sum, trained, tokens = self._over_processes(total)
        limit = self.optimization.max_grad_norm
        norm = float(
            self.accelerator.clip_grad_norm_(
                self.model.parameters(), math.inf if limit is None else limit * trained
            )
        )
        self._refuse_nan(index, loss_sum, norm)
        with _memory_for("the optimizer", _OPTIMIZER_REMEDY):
            self.optimizer.step()
        self.optimizer.zero_grad()
        self.state = checkpoints.RunState(
            index + 1,
            self.state.trained_tokens + int(trained),
            self.state.tokens + int(tokens),
            self.settings,
            {},
            self.state.held_out,
        )
        seconds = time.perf_counter() - begun
        return StepMetrics(
            step=index + 1,
            total_steps=self.total_steps,
            epoch=round(step.epoch, 6),
            loss=loss_sum / max(trained, 1),
            loss_sum=loss_sum,
            learning_rate=rate,
            grad_norm=norm,
            trained_tokens=int(trained),
            tokens=int(tokens),
            trained_tokens_total=self.state.trained_tokens,
            tokens_total=self.state.tokens,
            seconds=seconds,
            tokens_per_s=tokens / seconds,
        )

    def _backward(self, batch: MicroBatch) -> torch.Tensor:
        """Add the gradient of one micro-batch; its loss sum, trained tokens and tokens."""
        device = self.accelerator.device
        rows, width = batch.input_ids.shape
        with _memory_for(
            f"{rows} rows of {width} tokens on {device}",
            f"lower --micro-batch, now {self.execution.micro_batch} (losses stay the same), or "
            f"--max-length, now {self.optimization.max_length} (they do not); "
            "--gradient-checkpointing and --precision bf16 need less too",
        ):
            loss = self._loss_sum(batch)
            # Gradients are averaged over processes: with the factor, the average is the sum.
            self.accelerator.backward(loss * self.accelerator.num_processes)
        return _counted(loss, batch)

    def _loss_sum(self, batch: MicroBatch) -> torch.Tensor:
        device = self.accelerator.device
        is_autocast = self.optimization.precision == "bf16" and not self.is_sharded
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=is_autocast):
            return loss_sum(self.model, batch.to(device))

    def _micro_batches(self, rows: Sequence[Row]) -> list[MicroBatch]:
        return micro_batches(
            rows,
            size=self.execution.micro_batch,
            pad_id=self.loaded.encoder.pad_id,
            process=self.accelerator.process_index,
            n_processes=self.accelerator.num_processes,
        )

    def _over_processes(self, counts: torch.Tensor) -> tuple[float, float, float]:
        loss, trained, tokens = self.accelerator.reduce(
            counts.to(self.accelerator.device), reduction="sum"
        ).tolist()
        return loss, trained, tokens

    def _refuse_nan(self, index: int, loss_sum: float, norm: float) -> None:
        if math.isfinite(loss_sum) and math.isfinite(norm):
            return
        what = (
            f"the loss is {loss_sum}" if not math.isfinite(loss_sum) else f"the gradient is {norm}"
        )
        kept = (
            f"the last good checkpoint is {self.last_saved}"
            if self.last_saved
            else ("there is no checkpoint yet")
        )
        raise TrainingError(
            f"{what} at step {index + 1}, so the step was not taken; {kept}. Lower the learning "
            f"rate, now {self.optimization.learning_rate:g}, or use precision float32"
        )

    def _save(self) -> None:
        weights = self._weights()
        optimizer = distributed_state.get_optimizer_state_dict(
            self.model, self._torch_optimizer(), options=_FULL
        )
        self.state = replace(self.state, feed=self.feed.state())
        if self.accelerator.is_main_process:
            self.last_saved = checkpoints.save_checkpoint(
                self.output / CHECKPOINTS,
                self.state,
                model=self.loaded.model,
                weights=weights,
                tokenizer=self.loaded.tokenizer,
                optimizer=optimizer,
                keep=self.execution.keep_checkpoints,
                spared=best[0] if (best := self._best_so_far()) is not None else None,
            )
        self.accelerator.wait_for_everyone()

    def _weights(self) -> Any:
        # Of a model with an adapter only what is trained: the rest is the base's.
        options = replace(_FULL, ignore_frozen_params=is_adapted(self.loaded.model))
        return distributed_state.get_model_state_dict(self.model, options=options)

    def _torch_optimizer(self) -> Any:
        return getattr(self.optimizer, "optimizer", self.optimizer)


def _nothing() -> torch.Tensor:
    return torch.zeros(3, dtype=torch.float64)


def _counted(loss: torch.Tensor, batch: MicroBatch) -> torch.Tensor:
    """Loss sum, trained tokens, tokens of one micro-batch; float64."""
    counts = [float((batch.labels != IGNORED).sum()), float(batch.n_tokens)]
    return torch.tensor([float(loss.detach()), *counts], dtype=torch.float64)


@contextmanager
def _memory_for(what: str, remedy: str) -> Iterator[None]:
    """Names the knobs where memory runs out."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise TrainingError(f"out of memory for {what}: {remedy}") from None


_OPTIMIZER_REMEDY = (
    "weights, gradients and AdamW take 16 bytes a parameter, whatever the batch: share them out "
    "over GPUs with accelerate's FSDP (docs/training.md), or train a smaller model"
)
_SHARDED = (DistributedType.FSDP, DistributedType.DEEPSPEED)
_FULL = distributed_state.StateDictOptions(full_state_dict=True, cpu_offload=True)
