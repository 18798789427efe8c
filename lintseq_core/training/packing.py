"""Rows of tokens for a model: examples side by side in a row, or one a row.

Packing joins only examples of the same optimizer step, and each attends to itself alone with
positions from 0. So a packed run has the losses of a padded one, and needs fewer rows.

The mask is the model's own work: transformers sees from the positions where an example begins, if
there is no mask and no cache, and writes one as each kind of attention reads it, sliding windows
included. A mask made here would be one kind's: attention that adds its mask sees everything through
a boolean one. That a model does this work is tried before a run (`isolation`). Padding needs no
mask: it stands behind all that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lintseq_core.training.encode import IGNORED, Encoded

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class MicroBatch:
    """Tensors of shape [rows, tokens] for one forward pass, without a mask and without a cache."""

    input_ids: torch.Tensor
    labels: torch.Tensor
    """-100 where there is no loss: prompts, padding, the first token of each example."""
    position_ids: torch.Tensor
    """From 0 in each example; padding goes on from the last one."""
    n_tokens: int
    """Without padding."""

    def to(self, device: Any) -> MicroBatch:
        """The same on `device`."""
        return MicroBatch(
            self.input_ids.to(device),
            self.labels.to(device),
            self.position_ids.to(device),
            self.n_tokens,
        )


@dataclass(frozen=True, slots=True)
class PassSize:
    """The shape of the largest pass of one process."""

    rows: int
    width: int
    """Tokens of its longest row."""


Row = tuple[Encoded, ...]
"""The examples that stand side by side."""


def pack(examples: Sequence[Encoded], max_length: int) -> list[Row]:
    """Rows of at most `max_length` tokens, by first-fit decreasing; each example is in one row."""
    rows: list[list[Encoded]] = []
    room: list[int] = []
    for example in sorted(examples, key=lambda one: -len(one.ids)):
        size = len(example.ids)
        for index, free in enumerate(room):
            if size <= free:
                rows[index].append(example)
                room[index] -= size
                break
        else:
            rows.append([example])
            room.append(max_length - size)
    return [tuple(row) for row in rows]


def micro_batches(
    rows: Sequence[Row], *, size: int, pad_id: int, process: int, n_processes: int
) -> list[MicroBatch]:
    """The micro-batches of at most `size` rows that this process runs in one optimizer step.

    Every process gets as many, because sharded models run in step: one with fewer rows ends in
    batches without loss.
    """
    count = -(-len(rows) // (n_processes * size))
    batches = []
    for index in range(count):
        # Rows are dealt in turns, so that all processes have batches of like size.
        start = index * size * n_processes
        part = rows[start : start + size * n_processes][process::n_processes]
        batches.append(stack(part, pad_id) if part else _without_loss(pad_id))
    return batches


def stack(rows: Sequence[Row], pad_id: int) -> MicroBatch:
    """Tensors of `rows`, padded to the longest on the right."""
    import torch

    width = max(sum(len(example.ids) for example in row) for row in rows)
    shape = (len(rows), width)
    ids = np.full(shape, pad_id, dtype=np.int64)
    labels = np.full(shape, IGNORED, dtype=np.int64)
    positions = np.zeros(shape, dtype=np.int64)
    for index, row in enumerate(rows):
        start = 0
        for example in row:
            stop = start + len(example.ids)
            ids[index, start:stop] = example.ids
            labels[index, start:stop] = example.labels()
            labels[index, start] = IGNORED  # else the example before it would predict it
            positions[index, start:] = np.arange(width - start)
            start = stop
    return MicroBatch(
        torch.from_numpy(ids),
        torch.from_numpy(labels),
        torch.from_numpy(positions),
        sum(len(example.ids) for row in rows for example in row),
    )


def _without_loss(pad_id: int) -> MicroBatch:
    """Two tokens to run on, so that this process takes part, and nothing to learn."""
    return replace(
        stack([(Encoded(np.array([pad_id, pad_id], dtype=np.int32), 2),)], pad_id), n_tokens=0
    )
