"""The training loop: one process or many, the same losses."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType, GradientAccumulationPlugin
from torch.distributed.checkpoint import state_dict as distributed_state
from torch.nn.functional import cross_entropy

from lintseq_core.models.adapters import is_adapted
from lintseq_core.models.devices import choose_device
from lintseq_core.models.loaded import LoadedModel
from lintseq_core.seeds import dropout_seed
from lintseq_core.training import checkpoint as checkpoints
from lintseq_core.training.config import Execution, Optimization
from lintseq_core.training.encode import IGNORED
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.feed import Feed, Step
from lintseq_core.training.isolation import require_isolation
from lintseq_core.training.metrics_log import MetricsLog, StepMetrics
from lintseq_core.training.optimizer import linear_rate, make_optimizer
from lintseq_core.training.packing import MicroBatch, micro_batches
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


def train(
    loaded: LoadedModel,
    feed: Feed,
    output: Path,
    *,
    optimization: Optimization,
    execution: Execution,
    settings: dict[str, Any],
    on_step: Callable[[StepMetrics], None] = lambda _: None,
) -> TrainingOutcome:
    """Train `loaded` on `feed`; in `output`: metrics.jsonl, checkpoints, and the model at the end.

    A run that was stopped goes on from its newest checkpoint. `settings` says what losses depend
    on; a checkpoint of other settings is a CheckpointError. The loss is the sum over the batch.
    Paper: the sum over a micro-batch, averaged over micro-batches. AdamW divides that factor out.
    """
    device = choose_device(execution.device)
    # accelerate's "cuda" is the current GPU of this process.
    with torch.cuda.device(device) if ":" in device else nullcontext():
        accelerator = _accelerator(device)
        run = _Run(accelerator, loaded, output, optimization, execution, feed, settings)
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
    ) -> None:
        self.accelerator = accelerator
        self.loaded = loaded
        self.output = output
        self.optimization = optimization
        self.execution = execution
        self.feed = feed
        self.settings = settings | {"data": feed.fingerprint()}
        self.state = checkpoints.RunState(0, 0, 0, self.settings, {})
        self.total_steps = feed.total_steps
        self.warmup_steps = (
            int(optimization.warmup_ratio * self.total_steps)
            if optimization.warmup_steps is None
            else optimization.warmup_steps
        )
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
                if index >= stop:
                    break
                last = self._step(index, step)
                if isinstance(log, MetricsLog):
                    log.write(last)
                    on_step(last)
                track(last)
                if self._is_due(last, step) or index + 1 == stop:
                    self._save()
        weights = self._weights()
        if is_main:
            checkpoints.save_weights(
                self.output / MODEL,
                model=self.loaded.model,
                weights=weights,
                tokenizer=self.loaded.tokenizer,
            )
        self.accelerator.wait_for_everyone()
        return TrainingOutcome(self.output / MODEL, self.state.step, start, last)

    def _is_due(self, done: StepMetrics, step: Step) -> bool:
        every, tokens = self.execution.save_every, self.execution.save_every_tokens
        if tokens is not None:
            before = done.trained_tokens_total - done.trained_tokens
            return before // tokens < done.trained_tokens_total // tokens
        return step.ends_epoch if every is None else done.step % every == 0

    def _step(self, index: int, step: Step) -> StepMetrics:
        begun = time.perf_counter()
        processes = self.accelerator.num_processes
        rank = self.accelerator.process_index
        torch.manual_seed(dropout_seed(self.optimization.seed, index, rank))
        rate = linear_rate(
            index,
            total_steps=self.total_steps,
            warmup_steps=self.warmup_steps,
            peak=self.optimization.learning_rate,
            least=self.optimization.least_learning_rate,
        )
        for group in self._torch_optimizer().param_groups:
            group["lr"] = rate
        batches = micro_batches(
            step.rows,
            size=self.execution.micro_batch,
            pad_id=self.loaded.encoder.pad_id,
            process=rank,
            n_processes=processes,
        )
        total = torch.zeros(3, dtype=torch.float64)
        for place, batch in enumerate(batches):
            is_last = place + 1 == len(batches)
            quiet = nullcontext() if is_last else self.accelerator.no_sync(self.model)
            with quiet:
                total += self._backward(batch)
        loss_sum, trained, tokens = self.accelerator.reduce(
            total.to(self.accelerator.device), reduction="sum"
        ).tolist()
        limit = self.optimization.max_grad_norm
        norm = float(
            self.accelerator.clip_grad_norm_(
                self.model.parameters(), math.inf if limit is None else limit
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
        there = batch.to(device)
        is_bf16 = self.optimization.precision == "bf16"
        rows, width = batch.input_ids.shape
        with _memory_for(
            f"{rows} rows of {width} tokens on {device}",
            f"lower --micro-batch, now {self.execution.micro_batch} (losses stay the same), or "
            f"--max-length, now {self.optimization.max_length} (they do not); "
            "--precision bf16 needs less too",
        ):
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=is_bf16):
                logits = self.model(
                    input_ids=there.input_ids,
                    position_ids=there.position_ids,
                    use_cache=False,
                ).logits
            targets = there.labels[:, 1:].reshape(-1)
            flat = logits[:, :-1].reshape(-1, logits.shape[-1])
            if flat.dtype != torch.float64:
                flat = flat.float()
            loss = cross_entropy(flat, targets, ignore_index=IGNORED, reduction="sum")
            # Gradients are averaged over processes: with the factor, the average is the sum.
            self.accelerator.backward(loss * self.accelerator.num_processes)
        counts = [float((batch.labels != IGNORED).sum()), float(batch.n_tokens)]
        return torch.tensor([float(loss.detach()), *counts], dtype=torch.float64)

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
            )
        self.accelerator.wait_for_everyone()

    def _weights(self) -> Any:
        # Of a model with an adapter only what is trained: the rest is the base's.
        options = replace(_FULL, ignore_frozen_params=is_adapted(self.loaded.model))
        return distributed_state.get_model_state_dict(self.model, options=options)

    def _torch_optimizer(self) -> Any:
        return getattr(self.optimizer, "optimizer", self.optimizer)


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
