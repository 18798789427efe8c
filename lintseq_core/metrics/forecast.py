"""pass@k beyond the samples at hand, by four models side by side: each is a guess, none is data.

What lies beyond n samples is decided by problems that were solved never or once, of which the
samples say least. So a forecast is as good as its model of small solve rates; docs/forecasts.md
says how often the band of each held a truth that was known, and how wide it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.extrapolation import extrapolate, fit_beta_binomial
from lintseq_core.metrics.intervals import LEVEL
from lintseq_core.metrics.pass_at_k import Floats, Ints, pass_at_k

ModelName = Literal["beta-binomial", "spike at zero", "curve power law", "left tail"]
MODEL_NAMES: tuple[ModelName, ...] = get_args(ModelName)
MODELS: dict[ModelName, str] = {
    "beta-binomial": "solve rates are one beta distribution",
    "spike at zero": "a share of problems is never solved, the others are a beta distribution",
    "curve power law": "−log pass@k falls as a power of k, as it does up to n (2407.21787)",
    "left tail": "solve rates are a Kumaraswamy distribution, whose left tail decides (2502.17578)",
}
DEFAULT_MODEL: ModelName = "beta-binomial"
IS_RELIABLE = False
"""By docs/forecasts.md, which measures how often each holds truths that are known: the best, and
whether it does so often enough."""
N_RESAMPLES = 200
_ROUNDS = 40
_FIRST, _CLOSE, _STEP = 0.5, 1e-3, 1e-3  # of the parameters, which are logarithms
_CHI_SQUARE = 3.841  # 95 % of it, with one degree of freedom
_N_SPIKES = 24

Weights = Callable[[Floats], Floats]
"""From parameters, shape (fits, parameters), to the share of problems at each rate of the grid."""


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """pass@k by one model, for each of `ks`."""

    model: ModelName
    ks: tuple[int, ...]
    estimate: Floats
    low: Floats
    high: Floats
    """All of shape (ks,). The ends of the band hold how sure the fit is, not whether the model is
    right."""
    level: float
    never: float
    """The share of problems that no number of samples solves; NaN for a model that has no such."""
    exponent: float
    """Solve rates near zero have a density like p^(exponent - 1), so that 1 - pass@k falls as
    k^-exponent; of the curve's power law -log pass@k does."""


@dataclass(frozen=True, slots=True, eq=False)
class RateDensity:
    """How a model has solve rates spread over problems."""

    model: ModelName
    rates: Floats
    density: Floats
    """Share of problems per factor of e of the rate."""
    never: float
    """Share of problems at zero beside the density."""


def forecast(
    n: ArrayLike,
    c: ArrayLike,
    ks: Sequence[int],
    models: Sequence[ModelName] = MODEL_NAMES,
    *,
    seed: int = 0,
    level: float = LEVEL,
    n_resamples: int = N_RESAMPLES,
) -> tuple[Forecast, ...]:
    """pass@k for each of `ks`, beyond n too, by each of `models`, with bands.

    `c` of `n` samples of each problem pass. Bands come from drawing problems anew and fitting
    again; that of the spike holds all spikes that the counts do not rule out, too. MetricError
    where all samples pass or none does.

    >>> passed = [0, 0, 1, 2, 5, 9, 14, 20]
    >>> (found,) = forecast([20] * 8, passed, [20, 100], ["left tail"], n_resamples=10)
    >>> bool(0.7 < found.estimate[0] < found.estimate[1] < 1)
    True
    """
    totals, passed = np.atleast_1d(np.asarray(n)), np.atleast_1d(np.asarray(c))
    fit_beta_binomial(totals, passed)  # refuses what cannot be fitted
    if any(k < 1 for k in ks):
        raise MetricError(f"forecast: k = {min(ks)}; k is at least 1")
    tails = [(1 - level) / 2, (1 + level) / 2]
    counts = _Counts.of(totals, passed)
    resamples = counts.resampled(n_resamples, np.random.default_rng(seed))
    found = []
    for model in models:
        if model == "beta-binomial":
            points = extrapolate(
                totals, passed, ks, seed=seed, level=level, n_resamples=n_resamples
            )
            shape = fit_beta_binomial(totals, passed)
            middle, low, high = np.array([[one.estimate, one.low, one.high] for one in points]).T
            found.append(Forecast(model, tuple(ks), middle, low, high, level, np.nan, shape.alpha))
            continue
        if model == "curve power law":
            estimate, exponent = _by_power_law(counts, counts.problems[None, :], ks)
            drawn, _ = _by_power_law(counts, resamples, ks)
            never = np.nan
        else:
            fit = _Fit.of(model, counts)
            again = _maximise(
                counts, resamples, fit.weights, np.repeat(fit.at, n_resamples, axis=0)
            )
            estimate = fit.weights(fit.at) @ _solved(ks)
            drawn = fit.weights(again) @ _solved(ks)
            exponent = np.exp(fit.at[:, 0])
            never = float(_share(fit.at[0, 2])) if model == "spike at zero" else np.nan
        low, high = np.quantile(drawn, tails, axis=0)
        if model == "spike at zero":
            spikes = _possible_spikes(counts, fit) @ _solved(ks)
            low, high = np.minimum(low, spikes.min(axis=0)), np.maximum(high, spikes.max(axis=0))
        low, high = np.minimum(low, estimate[0]), np.maximum(high, estimate[0])
        found.append(
            Forecast(model, tuple(ks), estimate[0], low, high, level, never, float(exponent[0]))
        )
    return tuple(found)


