"""What sampling costs: floating point operations at test time, and what a decade of them buys.

Three counts, derived in docs/flops.md: `flops_paper_v1` and `flops_kaplan` are axes of the paper's
two versions, to be compared with its points; `flops_computed` is what a machine really does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lintseq_core.metrics.errors import MetricError


@dataclass(frozen=True, slots=True)
class ScalingFit:
    """A straight line through scores over log10 of FLOPs, by least squares."""

    slope_per_decade: float
    intercept: float
    """The line's score at 1 FLOP: only good for drawing it."""
    slope_standard_error: float
    """NaN for two points."""
    n_points: int


@dataclass(frozen=True, slots=True)
class ForwardShape:
    """What a forward pass of a transformer multiplies with."""

    layer_params: int
    """Weights that every token is multiplied with, the output layer's not among them."""
    output_params: int
    """Of the output layer: only for tokens whose successor is asked for."""
    n_layers: int
    attention_width: int
    """Heads of queries times their size."""

    @classmethod
    def of(cls, config: Mapping[str, Any], n_params: int) -> ForwardShape:
        """Of a model of `n_params` parameters, tied ones once, by the fields of its configuration.

        The table that tokens are looked up in multiplies nothing. Norms, a few vectors, are left
        in.
        """
        width, heads = config["hidden_size"], config["num_attention_heads"]
        output = config["vocab_size"] * width
        looked_up = 0 if config["tie_word_embeddings"] else output
        return cls(
            layer_params=n_params - looked_up - output,
            output_params=output,
            n_layers=config["num_hidden_layers"],
            attention_width=heads * (config.get("head_dim") or width // heads),
        )


def flops_computed(
    shape: ForwardShape,
    *,
    prompt_tokens: Sequence[int],
    sample_tokens: Sequence[Sequence[int]],
    prompt_is_shared: bool = True,
) -> float:
    """What is computed to draw samples of these lengths: every token that is read, at its place.

    `prompt_tokens`: of each problem; `sample_tokens`: of each of its samples. A prompt is read once
    for all samples of its problem where `prompt_is_shared`, and logits are made of its last token
    alone; the last token of a sample is drawn and not read. A token attends to those up to itself.

    >>> shape = ForwardShape(layer_params=10, output_params=5, n_layers=1, attention_width=1)
    >>> flops_computed(shape, prompt_tokens=[2], sample_tokens=[[1, 2]])
    104.0
    """
    if len(prompt_tokens) != len(sample_tokens):
        raise MetricError(
            f"FLOPs: {len(prompt_tokens)} prompts and samples of {len(sample_tokens)} problems"
        )
    counts = [*prompt_tokens, *(n for one in sample_tokens for n in one)]
    if any(n < 0 for n in counts):
        raise MetricError(f"FLOPs: {min(counts)} tokens; 0 or more are expected")
    total = 0.0
    for prompt, samples in zip(prompt_tokens, sample_tokens, strict=True):
        times_read = (1 if samples else 0) if prompt_is_shared else len(samples)
        total += times_read * (_read(shape, 0, prompt) + 2 * shape.output_params)
        for drawn in samples:
            fed = max(drawn - 1, 0)
            total += _read(shape, prompt, prompt + fed) + 2 * shape.output_params * fed
    return total


def _read(shape: ForwardShape, start: int, stop: int) -> float:
    """Of the layers, for the tokens behind `start` up to `stop`: 4 a pair that attends."""
    attended = (stop * (stop + 1) - start * (start + 1)) / 2
    attention = 4 * shape.n_layers * shape.attention_width * attended
    return 2 * shape.layer_params * (stop - start) + attention


def flops_paper_v1(
    *, n_params: float, tokens_per_sample: float, samples_per_problem: int, n_problems: int
) -> float:
    """2 N T k M: the paper's first version, Figure 1 (worked out from its points).

    N parameters, T tokens generated for a sample on average, k samples for each of M problems.
    Leaves out the prompt and attention over what was written.

    >>> flops_paper_v1(n_params=405e9, tokens_per_sample=200, samples_per_problem=1, n_problems=164)
    2.6568e+16
    """
    _check_positive(
        n_params=n_params, samples_per_problem=samples_per_problem, n_problems=n_problems
    )
    _check_positive(at_least=0, tokens_per_sample=tokens_per_sample)
    return 2 * n_params * tokens_per_sample * samples_per_problem * n_problems


def flops_kaplan(
    *,
    n_params: float,
    n_layers: int,
    d_model: int,
    prompt_tokens: float,
    tokens_per_sample: float,
    samples_per_problem: int,
    n_problems: int,
    prompt_is_shared: bool = False,
) -> float:
    """2 N + 2 layers d_model position for every token, prompts included (arXiv 2001.08361, 2.1).

    The paper's later version counts in this manner; no source states its constant, so compare
    ratios and slopes with it, not its axis. `prompt_is_shared`: the samples of a problem read its
    prompt once (prefix caching).

    >>> flops_kaplan(n_params=10, n_layers=1, d_model=1, prompt_tokens=1, tokens_per_sample=1,
    ...              samples_per_problem=1, n_problems=1)
    46.0
    """
    _check_positive(
        n_params=n_params,
        n_layers=n_layers,
        d_model=d_model,
        samples_per_problem=samples_per_problem,
        n_problems=n_problems,
    )
    _check_positive(at_least=0, prompt_tokens=prompt_tokens, tokens_per_sample=tokens_per_sample)

    def up_to(length: float) -> float:
        return 2 * n_params * length + n_layers * d_model * length * (length + 1)

    prompt = up_to(prompt_tokens)
    sample = up_to(prompt_tokens + tokens_per_sample) - prompt
    prompts = 1 if prompt_is_shared else samples_per_problem
    return float(n_problems * (prompts * prompt + samples_per_problem * sample))


def fit_scaling(flops: Sequence[float], scores: Sequence[float]) -> ScalingFit:
    """Score gained for ten times the FLOPs, by least squares; the paper draws its standard error.

    >>> round(fit_scaling([1e15, 1e16, 1e17], [20.0, 30.0, 41.0]).slope_per_decade, 2)
    10.5
    """
    if len(flops) != len(scores):
        raise MetricError(f"slope: {len(flops)} FLOPs and {len(scores)} scores")
    wrong = [value for value in flops if not (value > 0 and math.isfinite(value))]
    if wrong or not all(map(math.isfinite, scores)):
        raise MetricError("slope: FLOPs are above 0, and all values finite")
    x = np.log10(np.asarray(flops, dtype=np.float64))
    y = np.asarray(scores, dtype=np.float64)
    if len(np.unique(x)) < 2:
        return ScalingFit(math.nan, math.nan, math.nan, len(x))
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
    intercept = float(y.mean()) - slope * float(x.mean())
    if len(x) == 2:
        return ScalingFit(slope, intercept, math.nan, 2)
    residual = math.sqrt(float(((y - intercept - slope * x) ** 2).sum()) / (len(x) - 2))
    return ScalingFit(slope, intercept, residual / math.sqrt(spread), len(x))


def _check_positive(at_least: float | None = None, **values: float) -> None:
    for name, value in values.items():
        fits = value > 0 if at_least is None else value >= at_least
        if not fits or not math.isfinite(value):
            least = "above 0" if at_least is None else f"{at_least} or more"
            raise MetricError(f"FLOPs: {name} = {value}; {least} is expected")
