"""What each token of texts held out costs a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from lintseq_core.models.loaded import LoadedModel
from lintseq_core.training.encode import IGNORED, Encoded
from lintseq_core.training.packing import stack

_ROWS = 8


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
