"""AdamW as the paper uses it, and its learning rate at each step."""

from __future__ import annotations

from typing import Any

import torch


def make_optimizer(model: Any, *, learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    """AdamW that decays matrices only.

    Paper: no decay by name, "bias" and "layer_norm.weight", which misses the norms of Llama, called
    "layernorm". Here: no decay of anything with one dimension, because that is what was meant.
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW([g for g in groups if g["params"]], lr=learning_rate)


def linear_rate(
    step: int, *, total_steps: int, warmup_steps: int, peak: float, least: float = 0.0
) -> float:
    """The learning rate of the 0-based `step`: up from 0 to `peak`, then down to `least`.

    As in transformers' linear schedule, which gives step 0 of a warm-up the rate 0.
    """
    if step < warmup_steps:
        return peak * step / warmup_steps
    left = max(0, total_steps - step) / max(1, total_steps - warmup_steps)
    return least + (peak - least) * left
