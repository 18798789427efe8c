"""Tokens drawn from logits of torch, on the device where they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from lintseq_core.edits.formats.vocabulary import Mask
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.sampling import Draws, SamplingSettings

_SHORT_LIST = (
    1024  # top-p almost always lies within; sorting a whole vocabulary costs 10 times more
)


def draw_tokens(logits: Tensor, uniforms: Sequence[float], settings: SamplingSettings) -> Draws:
    """For each row of `logits` a token id, its log-probability and the entropy."""
    if logits.dtype != torch.float64:
        logits = logits.float()
    if not bool(torch.isfinite(logits.amax(-1)).all()):
        raise LintSeqError("the model's logits are not finite; load it with --dtype float32")
    log_probs = torch.log_softmax(logits, -1)
    probs = log_probs.exp()
    entropies = torch.special.entr(probs).sum(-1)
    if settings.temperature == 0:
        ids = logits.argmax(-1)
    else:
        weights = probs
        if settings.temperature != 1:
            weights = torch.softmax(logits / settings.temperature, -1)
        weights = _cut(weights, settings)
        cumulative = weights.double().cumsum(-1)
        chosen = torch.tensor(uniforms, dtype=torch.float64, device=logits.device)[:, None]
        total = cumulative[:, -1:]
        # The uniform times the total may round up to the total: then the last token with a weight.
        target = torch.minimum(chosen * total, torch.nextafter(total, torch.zeros_like(total)))
        ids = torch.searchsorted(cumulative, target, right=True)[:, 0]
    taken = log_probs.gather(-1, ids[:, None])[:, 0]
    return ids.tolist(), taken.tolist(), entropies.tolist()


def mask_logits(logits: Tensor, allowed: Sequence[Mask]) -> tuple[Tensor, list[float]]:
    """`logits` with only the `allowed` tokens of each row, and the nats that this costs each."""
    if logits.dtype != torch.float64:
        logits = logits.float()
    may = torch.from_numpy(np.stack(allowed)).to(logits.device)
    kept = logits.masked_fill(~may, -torch.inf)
    nats = torch.logsumexp(logits, -1) - torch.logsumexp(kept, -1)
    return kept, nats.clamp(min=0).tolist()


def _cut(weights: Tensor, settings: SamplingSettings) -> Tensor:
    """`weights` with zeros for what top-p and min-p leave out."""
    least = settings.min_p * weights.amax(-1, keepdim=True)
    if settings.top_p < 1:
        size = weights.shape[-1]
        best = weights.topk(min(_SHORT_LIST, size), -1).values
        if size > _SHORT_LIST and bool((best.double().sum(-1) < settings.top_p).any()):
            best = weights.sort(-1, descending=True).values
        before = best.double().cumsum(-1) - best
        inside = before < settings.top_p
        last = best.gather(-1, inside.sum(-1, keepdim=True) - 1)
        least = torch.maximum(least, last)
    return weights.masked_fill(weights < least, 0)
