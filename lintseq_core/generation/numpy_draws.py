"""Tokens drawn from logits of numpy: the ids that torch's draw has for the same uniforms.

Both go up the vocabulary in its order until the uniform is reached, in double precision; their
probabilities differ by rounding of float32 alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lintseq_core.edits.formats.vocabulary import Mask
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.sampling import Draws, SamplingSettings
from lintseq_core.models.pocket.network import Floats

_SHORT_LIST = 64  # top-p almost always lies within; to sum up more takes longer than to sort them


def draw_tokens(logits: Floats, uniforms: Sequence[float], settings: SamplingSettings) -> Draws:
    """For each row of `logits` a token id, its log-probability and the entropy."""
    likeliest = logits.max(-1, keepdims=True)
    if not np.isfinite(likeliest).all():
        raise LintSeqError(
            "the model's logits are not finite; train it again, its weights are lost"
        )
    shifted = logits - likeliest
    exps = np.exp(shifted)
    totals = exps.sum(-1, keepdims=True)
    probs = exps / totals
    log_totals = np.log(totals)
    # The sum of -p log p; a token without a chance adds nothing, and its logit may be -inf.
    of_rows = (probs * np.where(exps > 0, shifted, np.float32(0))).sum(-1)
    entropies = log_totals[:, 0] - of_rows
    if settings.temperature == 0:
        ids = logits.argmax(-1)
    else:
        weights = probs
        if settings.temperature != 1:
            weights = np.exp(shifted / np.float32(settings.temperature))
            weights /= weights.sum(-1, keepdims=True)
        cumulative = np.cumsum(_cut(weights, settings), -1, dtype=np.float64)
        total = cumulative[:, -1]
        # The uniform times the total may round up to the total: then the last token with a weight.
        target = np.minimum(np.asarray(uniforms) * total, np.nextafter(total, 0))
        ids = (cumulative <= target[:, None]).sum(-1)
    rows = np.arange(len(ids))
    log_probs = shifted[rows, ids] - log_totals[:, 0]
    return ids.tolist(), log_probs.tolist(), entropies.tolist()


def mask_logits(logits: Floats, allowed: Sequence[Mask]) -> tuple[Floats, list[float]]:
    """`logits` with only the `allowed` tokens of each row, and the nats that this costs each."""
    kept = np.where(np.stack(allowed), logits, np.float32(-np.inf))
    nats = _log_sums(logits) - _log_sums(kept)
    return kept, np.maximum(nats, 0).tolist()


def _log_sums(logits: Floats) -> Floats:
    likeliest = logits.max(-1, keepdims=True)
    sums: Floats = np.log(np.exp(logits - likeliest).sum(-1)) + likeliest[:, 0]
    return sums


def _cut(weights: Floats, settings: SamplingSettings) -> Floats:
    """`weights` with zeros for what top-p and min-p leave out."""
    if settings.top_p == 1 and settings.min_p == 0:
        return weights
    least = np.float32(settings.min_p) * weights.max(-1, keepdims=True)
    if settings.top_p < 1:
        best = np.sort(weights, -1)[:, : -_SHORT_LIST - 1 : -1]
        if (best.sum(-1, dtype=np.float64) < settings.top_p).any():
            best = np.sort(weights, -1)[:, ::-1]
        before = np.cumsum(best, -1, dtype=np.float64) - best
        n_inside = (before < settings.top_p).sum(-1)
        least = np.maximum(least, best[np.arange(len(best)), n_inside - 1][:, None])
    return np.where(weights < least, np.float32(0), weights)
