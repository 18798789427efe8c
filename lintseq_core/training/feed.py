"""The examples of each optimizer step, in an order that depends on the seed alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from lintseq_core.training.encode import Encoded
from lintseq_core.training.packing import Row, pack


@dataclass(frozen=True, slots=True)
class Step:
    """What one optimizer step trains on, over all processes."""

    rows: tuple[Row, ...]
    epoch: float
    """Passes over the data once this step is done."""
    ends_epoch: bool


class Feed(Protocol):
    """Where a run's steps come from."""

    total_steps: int
    packs: bool
    """Whether several examples may share a row, each blind to the others."""

    def steps(self, start: int) -> Iterator[Step]:
        """The steps from the 0-based `start` on."""

    def fingerprint(self) -> str:
        """Equal for equal data: a checkpoint remembers it."""

    def state(self) -> dict[str, Any]:
        """What `restore` needs to go on behind the last step that was taken; JSON values."""

    def restore(self, state: dict[str, Any]) -> None:
        """Make ready for `steps(start)` with a start above 0."""


class ShuffledFeed:
    """Epochs over encoded examples, each in a new order."""

    def __init__(
        self,
        examples: Sequence[Encoded],
        *,
        batch_size: int,
        epochs: int,
        seed: int,
        packed_length: int | None = None,
        token_budget: int | None = None,
        n_steps: int | None = None,
    ) -> None:
        """`packed_length`: examples of a step share rows of this many tokens.

        `token_budget`: as many steps, over as many epochs, as reach this many trained tokens.
        `n_steps`: as many steps, whatever number of epochs that is.
        """
        self._examples = examples
        self._batch_size = batch_size
        self._seed = seed
        self._packed_length = packed_length
        self.packs = packed_length is not None
        self._steps_per_epoch = -(-len(examples) // batch_size)
        self.total_steps = n_steps or (
            epochs * self._steps_per_epoch
            if token_budget is None
            else self._steps_for(token_budget)
        )

    def steps(self, start: int) -> Iterator[Step]:
        """The steps from the 0-based `start` on."""
        for index in range(start, self.total_steps):
            epoch, place = divmod(index, self._steps_per_epoch)
            if place == 0 or index == start:
                order = self._order(epoch)
            chosen = order[place * self._batch_size : (place + 1) * self._batch_size]
            examples = [self._examples[at] for at in chosen]
            yield Step(
                rows=tuple(self._rows(examples)),
                epoch=(index + 1) / self._steps_per_epoch,
                ends_epoch=place + 1 == self._steps_per_epoch,
            )

    def fingerprint(self) -> str:
        """A hash of every id and mask, so of the data, the tokenizer and the length limit."""
        digest = hashlib.sha256()
        for example in self._examples:
            digest.update(f"{len(example.ids)} {example.n_prompt} ".encode())
            digest.update(example.ids.tobytes())
        return digest.hexdigest()[:16]

    def state(self) -> dict[str, Any]:
        """Nothing: the number of a step says which examples it has."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Nothing to do."""

    def _rows(self, examples: list[Encoded]) -> list[Row]:
        if self._packed_length is None:
            # Of like length side by side, so that a micro-batch has little padding.
            return [(example,) for example in sorted(examples, key=lambda one: -len(one.ids))]
        return pack(examples, self._packed_length)

    def _order(self, epoch: int) -> list[int]:
        order: list[int] = (
            np.random.default_rng([self._seed, epoch]).permutation(len(self._examples)).tolist()
        )
        return order

    def _steps_for(self, budget: int) -> int:
        trained = [example.n_trained() for example in self._examples]
        seen = steps = epoch = 0
        while True:
            order = self._order(epoch)
            for start in range(0, len(order), self._batch_size):
                seen += sum(trained[at] for at in order[start : start + self._batch_size])
                steps += 1
                if seen >= budget:
                    return steps
            epoch += 1
