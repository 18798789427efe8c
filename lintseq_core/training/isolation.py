"""Whether a model's tokens see only what a training run lets them see, tried on the model itself.

Attention decides it: how a kind of attention reads its mask, and whether it has one at all, differ
from model to model, and code that comes with a model may do as it likes. A token that sees what it
is to predict learns to copy it, with a loss that looks splendid.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from lintseq_core.models.loaded import LoadedModel
from lintseq_core.training.encode import Encoded
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.packing import Row, stack

_LENGTH = 12  # tokens of an example: the last half of them is changed
_RELATIVE = 1e-4
"""Of the largest logit. What a token does not see changes its logits by 0 exactly, in bfloat16 too;
what it sees, by 1e-3 and more in models of random weights."""
_RELATIVE_16_BIT = 2e-2
"""Where an example stands elsewhere in its row, and sums round otherwise: 7e-3 was measured."""


def require_isolation(model: Any, loaded: LoadedModel, *, packs: bool, device: Any) -> None:
    """Return if no token sees later ones nor, with `packs`, other examples in its row.

    TrainingError otherwise. `model` is `loaded.model`, or what distributes it, on `device`; it runs
    twice on a few random tokens, without dropout. Every process has to call.
    """
    draw = np.random.default_rng(0)
    first, other, example = (
        draw.integers(0, len(loaded.tokenizer), _LENGTH, dtype=np.int32) for _ in range(3)
    )
    half = _LENGTH // 2
    ends_otherwise = np.concatenate([example[:half], other[half:]])
    alone, changed = _logits(model, loaded, device, [(example,), (ends_otherwise,)])
    scale = float(alone.abs().max())
    if _differ(alone[:half], changed[:half], scale * _RELATIVE):
        raise TrainingError(
            f"{_described(loaded)}: a token sees those behind it, so training would teach it to "
            "copy them; give a causal language model"
        )
    if not packs:
        return
    rows = [(first, example), (other, example), (first, ends_otherwise), (example,)]
    packed, after_other, changed, alone = _logits(model, loaded, device, rows)
    seen = half + _LENGTH
    is_16_bit = torch.finfo(packed.dtype).bits < 32
    elsewhere = scale * (_RELATIVE_16_BIT if is_16_bit else _RELATIVE)
    if (
        _differ(packed[:seen], changed[:seen], scale * _RELATIVE)
        or _differ(packed[_LENGTH:], after_other[_LENGTH:], scale * _RELATIVE)
        or _differ(packed[_LENGTH:], alone[:_LENGTH], elsewhere)
    ):
        raise TrainingError(
            f"{_described(loaded)}: examples that share a row are not kept apart, so packed losses "
            "would not be those of examples alone; train with --padding (packing=False)"
        )


def _logits(
    model: Any, loaded: LoadedModel, device: Any, rows: list[tuple[Any, ...]]
) -> torch.Tensor:
    """[rows, tokens, vocabulary], of ids as a training step would run them."""
    encoded: list[Row] = [tuple(Encoded(ids, 1) for ids in row) for row in rows]
    batch = stack(encoded, loaded.encoder.pad_id).to(device)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits: torch.Tensor = model(
            input_ids=batch.input_ids,
            position_ids=batch.position_ids,
            use_cache=False,
        ).logits
    model.train(was_training)
    return logits


def _differ(some: torch.Tensor, others: torch.Tensor, limit: float) -> bool:
    # Logits that are no numbers differ in nothing here: the first step names them.
    return bool((some - others).abs().max() > limit)


def _described(loaded: LoadedModel) -> str:
    kind = type(loaded.model).__name__
    attention = getattr(loaded.model.config, "_attn_implementation", None)
    return f"{loaded.name} ({kind}{f', {attention} attention' if attention else ''})"
