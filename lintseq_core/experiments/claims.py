"""What the paper claims, and whether measured numbers bear it out, in words that follow them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lintseq_core.metrics.intervals import Interval
from lintseq_core.results.paper import PublishedNumber

ClaimVerdict = Literal["holds", "does not hold", "cannot be told"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the paper that can turn out wrong."""

    statement: str
    place: str
    """Section, figure or table."""
    published: tuple[PublishedNumber, ...] = ()
    """The numbers behind it, each with its evidence; none where none could be seen."""
    low: float = 0.0
    """The claim says that its effect lies above this ..."""
    high: float = math.inf
    """... and below this."""

    def __post_init__(self) -> None:
        assert self.low < self.high, f"{self.statement}: {self.low} to {self.high} is empty"


@dataclass(frozen=True, slots=True)
class Effect:
    """A measured quantity and where resampling puts it, in the unit that it is told in."""

    name: str
    """As in "pass@1 of LintSeq less that of RandSeq"."""
    estimate: float
    low: float
    high: float
    unit: str = ""
    """As in "points"; "" for a plain number."""
    level: float = 0.95
    n: int = 0
    of: str = "problems"
    """What `n` counts, and what was drawn anew for the interval."""

    @classmethod
    def from_interval(
        cls,
        name: str,
        interval: Interval,
        *,
        unit: str = "points",
        scale: float = 100.0,
        of: str = "problems",
    ) -> Effect:
        """The effect with the ends of `interval`, times `scale` (shares become points)."""
        ends = (interval.estimate * scale, interval.low * scale, interval.high * scale)
        return cls(name, *ends, unit, interval.level, interval.n_problems, of)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a claim holds here, and the sentence that says why."""

    claim: Claim
    effect: Effect
    verdict: ClaimVerdict
    words: str


def judge(claim: Claim, effect: Effect) -> Judgement:
    """Whether `effect` lies where `claim` says, by its interval alone.

    It holds if the whole interval does, does not hold if none of it does; else, and without an
    interval, it cannot be told. Nor can it where all that was drawn is alike and lies on the edge
    of what the claim says, as where nothing was solved at all: drawing it anew shows no spread.
    """
    sure = f"{effect.level:.0%} interval"
    of = f"{effect.n:,} {effect.of}"
    if math.isnan(effect.low) or math.isnan(effect.high):
        value = "no value" if math.isnan(effect.estimate) else _shown(effect.estimate, effect.unit)
        words = f"{effect.name}: {value}, and no interval from {of}"
        return Judgement(claim, effect, "cannot be told", words)
    value = f"{effect.name}: {_shown(effect.estimate, effect.unit)}"
    ends = f"{sure} {_number(effect.low)} to {_number(effect.high)} over {of}"
    if effect.low == effect.high and effect.low in (claim.low, claim.high):
        verdict: ClaimVerdict = "cannot be told"
        why = f"all {of} are alike"
    elif claim.low < effect.low and effect.high < claim.high:
        verdict = "holds"
        why = f"all of it {_range(claim)}"
    elif effect.high <= claim.low or effect.low >= claim.high:
        verdict, why = "does not hold", f"none of it {_range(claim)}"
    else:
        verdict, why = "cannot be told", f"only part of it {_range(claim)}"
    return Judgement(claim, effect, verdict, f"{value}, {ends}: {why}")


def untold(claim: Claim, why: str) -> Judgement:
    """The judgement where nothing was measured, with the reason as a sentence."""
    nan = math.nan
    return Judgement(claim, Effect("", nan, nan, nan), "cannot be told", why)


def _range(claim: Claim) -> str:
    if claim.high == math.inf:
        return f"above {_number(claim.low)}"
    if claim.low == -math.inf:
        return f"below {_number(claim.high)}"
    return f"between {_number(claim.low)} and {_number(claim.high)}"


def _shown(value: float, unit: str) -> str:
    return f"{_number(value)} {unit}".rstrip()


def _number(value: float) -> str:
    digits = 1 if abs(value) >= 10 else 2
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    return text.replace("-", "−")
