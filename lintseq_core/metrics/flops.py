"""What sampling costs: floating point operations at test time, and what a decade of them buys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
