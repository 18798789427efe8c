"""Tokens drawn from a model, for several samples of one prompt or more in one batch.

Each sample has a generator of its own, and one draw is one uniform inverted over the vocabulary in
its order, so a sample is the same whether it is drawn alone or beside others, on any device.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lintseq_core.edits.draws import Rng
from lintseq_core.edits.formats.mask import EditMask
from lintseq_core.edits.formats.vocabulary import Mask
from lintseq_core.errors import LintSeqError
from lintseq_core.seeds import path_rng

Logits = Any
"""(rows, vocabulary): a tensor of torch or an array of numpy, as its decoder computes."""
Draws = tuple[list[int], list[float], list[float]]
"""For each row a token id, its log-probability and the entropy."""
TOGETHER = 64
"""Samples of several tasks that are drawn at once, where nothing else is asked."""
Batch = list[tuple[int, list[int]]]
"""Places of tasks, and the indices of their samples that are drawn together."""


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How tokens are drawn, and how many a sample may cost."""

    temperature: float = 1.0
    """0: always the likeliest token."""
    top_p: float = 0.95
    """Least probability mass that the likeliest tokens kept must reach (paper, v1: 0.95)."""
    min_p: float = 0.0
    """Tokens below this share of the likeliest token's probability are left out."""
    max_tokens: int = 512
    """Tokens drawn for one sample, those of rejected edits and the end marker included."""

    def __post_init__(self) -> None:
        for name, value, holds, expected in (
            ("temperature", self.temperature, 0 <= self.temperature < float("inf"), "0 or more"),
            ("top_p", self.top_p, 0 < self.top_p <= 1, "above 0 and at most 1"),
            ("min_p", self.min_p, 0 <= self.min_p <= 1, "from 0 to 1"),
            ("max_tokens", self.max_tokens, self.max_tokens >= 1, "1 or more"),
        ):
            if not holds:
                raise LintSeqError(f"{name} is {value}; expected {expected}")


@dataclass(frozen=True, slots=True)
class DrawnToken:
    """One token of one sample; figures before temperature and cuts, the first before a mask too."""

    sample: int
    """As the generators of its batch are numbered."""
    token_id: int
    log_prob: float
    entropy: float
    """In nats, of the distribution it was drawn from."""


class DecodedRows(Protocol):
    """Rows of one batch that a model decodes in step."""

    def feed(self, token_ids: Sequence[int]) -> Logits:
        """Logits after one more token for each row: (rows, vocabulary)."""
        ...

    def keep(self, rows: Sequence[int]) -> None:
        """Leave only these rows in the batch, in this order."""
        ...

    def forget(self, row: int, n_tokens: int) -> None:
        """Make the last `n_tokens` fed to `row` as if they had never been."""
        ...


class Decoder(Protocol):
    """A model that continues token ids."""

    @property
    def mixes_prompts(self) -> bool:
        """Whether `start` takes several prompts at once."""
        ...

    def start(
        self, prompts: Sequence[Sequence[int]], n_rows: Sequence[int]
    ) -> tuple[Logits, DecodedRows]:
        """Logits after each prompt, (prompts, vocabulary), and rows that have read them.

        `n_rows`: of each prompt, side by side; a prompt is read once for all of them.
        """
        ...

    def draw(self, logits: Logits, uniforms: Sequence[float], settings: SamplingSettings) -> Draws:
        """A token for each row of `logits`, by a uniform for each.

        Top-p is taken of the distribution at `temperature`, then min-p relative to its likeliest
        token; tokens as likely as the last one kept are kept too.
        """
        ...

    def mask(self, logits: Logits, allowed: Sequence[Mask]) -> tuple[Logits, list[float]]:
        """`logits` with only the `allowed` tokens of each row, and the nats that this costs each.

        These are minus the log of the probability that the model gave to the allowed tokens.
        """
        ...


def sample_rngs(prompt: str, *, seed: int, indices: Iterable[int]) -> dict[int, Rng]:
    """The generator of each sample: it depends on the prompt, the seed and the sample's index."""
    prompt_id = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()
    return {index: path_rng(seed, prompt_id, index) for index in indices}


def batch_rngs(prompts: Sequence[str], batch: Batch, seed: int) -> dict[int, Rng]:
    """The generators of the samples of `batch`, numbered in its order; `prompts`: of all tasks."""
    rngs = (
        sample_rngs(prompts[task], seed=seed, indices=indices).values() for task, indices in batch
    )
    return dict(enumerate(itertools.chain.from_iterable(rngs)))


