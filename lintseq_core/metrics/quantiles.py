"""Quantiles of the beta and of Student's t distribution, with numpy alone.

The incomplete beta function is a continued fraction (DLMF 8.17.22); its inverse is found by
Newton's steps that stay in a bracket.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_CLOSE = 1e-10
_MOST_TERMS = 1_000_000
"""The fraction takes a few times the root of the parameters; this many would be a mistake."""


def beta_quantiles(a: Floats, b: Floats, share: float) -> Floats:
    """Where the beta distribution with `a` and `b`, both above 0, has `share` of itself below.

    Right to nine decimals.

    >>> beta_quantiles(np.array([1.0, 2.0]), np.array([1.0, 3.0]), 0.25).round(4).tolist()
    [0.25, 0.243]
    """
    scale = np.array([
        math.lgamma(alpha) + math.lgamma(beta) - math.lgamma(alpha + beta)
        for alpha, beta in zip(a.tolist(), b.tolist(), strict=True)
    ])  # fmt: skip
    quantiles = a / (a + b)
    low, high = np.zeros_like(quantiles), np.ones_like(quantiles)
    left = np.arange(quantiles.size)
    while left.size:
        at, shapes = quantiles[left], (a[left], b[left], scale[left])
        below = _share_below(at, *shapes)
        is_low = below < share
        low[left] = np.where(is_low, at, low[left])
        high[left] = np.where(is_low, high[left], at)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            step = at - (below - share) / _density(at, *shapes)
        inside = (step > low[left]) & (step < high[left])
        quantiles[left] = np.where(inside, step, (low[left] + high[left]) / 2)
        done = (np.abs(quantiles[left] - at) < _CLOSE) | (high[left] - low[left] < _CLOSE)
        left = left[~done]
    return quantiles


@lru_cache(maxsize=1_000)
def t_quantile(degrees: float, share: float) -> float:
    """Where Student's t with `degrees` of freedom, above 0, has `share`, over a half, below.

    >>> round(t_quantile(4, 0.975), 3)
    2.776
    """
    tail = 2 * (1 - share)
    (at,) = beta_quantiles(np.array([0.5]), np.array([degrees / 2]), 1 - tail).tolist()
    return math.sqrt(degrees * at / (1 - at))


def _density(x: Floats, a: Floats, b: Floats, scale: Floats) -> Floats:
    return np.exp((a - 1) * np.log(x) + (b - 1) * np.log1p(-x) - scale)


def _share_below(x: Floats, a: Floats, b: Floats, scale: Floats) -> Floats:
    """The regularised incomplete beta function, x strictly between 0 and 1."""
    swapped = x > (a + 1) / (a + b + 2)  # the fraction converges fast below the mean
    x = np.where(swapped, 1 - x, x)
    a, b = np.where(swapped, b, a), np.where(swapped, a, b)
    front = np.exp(a * np.log(x) + b * np.log1p(-x) - scale) / a
    share = front * _fraction(x, a, b)
    return np.where(swapped, 1 - share, share)


def _fraction(x: Floats, a: Floats, b: Floats) -> Floats:
    """By Lentz's method: two terms of the continued fraction a round."""
    numerator = np.ones_like(x)
    denominator = 1 / (1 - (a + b) * x / (a + 1))
    product = denominator.copy()
    for m in range(1, _MOST_TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            denominator = 1 / (1 + term * denominator)
            numerator = 1 + term / numerator
            change = numerator * denominator
            product = product * change
        if np.all(np.abs(change - 1) < 1e-13):
            return product
    raise AssertionError(f"the continued fraction of {a.max()}, {b.max()} does not converge")
