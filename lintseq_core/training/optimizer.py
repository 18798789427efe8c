"""AdamW as the paper uses it, Muon beside it, and the learning rate at each step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from lintseq_core.training.config import Optimization, Optimizer


def make_optimizer(
    model: Any, *, learning_rate: float, weight_decay: float, kind: Optimizer = "adamw"
) -> torch.optim.Optimizer:
    """AdamW or Muon, either of which decays matrices only.

    Paper: no decay by name, "bias" and "layer_norm.weight", which misses the norms of Llama, called
    "layernorm". Here: no decay of anything with one dimension, because that is what was meant.
    """
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    vectors = {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0}
    if kind == "adamw":
        matrices = {"params": [p for p in trained if p.ndim >= 2], "weight_decay": weight_decay}
        groups = [group for group in (matrices, vectors) if group["params"]]
        # One parameter after the other: all at once, as by default on a GPU, would take as much
        # memory again as all weights.
        return torch.optim.AdamW(groups, lr=learning_rate, foreach=False)
    tables = {
        id(layer.weight)
        for layer in (model.get_input_embeddings(), model.get_output_embeddings())
        if layer is not None
    }
    hidden = [p for p in trained if p.ndim == 2 and id(p) not in tables]
    others = [p for p in trained if p.ndim >= 2 and (p.ndim > 2 or id(p) in tables)]
    decay = {"weight_decay": weight_decay}
    groups = [
        {"params": hidden, "is_hidden": True} | decay,
        {"params": others, "is_hidden": False} | decay,
        vectors | {"is_hidden": False},
    ]
    return Muon([group for group in groups if group["params"]], lr=learning_rate)


class Muon(torch.optim.Optimizer):
    """Muon for hidden matrices, AdamW for embeddings, norms and whatever else there is.

    Source: K. Jordan and others, "Muon: An optimizer for hidden layers in neural networks" (2024);
    that an update is scaled to the size of AdamW's, so that one learning rate does for both:
    J. Liu and others, arXiv 2502.16982, section 2.2.
    """

    def __init__(
        self,
        groups: list[dict[str, Any]],
        *,
        lr: float,
        momentum: float = 0.95,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
    ) -> None:
        """`groups`: parameters with "is_hidden" and "weight_decay"."""
        super().__init__(groups, {"lr": lr, "momentum": momentum, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """One step with the gradients that are there; `closure` is not called."""
        for group in self.param_groups:
            update = _muon_update if group["is_hidden"] else _adam_update
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                change = update(parameter.grad, self.state[parameter], group)
                parameter.sub_(group["lr"] * change)


def _muon_update(gradient: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Tensor:
    """The direction of the momentum with all singular values near one, as large as AdamW's."""
    if not state:
        state["momentum"] = torch.zeros_like(gradient)
    momentum = state["momentum"]
    momentum.lerp_(gradient, 1 - group["momentum"])
    ahead = gradient.lerp(momentum, group["momentum"])  # Nesterov's
    return orthogonalised(ahead) * (0.2 * math.sqrt(max(gradient.shape)))


def _adam_update(gradient: Tensor, state: dict[str, Any], group: dict[str, Any]) -> Tensor:
    if not state:
        state["step"] = torch.tensor(0.0)
        state["mean"], state["square"] = torch.zeros_like(gradient), torch.zeros_like(gradient)
    state["step"] += 1
    done = float(state["step"])
    first: float
    second: float
    first, second = group["betas"]
    mean: Tensor = state["mean"]
    square: Tensor = state["square"]
    mean.lerp_(gradient, 1 - first)
    square.lerp_(gradient.square(), 1 - second)
    size: Tensor = (square / (1 - math.pow(second, done))).sqrt() + group["eps"]
    return mean / (1 - math.pow(first, done)) / size


def orthogonalised(matrix: Tensor) -> Tensor:
    """`matrix` with its singular values moved to between 0.7 and 1.2, by five Newton-Schulz steps.

    In the precision of `matrix`; `torch.optim.Muon` computes in bfloat16, which is slow on
    processors without instructions for it.
    """
    is_tall = matrix.shape[0] > matrix.shape[1]
    x: Tensor = matrix.T if is_tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.T if is_tall else x


def rate_at(step: int, optimization: Optimization, total_steps: int) -> float:
    """The learning rate of the 0-based `step` of `total_steps`: up from 0, then by the schedule.

    As in transformers' schedules, which give step 0 of a warm-up the rate 0, and as there a cosine
    goes from the end of the warm-up to the last step.
    """
    peak, least = optimization.learning_rate, optimization.least_learning_rate
    warmup = warmup_steps(optimization, total_steps)
    if step < warmup:
        return peak * step / warmup
    if optimization.schedule == "constant":
        return peak
    decaying = total_steps - warmup
    if optimization.schedule == "warmup-stable-decay":
        decaying = min(decaying, math.ceil(optimization.decay_ratio * total_steps))
    left = min(1.0, max(0, total_steps - step) / max(1, decaying))
    if optimization.schedule == "cosine":
        left = (1 - math.cos(math.pi * left)) / 2
    return least + (peak - least) * left


def warmup_steps(optimization: Optimization, total_steps: int) -> int:
    """Steps before the learning rate is at its peak."""
    if optimization.warmup_steps is not None:
        return optimization.warmup_steps
    return int(optimization.warmup_ratio * total_steps)
