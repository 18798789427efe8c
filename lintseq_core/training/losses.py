"""What tokens cost a model: those of a training step, and each of texts held out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy, pad

from lintseq_core.models.loaded import LoadedModel
from lintseq_core.training.encode import IGNORED, Encoded
from lintseq_core.training.packing import MicroBatch, stack

_ROWS = 8


def loss_sum(model: Any, batch: MicroBatch) -> torch.Tensor:
    """The nats of all trained tokens of `batch` together, at least in float32; a scalar.

    Nothing here holds the logits when it returns: with a large vocabulary they are most of what a
    pass needs, so labels are shifted to them, and not they to the labels, which would copy them.
    """
    logits = model(
        input_ids=batch.input_ids, position_ids=batch.position_ids, use_cache=False
    ).logits
    targets = pad(batch.labels[:, 1:], (0, 1), value=IGNORED).flatten()
    flat = logits.flatten(0, 1)
    if flat.dtype != torch.float64:
        flat = flat.float()
    return cross_entropy(flat, targets, ignore_index=IGNORED, reduction="sum")


def token_losses(
    loaded: LoadedModel, examples: Sequence[Encoded]
) -> Iterator[tuple[Encoded, np.ndarray]]:
    """Each example with the nats of its trained tokens, in order of length; float32 on the CPU.

    The array has `example.n_trained()` values: those of the last tokens, the end among them.
    """
    by_length = sorted(examples, key=lambda one: len(one.ids))
    for start in range(0, len(by_length), _ROWS):
        rows = by_length[start : start + _ROWS]
        batch = stack([(row,) for row in rows], loaded.encoder.pad_id)
        with torch.inference_mode():
            logits = loaded.model(
                input_ids=batch.input_ids, position_ids=batch.position_ids, use_cache=False
            ).logits
        losses = cross_entropy(
            logits[:, :-1].float().flatten(0, 1),
            batch.labels[:, 1:].flatten(),
            ignore_index=IGNORED,
            reduction="none",
        ).view(len(rows), -1)
        for row, lost in zip(rows, losses.numpy(), strict=True):
            first = max(row.n_prompt, 1)
            yield row, lost[first - 1 : len(row.ids) - 1]