def rate_densities(n: ArrayLike, c: ArrayLike) -> tuple[RateDensity, ...]:
    """How the models that have a distribution of rates see it; MetricError as `forecast`."""
    totals, passed = np.atleast_1d(np.asarray(n)), np.atleast_1d(np.asarray(c))
    beta = fit_beta_binomial(totals, passed)
    counts = _Counts.of(totals, passed)
    densities = []
    names: tuple[ModelName, ...] = ("beta-binomial", "spike at zero", "left tail")
    for model in names:
        if model == "beta-binomial":
            shares, never = _beta(np.log([[beta.alpha, beta.beta]])), np.nan
        else:
            fit = _Fit.of(model, counts)
            shares = fit.weights(fit.at)
            never = float(_share(fit.at[0, 2])) if model == "spike at zero" else np.nan
        # Between steps of logit p a step of log p is 1 - p as long.
        density = shares[0, 1:-1] / (_STEPS * (1 - _RATES))
        densities.append(RateDensity(model, _RATES, density, never))
    return tuple(densities)


# ------------------------------------------------------------------ counts


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Problems by how many samples they have and how many pass."""

    n: Ints
    c: Ints
    problems: Floats
    """With each n and c."""
    likelihood: Floats
    """Of each n and c at each rate of the grid, 1 at the most likely one; shape (counts, rates)."""

    @classmethod
    def of(cls, n: Ints, c: Ints) -> _Counts:
        cases, problems = np.unique(np.stack([n, c]), axis=1, return_counts=True)
        totals, passed = cases.astype(np.int64)
        logs = passed[:, None] * np.log(_RATES) + (totals - passed)[:, None] * np.log1p(-_RATES)
        ends = np.where(passed == 0, 0.0, -np.inf), np.where(passed == totals, 0.0, -np.inf)
        logs = np.concatenate([ends[0][:, None], logs, ends[1][:, None]], axis=1)
        likelihood = np.exp(logs - logs.max(axis=1, keepdims=True))
        return cls(totals, passed, problems.astype(np.float64), likelihood)

    def resampled(self, times: int, rng: np.random.Generator) -> Floats:
        """As many problems drawn anew, `times`; shape (times, counts)."""
        n_problems = int(self.problems.sum())
        return rng.multinomial(n_problems, self.problems / n_problems, size=times).astype(float)


def _by_power_law(counts: _Counts, problems: Floats, ks: Sequence[int]) -> tuple[Floats, Floats]:
    """pass@k of exp(-A k^-g), fitted by least squares to log -log pass@k up to n, and g."""
    seen = np.unique(np.geomspace(1, counts.n.min(), 30).round().astype(np.int64))
    values = pass_at_k(counts.n[:, None], counts.c[:, None], seen[None, :])
    curves = problems @ values / problems.sum(axis=1, keepdims=True)
    usable = (curves > 0) & (curves < 1)
    heights = np.log(-np.log(np.where(usable, curves, 0.5)))
    along = np.broadcast_to(np.log(seen), heights.shape)
    total = np.maximum(usable.sum(axis=1), 1)
    mean_x = (along * usable).sum(axis=1) / total
    mean_y = (heights * usable).sum(axis=1) / total
    apart = (along - mean_x[:, None]) * usable
    spread = (apart**2).sum(axis=1)
    slopes = np.divide(
        (apart * heights).sum(axis=1), spread, out=np.zeros_like(spread), where=spread > 0
    )
    logs = mean_y[:, None] + slopes[:, None] * (np.log(ks)[None, :] - mean_x[:, None])
    # A resample that solves all at once, or nothing, has no slope: it stays where it is.
    level = curves[:, -1:] * np.ones(len(ks))
    return np.where(usable.any(axis=1)[:, None], np.exp(-np.exp(logs)), level), -slopes


# ------------------------------------------------------------------ distributions on a grid

# Evenly spaced in logit p where samples can tell rates apart, wider beyond.
_LOGITS = np.concatenate([np.arange(-40.0, -12.0, 1.0), np.arange(-12.0, 9.0, 0.125),
                          np.arange(9.0, 14.1, 1.0)])  # fmt: skip
_STEPS = np.gradient(_LOGITS)
_RATES = 1 / (1 + np.exp(-_LOGITS))
_LOG, _LOG_NOT = -np.log1p(np.exp(-_LOGITS)), -np.log1p(np.exp(_LOGITS))
_LEAST, _MOST = np.array([-5.0, -5.0, -9.0]), np.array([5.5, 12.0, 9.0])
_MOST_OF_TAIL = np.array([2.2, 40.0])
"""Of log a, log b and logit of the spike; larger a would fall between rates of the grid."""


def _solved(ks: Sequence[int]) -> Floats:
    """1 - (1 - p)^k at 0, at each rate and at 1; shape (rates + 2, ks)."""
    inner = -np.expm1(_LOG_NOT[:, None] * np.asarray(ks, dtype=np.float64)[None, :])
    return np.concatenate([np.zeros((1, len(ks))), inner, np.ones((1, len(ks)))])


def _beta(parameters: Floats) -> Floats:
    """Shares of Beta(a, b), whose logarithms are the parameters, at 0, at each rate and at 1."""
    a, b = np.exp(parameters[:, :2]).T[:, :, None]
    logs = a * _LOG + b * _LOG_NOT + np.log(_STEPS)
    # What lies beyond the ends of the grid, where one of the two factors is 1.
    low = a * _LOG[0] - np.log(a)
    high = b * _LOG_NOT[-1] - np.log(b)
    logs = np.concatenate([low, logs, high], axis=1)
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _spiked(parameters: Floats) -> Floats:
    """The same with a share at 0 besides, whose logit is the third parameter."""
    return _with_spike(_beta(parameters), _share(parameters[:, 2:]))


def _with_spike(shares: Floats, never: Floats) -> Floats:
    spiked = shares * (1 - never)
    spiked[:, :1] += never
    return spiked


def _kumaraswamy(parameters: Floats) -> Floats:
    """Shares of the distribution 1 - (1 - p^a)^b at 0, at each rate and at 1."""
    a, b = np.exp(parameters[:, :2]).T[:, :, None]
    powers = a * _LOG
    not_power = np.log(-np.expm1(np.minimum(powers, -1e-300)))
    logs = np.log(a) + np.log(b) + powers + (b - 1) * not_power + _LOG_NOT + np.log(_STEPS)
    low = np.log(-np.expm1(np.minimum(b * not_power[:, :1], -1e-300)))
    logs = np.concatenate([low, logs, b * not_power[:, -1:]], axis=1)
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _share(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logit)))


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """The most likely parameters of a model."""

    weights: Weights
    at: Floats
    """Shape (1, parameters)."""

    @classmethod
    def of(cls, model: str, counts: _Counts) -> _Fit:
        """Of several starts the best."""
        mean = float((counts.problems @ counts.c) / (counts.problems @ counts.n))
        zeros = float(counts.problems[counts.c == 0].sum() / counts.problems.sum())
        starts = []
        for total in (0.3, 1.0, 5.0, 100.0):
            shapes = [np.log(max(mean * total, 0.02)), np.log(max((1 - mean) * total, 0.02))]
            if model == "spike at zero":
                starts += [[*shapes, -4.0], [*shapes, np.log((zeros + 0.05) / (1.05 - zeros))]]
            else:
                starts.append(shapes)
        weights = _spiked if model == "spike at zero" else _kumaraswamy
        ahead = np.repeat(counts.problems[None, :], len(starts), axis=0)
        ends = _maximise(counts, ahead, weights, np.array(starts))
        best = int(np.argmax(_log_likelihood(counts, ahead, weights(ends))))
        return cls(weights, ends[best : best + 1])


def _possible_spikes(counts: _Counts, fit: _Fit) -> Floats:
    """Shares at each rate for spikes whose likelihood, with the best a and b, is not too low."""
    never = np.linspace(0.0, 0.98, _N_SPIKES)
    with np.errstate(divide="ignore"):
        logits = np.log(never / (1 - never))
    start = np.repeat(fit.at, _N_SPIKES, axis=0)
    start[:, 2] = logits
    problems = np.repeat(counts.problems[None, :], _N_SPIKES, axis=0)
    ends = np.concatenate([_maximise(counts, problems, _spiked, start, n_free=2), fit.at])
    shares = _spiked(ends)
    likelihood = _log_likelihood(counts, counts.problems[None, :], shares)
    return np.asarray(shares[2 * (likelihood.max() - likelihood) <= _CHI_SQUARE])


def _log_likelihood(counts: _Counts, problems: Floats, shares: Floats) -> Floats:
    return np.asarray((problems * np.log(shares @ counts.likelihood.T + 1e-300)).sum(axis=1))


def _maximise(
    counts: _Counts, problems: Floats, weights: Weights, start: Floats, *, n_free: int = 0
) -> Floats:
    """The most likely parameters for each row of `problems`, from `start`, by Newton's method.

    Slopes are differences of the likelihood; a step that would lower it is not taken, and the next
    one is shorter. With `n_free` the parameters after the first ones stay as they are.
    """
    at = start.copy()
    size = n_free or at.shape[1]
    most = _MOST_OF_TAIL if weights is _kumaraswamy else _MOST
    moves = _moves(size, at.shape[1])
    longest = np.full(len(at), _FIRST)
    left = np.arange(len(at))
    for _ in range(_ROUNDS):
        here, gradient, hessian = _slopes(counts, problems[left], weights, at[left], moves, size)
        curvature, axes = np.linalg.eigh(hessian)
        # Along each axis upwards, however the surface is bent there.
        along = np.einsum("fij,fi->fj", axes, gradient) / np.maximum(np.abs(curvature), 1e-2)
        step = np.einsum("fij,fj->fi", axes, along)
        length = np.maximum(np.abs(step).max(axis=1), 1e-12)
        step *= np.minimum(1.0, longest[left] / length)[:, None]
        ahead = at[left].copy()
        ahead[:, :size] = np.clip(ahead[:, :size] + step, _LEAST[:size], most[:size])
        better = _log_likelihood(counts, problems[left], weights(ahead)) >= here
        moved = np.where(
            better, np.abs(ahead[:, :size] - at[left, :size]).max(axis=1), longest[left]
        )
        at[left[better]] = ahead[better]
        longest[left] = np.where(better, np.minimum(2 * longest[left], 3.0), longest[left] / 4)
        left = left[moved >= _CLOSE]
        if not left.size:
            break
    return at


def _moves(size: int, n_parameters: int) -> Floats:
    """Nowhere, up and down by each of the first `size` parameters, up by each two of them."""
    units = np.eye(size, n_parameters)
    both = [(units[i] + units[j])[None, :] for i in range(size) for j in range(i)]
    return np.concatenate([np.zeros((1, n_parameters)), units, -units, *both])


def _slopes(
    counts: _Counts, problems: Floats, weights: Weights, at: Floats, moves: Floats, size: int
) -> tuple[Floats, Floats, Floats]:
    """The likelihood, its gradient and its Hessian, by differences."""
    around = np.repeat(at, len(moves), axis=0) + _STEP * np.tile(moves, (len(at), 1))
    values = _log_likelihood(counts, np.repeat(problems, len(moves), axis=0), weights(around))
    values = values.reshape(len(at), len(moves))
    here, up, down = values[:, :1], values[:, 1 : size + 1], values[:, size + 1 : 2 * size + 1]
    hessian = np.zeros((len(at), size, size))
    hessian[:, range(size), range(size)] = up + down - 2 * here
    pairs = [(i, j) for i in range(size) for j in range(i)]
    for place, (i, j) in enumerate(pairs, start=2 * size + 1):
        both = values[:, place] - up[:, i] - up[:, j] + here[:, 0]
        hessian[:, i, j] = hessian[:, j, i] = both
    return here[:, 0], (up - down) / (2 * _STEP), hessian / _STEP**2
