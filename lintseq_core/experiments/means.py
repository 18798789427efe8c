"""Means of few values with intervals by Student's t, for numbers that only a paper has."""

from __future__ import annotations

import math
from collections.abc import Sequence

# Two-sided 95 % quantiles by degrees of freedom; beyond the last, the next lower one (wider).
_T95 = {
    1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262,
    10: 2.228, 11: 2.201, 12: 2.179, 15: 2.131, 20: 2.086, 30: 2.042, 60: 2.0, 120: 1.98,
}  # fmt: skip


def t95(degrees: int) -> float:
    """The factor that makes a standard error a 95 % interval; infinite for no degree of freedom.

    >>> t95(3), t95(13)
    (3.182, 2.179)
    """
    known = [at for at in _T95 if at <= degrees]
    return _T95[max(known)] if known else math.inf


def mean_with_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and the ends of its 95 % interval; the ends are NaN for fewer than two values.

    >>> [round(x, 2) for x in mean_with_interval([1.0, 2.0, 3.0])]
    [2.0, -0.48, 4.48]
    """
    n = len(values)
    if n == 0:
        return math.nan, math.nan, math.nan
    mean = math.fsum(values) / n
    if n == 1:
        return mean, math.nan, math.nan
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    half = t95(n - 1) * spread / math.sqrt(n)
    return mean, mean - half, mean + half
