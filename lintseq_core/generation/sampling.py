"""Tokens drawn from a model, for several samples of one prompt in one batch.

Each sample has a generator of its own, and one draw is one uniform inverted over the vocabulary in
its order, so a sample is the same whether it is drawn alone or beside others, on any device.
"""

from __future__ import annotations

import hashlib
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

    sample_index: int
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

    def start(self, prompt_ids: Sequence[int], n_rows: int) -> tuple[Logits, DecodedRows]:
        """Logits after the prompt, (1, vocabulary), and `n_rows` rows that have read it once."""
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


def batches(n_samples: int, batch_size: int | None) -> list[range]:
    """The indices of the samples that are drawn together; None: all at once."""
    size = batch_size or n_samples
    return [range(start, min(start + size, n_samples)) for start in range(0, n_samples, size)]


class TokenSampler:
    """Draws for all live samples in step; samples that stop leave the batch."""

    def __init__(
        self,
        decoder: Decoder,
        prompt_ids: Sequence[int],
        rngs: Mapping[int, Rng],
        settings: SamplingSettings,
        masks: Mapping[int, EditMask] | None = None,
    ) -> None:
        """`masks`: of each sample, what may come next; without them everything may."""
        self._settings, self._rngs, self._masks = settings, rngs, masks
        self._decoder = decoder
        self.masked_nats = dict.fromkeys(rngs, 0.0)
        """By sample, what its mask has cost so far (`Decoder.mask`)."""
        self.mask_seconds = dict.fromkeys(rngs, 0.0)
        self._logits, self._rows = decoder.start(prompt_ids, len(rngs))
        self._order = list(rngs)
        self._pending: dict[int, int] = {}  # drawn, not yet fed
        self._has_fed = False
        self._marks = dict.fromkeys(self._order, self._logits)
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
            self._has_fed = True
            for row, sample in enumerate(self._order):
                self._fed_since_mark[sample] += 1
                if sample in self._to_mark:
                    self._marks[sample] = self._logits[[row]]  # a copy
                    self._fed_since_mark[sample] = 0
            self._to_mark.clear()
        # After the prompt there is one row of logits for all samples.
        logits = self._logits if self._has_fed else self._logits[[0] * len(self._order)]
        return self._draw(self._order, logits)

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
                self._masks[token.sample_index].push(token.token_id)
                self.masked_nats[token.sample_index] += lost
        self._pending |= {token.sample_index: token.token_id for token in tokens}
        return tokens

    def _allowed(self, sample: int) -> Mask:
        assert self._masks is not None
        started = time.perf_counter()
        allowed = self._masks[sample].allowed()
        self.mask_seconds[sample] += time.perf_counter() - started
        return allowed