def batches(
    samples: Sequence[Sequence[int]], batch_size: int | None, *, mixes: bool = True
) -> list[Batch]:
    """The samples that are drawn together, in order, of the indices in `samples`, one a task.

    `batch_size` at once; None: all of a task, and with them those of other tasks up to `TOGETHER`.
    `mixes`: whether samples of several tasks may be in one batch.
    """
    found: list[Batch] = []
    room = 0
    for task, indices in enumerate(samples):
        size = batch_size or max(TOGETHER, len(indices))
        left = list(indices)
        while left:
            does_fit = len(left) <= room if batch_size is None else room > 0
            if not (found and mixes and does_fit):
                found.append([])
                room = size
            found[-1].append((task, left[:room]))
            left, room = left[room:], room - len(left[:room])
    return found


class TokenSampler:
    """Draws for all live samples in step; samples that stop leave the batch."""

    def __init__(
        self,
        decoder: Decoder,
        prompts: Sequence[Sequence[int]],
        n_samples: Sequence[int],
        rngs: Mapping[int, Rng],
        settings: SamplingSettings,
        masks: Mapping[int, EditMask] | None = None,
    ) -> None:
        """`n_samples`: of each prompt, side by side, as `rngs` has them in order.

        `masks`: of each sample, what may come next; without them everything may.
        """
        self._settings, self._rngs, self._masks = settings, rngs, masks
        self._decoder = decoder
        self.masked_nats = dict.fromkeys(rngs, 0.0)
        """By sample, what its mask has cost so far (`Decoder.mask`)."""
        self.mask_seconds = dict.fromkeys(rngs, 0.0)
        self._logits, self._rows = decoder.start(prompts, n_samples)
        self._order = list(rngs)
        prompt_of = [place for place, count in enumerate(n_samples) for _ in range(count)]
        # One row of logits for all samples of a prompt: each of them draws from it.
        self._logits = self._logits[prompt_of]
        self._pending: dict[int, int] = {}  # drawn, not yet fed
        self._marks = {one: self._logits[[row]] for row, one in enumerate(self._order)}
        self._to_mark: set[int] = set()
        self._fed_since_mark = dict.fromkeys(self._order, 0)

    @property
    def is_masked(self) -> bool:
        """Whether something may not be drawn."""
        return self._masks is not None

    @property
    def live(self) -> tuple[int, ...]:
        """Indices of the samples that have not stopped."""
        return tuple(self._order)

    def step(self) -> list[DrawnToken]:
        """One more token for each live sample."""
        if self._pending:
            self._logits = self._rows.feed([self._pending[sample] for sample in self._order])
            for row, sample in enumerate(self._order):
                self._fed_since_mark[sample] += 1
                if sample in self._to_mark:
                    self._marks[sample] = self._logits[[row]]  # a copy
                    self._fed_since_mark[sample] = 0
            self._to_mark.clear()
        return self._draw(self._order, self._logits)

    def stop(self, samples: Sequence[int]) -> None:
        """Take `samples` out of the batch."""
        if samples:
            kept = [row for row, sample in enumerate(self._order) if sample not in samples]
            if kept:
                self._rows.keep(kept)
            self._order = [self._order[row] for row in kept]

    def mark(self, sample: int) -> None:
        """`rewind` will come back to after the token just drawn."""
        self._to_mark.add(sample)

    def rewind(self, sample: int) -> DrawnToken:
        """Forget what was drawn since the mark; the token drawn there instead."""
        if fed := self._fed_since_mark[sample]:
            self._rows.forget(self._order.index(sample), fed)
            self._fed_since_mark[sample] = 0
        return self._draw([sample], self._marks[sample])[0]

    def _draw(self, samples: Sequence[int], logits: Logits) -> list[DrawnToken]:
        uniforms = [float(self._rngs[sample].random()) for sample in samples]
        nats = [0.0] * len(samples)
        if self._masks is not None:
            logits, nats = self._decoder.mask(logits, [self._allowed(one) for one in samples])
        found = self._decoder.draw(logits, uniforms, self._settings)
        drawn = zip(samples, *found, nats, strict=True)
        # Under a mask a token is likelier by what the others had: the figure is the model's own.
        tokens = [DrawnToken(at, id_, log - lost, bits) for at, id_, log, bits, lost in drawn]
        if self._masks is not None:
            for token, lost in zip(tokens, nats, strict=True):
                self._masks[token.sample].push(token.token_id)
                self.masked_nats[token.sample] += lost
        self._pending |= {token.sample: token.token_id for token in tokens}
        return tokens

    def _allowed(self, sample: int) -> Mask:
        assert self._masks is not None
        started = time.perf_counter()
        allowed = self._masks[sample].allowed()
        self.mask_seconds[sample] += time.perf_counter() - started
        return allowed
