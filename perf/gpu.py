"""Training a 135M model on a GPU: speed, model-FLOP utilization, memory, what packing gives.

    python perf/measure.py gpu

Weights and tokens are random, as speed does not depend on them: it needs torch, transformers and a
CUDA device, no data and no tokenizer. Without a GPU it says so and measures nothing.
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tables import Table

from lintseq_core.models.load import fresh_model
from lintseq_core.models.loaded import LoadedModel
from lintseq_core.models.presets import SMOLLM2_135M, Preset
from lintseq_core.models.tiny import load_tiny
from lintseq_core.training.config import Execution, Optimization
from lintseq_core.training.encode import Encoded
from lintseq_core.training.feed import ShuffledFeed
from lintseq_core.training.loop import train
from lintseq_core.training.memory import TOLERANCE, estimate_memory
from lintseq_core.training.metrics_log import StepMetrics
from lintseq_core.training.packing import PassSize

MAX_LENGTH, BATCH, STEPS, WARM_UP = 1_024, 512, 8, 3
MICRO_BATCHES = (16, 32, 64)
MFU_LEAST, PACKING_LEAST = 0.4, 1.5
PEAK_FLOPS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "4090": 165e12}
"""Dense bfloat16 of the makers' data sheets, by a part of the device's name."""


def measure(folder: Path, *, device: str = "cuda", batch: int = BATCH) -> Table:
    """One run over micro-batches, packed and padded."""
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        sys.exit("no CUDA device: this part measures a GPU")
    name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    peak = next((flops for part, flops in PEAK_FLOPS.items() if part in name), None)
    columns = ["how", "rows a pass", "s a step", "tokens / s", "examples / s", "MFU", "GB",
               "estimated GB"]  # fmt: skip
    table = Table(f"Training SmolLM2-135M's shape on {name}", columns)
    examples = written_like_edits(batch, SMOLLM2_135M["vocab_size"])
    best: dict[str, float] = {}
    most = furthest = 0.0
    for how, packing in (("packed", True), ("padded", False)):
        for micro_batch in MICRO_BATCHES:
            loaded = random_model(device)
            if device == "cuda":
                torch.cuda.reset_peak_memory_stats()
            seconds, tokens = step_s(loaded, examples, folder / f"{how}{micro_batch}",
                                     device=device, batch=batch, micro_batch=micro_batch,
                                     packing=packing)  # fmt: skip
            flops = flops_of(loaded, tokens)
            share = flops / seconds / peak if peak else float("nan")
            memory = torch.cuda.max_memory_allocated() if device == "cuda" else 0
            estimated = estimated_bytes(loaded, micro_batch)
            # The rows of packed examples are full; of padded ones a pass has its longest.
            if packing and memory:
                furthest = max(furthest, abs(estimated / memory - 1))
            rate = len(examples) / seconds
            table.add(how, str(micro_batch), f"{seconds:.2f}", f"{tokens / seconds:,.0f}",
                      f"{rate:,.0f}", f"{share:.1%}", f"{memory / 1e9:.1f}",
                      f"{estimated / 1e9:.1f}")  # fmt: skip
            best[how] = max(best.get(how, 0.0), rate)
            if packing and peak:
                most = max(most, share)
            del loaded
    if peak:
        what = f"model-FLOP utilization at {MAX_LENGTH:,} tokens"
        table.judge(what, most, f"at least {MFU_LEAST}", holds=most >= MFU_LEAST)
    if device == "cuda":
        what = "largest difference of estimated and allocated memory, packed, %"
        limit = f"at most {TOLERANCE:.0%}"
        table.judge(what, 100 * furthest, limit, holds=furthest <= TOLERANCE)
    ratio, least = best["packed"] / best["padded"], f"at least {PACKING_LEAST}"
    table.judge("packing, times padding", ratio, least, holds=ratio >= PACKING_LEAST, unit="x")
    table.notes.append(
        "MFU: 6 N + 6 layers x width x length for each token that is no padding, over the peak of "
        "dense bfloat16 on the data sheet; gradients in float32, no recomputation."
    )
    return table


def written_like_edits(n: int, vocabulary: int) -> list[Encoded]:
    """Random tokens in lengths like those of edit sequences: most short, some up to the limit."""
    draw = random.Random(0)
    lengths = [min(MAX_LENGTH, int(draw.lognormvariate(5.6, 0.7)) + 16) for _ in range(n)]
    rng = np.random.default_rng(0)
    return [
        Encoded(rng.integers(3, vocabulary, length).astype(np.int32), length // 4)
        for length in lengths
    ]


def random_model(device: str) -> LoadedModel:
    """SmolLM2-135M's shape with random weights; its tokenizer is never asked."""
    _, tokenizer = load_tiny(0, "float32")
    preset = Preset("smollm2-shape", "Hub", "", SMOLLM2_135M, "")
    return fresh_model(preset, tokenizer, device=device)


def flops_of(loaded: LoadedModel, tokens: int) -> float:
    """Of a forward and a backward pass over `tokens` (arXiv 2204.02311, appendix B)."""
    config = loaded.model.config
    weights = sum(weight.numel() for weight in loaded.model.parameters())
    attention = 6 * config.num_hidden_layers * config.hidden_size * MAX_LENGTH
    return float((6 * weights + attention) * tokens)


def estimated_bytes(loaded: LoadedModel, micro_batch: int) -> float:
    """What `lintseq train --dry-run` says of passes of so many full rows."""
    return estimate_memory(
        loaded.model.config,
        PassSize(micro_batch, MAX_LENGTH),
        optimization=Optimization(1e-4),
        execution=Execution(micro_batch=micro_batch),
    ).total


def step_s(
    loaded: LoadedModel,
    examples: Sequence[Encoded],
    folder: Path,
    *,
    device: str,
    batch: int,
    micro_batch: int,
    packing: bool,
) -> tuple[float, int]:
    """Median seconds of an optimizer step over all `examples` once it is warm, and their tokens."""
    feed = ShuffledFeed(
        examples,
        batch_size=batch,
        epochs=STEPS,
        seed=0,
        packed_length=MAX_LENGTH if packing else None,
    )
    ticks: list[float] = []

    def told(_: StepMetrics) -> None:
        ticks.append(time.perf_counter())

    train(
        loaded,
        feed,
        folder,
        optimization=Optimization(1e-4, batch_size=batch),
        execution=Execution(micro_batch=micro_batch, device=device, save_every=10**6),
        settings={},
        on_step=told,
    )
    spans = [after - before for before, after in itertools.pairwise(ticks)]
    return float(np.median(spans[WARM_UP - 1 :])), sum(len(one.ids) for one in examples)
