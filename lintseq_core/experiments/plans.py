"""What a run at full size takes, counted before anybody pays for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lintseq_core.errors import LintSeqError

H100_BF16_FLOPS = 989e12
"""Dense peak of one H100 SXM a second, as its maker gives it."""
TRAINING_UTILISATION = 0.4
"""Of that peak, an assumption: 0.3 to 0.5 is what such runs report."""
SAMPLING_UTILISATION = 0.05
"""Of that peak while drawing tokens one after the other, an assumption; batches decide it."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """One run that trains, samples or makes data, with everything that it is told."""

    name: str
    settings: Mapping[str, Any]
    """The full configuration, by name."""
    n_parameters: int
    """0 where there is no model."""
    steps: int
    """Optimizer steps; 0 for sampling and for data."""
    tokens: float
    """That go through the model, or are written as data."""
    flops: float
    gpus: int
    gpu_hours: float
    """On H100s, at the assumed utilisation."""
    command: str
    """What starts it."""
    assumptions: tuple[str, ...] = ()
    cpu_hours: float = 0.0
    """Of one core, where no GPU is used."""


def training_plan(
    name: str,
    *,
    settings: Mapping[str, Any],
    n_parameters: int,
    steps: int,
    tokens: float,
    gpus: int,
    command: str,
    assumptions: tuple[str, ...] = (),
) -> RunPlan:
    """A training run at 6 FLOPs a parameter and token (2 forward, 4 backward)."""
    flops = 6.0 * n_parameters * tokens
    hours = flops / (H100_BF16_FLOPS * TRAINING_UTILISATION) / 3600
    said = f"{TRAINING_UTILISATION:.0%} of an H100's bf16 peak while training"
    return RunPlan(
        name, settings, n_parameters, steps, tokens, flops, gpus, hours, command,
        (*assumptions, said),
    )  # fmt: skip


def sampling_plan(
    name: str,
    *,
    settings: Mapping[str, Any],
    n_parameters: int,
    n_problems: int,
    n_samples: int,
    tokens_per_sample: float,
    gpus: int = 1,
    command: str,
    assumptions: tuple[str, ...] = (),
) -> RunPlan:
    """A sampling run at 2 FLOPs a parameter and token."""
    tokens = float(n_problems * n_samples) * tokens_per_sample
    flops = 2.0 * n_parameters * tokens
    hours = flops / (H100_BF16_FLOPS * SAMPLING_UTILISATION) / 3600
    said = (
        f"{tokens_per_sample:g} tokens a sample",
        f"{SAMPLING_UTILISATION:.0%} of an H100's bf16 peak while sampling",
    )
    return RunPlan(
        name, settings, n_parameters, 0, tokens, flops, gpus, hours, command, (*assumptions, *said)
    )


def data_plan(
    name: str,
    *,
    settings: Mapping[str, Any],
    n_sequences: int,
    tokens_per_sequence: float,
    sequences_per_cpu_second: float,
    command: str,
    assumptions: tuple[str, ...] = (),
) -> RunPlan:
    """A data set that CPUs make."""
    said = (
        f"{tokens_per_sequence:g} tokens a sequence",
        f"{sequences_per_cpu_second:,g} sequences a CPU second",
    )
    return RunPlan(
        name, settings, 0, 0, n_sequences * tokens_per_sequence, 0.0, 0, 0.0, command,
        (*assumptions, *said), n_sequences / sequences_per_cpu_second / 3600,
    )  # fmt: skip


def parameters_of(config: Mapping[str, Any]) -> int:
    """Parameters of a model by the fields of its configuration, tied ones once; needs no torch.

    Knows the families of `models.presets`: llama, olmo, gemma2, phi3.
    """
    family = config["model_type"]
    if family not in ("llama", "olmo", "gemma2", "phi3"):
        raise LintSeqError(f"parameters of a {family!r} are not known here: count the module")
    width, layers = config["hidden_size"], config["num_hidden_layers"]
    heads = config["num_attention_heads"]
    head = config.get("head_dim") or width // heads
    keys = config.get("num_key_value_heads") or heads
    attention = width * head * (heads + 2 * keys) + heads * head * width
    feed_forward = 3 * width * config["intermediate_size"]
    norms = {"olmo": 0, "gemma2": 4 * width}.get(family, 2 * width)
    final = 0 if family == "olmo" else width
    embeddings = config["vocab_size"] * width * (1 if config["tie_word_embeddings"] else 2)
    return int(embeddings + layers * (attention + feed_forward + norms) + final)


def plan_text(plan: RunPlan) -> str:
    """The plan in lines of plain text, its command last."""
    settings = "\n".join(f"    {name} = {value}" for name, value in plan.settings.items())
    steps = f"{plan.steps:,} steps, " if plan.steps else ""
    if plan.gpus:
        cost = (
            f"{plan.n_parameters:,} parameters; {steps}{plan.tokens:.3g} tokens, "
            f"{plan.flops:.3g} FLOPs, about {plan.gpu_hours:,.1f} GPU hours on {plan.gpus} GPU"
            f"{'s' if plan.gpus > 1 else ''}"
        )
    else:
        cost = f"{plan.tokens:.3g} tokens, about {plan.cpu_hours:,.2g} CPU hours"
    return (
        f"{plan.name}\n{settings}\n"
        f"  {cost}\n"
        f"  assuming {'; '.join(plan.assumptions)}\n"
        f"  {plan.command}\n"
    )
