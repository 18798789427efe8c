"""Runs whose truth is known, for the back-test of forecasts.

It shares no code with what is tested: nothing of lintseq_core is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Truth:
    """Where solve rates of problems come from."""

    name: str
    draw: Callable[[np.random.Generator, int], Floats]
    """The rates of some problems."""
    solved: Callable[[int], float]
    """pass@k, the mean over all problems that there might be."""


def _beta(a: float, b: float) -> Truth:
    def solved(k: int) -> float:
        steps = np.arange(k)
        return float(1 - np.prod((b + steps) / (a + b + steps)))

    return Truth(f"Beta({a:g}, {b:g})", lambda rng, size: rng.beta(a, b, size), solved)


def _spiked(share: float, a: float, b: float) -> Truth:
    others = _beta(a, b)

    def draw(rng: np.random.Generator, size: int) -> Floats:
        return np.where(rng.random(size) < share, 0.0, others.draw(rng, size))

    name = f"{share:.0%} never solved, else {others.name}"
    return Truth(name, draw, lambda k: (1 - share) * others.solved(k))


def _log_uniform(digits: float) -> Truth:
    """Rates from 10^-digits to 1, each power of ten as likely."""
    middles = (np.arange(200_000) + 0.5) / 200_000
    rates = 10.0 ** (-digits * middles)
    return Truth(
        f"heavy left tail: log-uniform from 1e-{digits:g} to 1",
        lambda rng, size: 10.0 ** (-digits * rng.random(size)),
        lambda k: float(-np.expm1(k * np.log1p(-rates)).mean()),
    )


def _groups(hard: float, easy: float) -> Truth:
    return Truth(
        f"two groups: half at {hard:g}, half at {easy:g}",
        lambda rng, size: np.where(rng.random(size) < 0.5, hard, easy),
        lambda k: 1 - ((1 - hard) ** k + (1 - easy) ** k) / 2,
    )


def _equal(rate: float) -> Truth:
    return Truth(
        f"all problems at {rate:g}",
        lambda rng, size: np.full(size, rate),
        lambda k: 1 - (1 - rate) ** k,
    )


TRUTHS = (
    _beta(0.3, 1.2),
    _spiked(0.3, 0.8, 2.0),
    _log_uniform(5),
    _groups(0.002, 0.5),
    _equal(0.02),
)
