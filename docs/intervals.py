"""docs/intervals.md: how often the intervals hold a truth that is known, and how wide they are.

    python docs/intervals.py

Runs are drawn from simulated truths; the intervals are those that commands and pages show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, lgamma
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lintseq_core.data.files import whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.metrics.intervals import (
    FEWEST_PROBLEMS,
    LEVEL,
    TOO_FEW,
    difference_band,
    score_band,
)
from lintseq_core.metrics.pass_at_k import pass_at_k

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, int]], Floats]

PROBLEMS = (5, 10, 20, 50, 164)
REPETITIONS = 2_000
N_SAMPLES = 10
KS = (1, 5)
RATES = (0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 0.99, 1.0)
UNLIKE_RATES = (
    (0.0, 0.05),
    (0.0, 0.2),
    (0.0, 0.5),
    (0.05, 0.2),
    (0.2, 0.5),
    (0.5, 0.8),
    (0.2, 0.8),
)
CORRELATIONS = (0.0, 0.8)
LEAST = 0.93
_DRAWS = 1_000
_PAGE = Path("docs") / "intervals.md"


@dataclass(frozen=True, slots=True)
class Cell:
    """A truth, a number of problems, and what came of many runs of it."""

    group: str
    truth: str
    n_problems: int
    is_binary: bool
    """Whether scores are 0 or 1."""
    coverage: float
    """Share of repetitions whose interval holds the truth."""
    width: float
    """Mean, as a share."""
    bootstrap_coverage: float
    """Of the percentile bootstrap over problems; NaN where it was not asked for."""
    bootstrap_width: float


@dataclass(frozen=True, slots=True)
class _Truth:
    group: str
    name: str
    mean: float
    draw: Draw
    """Scores or differences, shape (problems, repetitions)."""
    is_binary: bool
    is_difference: bool


@dataclass(frozen=True, slots=True)
class _Rates:
    """Where the rate of each problem comes from."""

    name: str
    draw: Draw
    solved: Callable[[int], float]
    """The mean of pass@k."""


def _beta(a: float, b: float) -> _Rates:
    def solved(k: int) -> float:
        return 1 - exp(lgamma(b + k) - lgamma(b) - lgamma(a + b + k) + lgamma(a + b))

    return _Rates(f"rates Beta({a:g}, {b:g})", lambda rng, shape: rng.beta(a, b, shape), solved)


def _mostly_zero(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    return np.where(rng.random(shape) < 0.9, 0.0, rng.random(shape))


SPREADS = (
    _beta(0.05, 0.95),
    _beta(0.5, 0.5),
    _Rates("rates 0 for 90 %, else uniform", _mostly_zero, lambda k: 0.1 * (1 - 1 / (k + 1))),
)
ONE, SAME, UNLIKE = "One run", "Two runs alike", "Two runs, one better"


def measure(
    problems: Sequence[int] = PROBLEMS,
    repetitions: int = REPETITIONS,
    *,
    groups: Sequence[str] = (ONE, SAME, UNLIKE),
    seed: int = 0,
    with_bootstrap: bool = True,
) -> list[Cell]:
    """A cell for each truth and number of problems; the bootstrap beside those of the largest."""
    cells = []
    for number, truth in enumerate(_truths()):
        if truth.group not in groups:
            continue
        for n in problems:
            drawn = truth.draw(np.random.default_rng([seed, number, n]), (n, repetitions))
            band = difference_band if truth.is_difference else score_band
            held, width = _held(truth.mean, *band(drawn))
            others = (np.nan, np.nan)
            if with_bootstrap and n == max(problems):
                others = _held(truth.mean, *_bootstrap(drawn, np.random.default_rng(seed)))
            cells.append(Cell(truth.group, truth.name, n, truth.is_binary, held, width, *others))
    return cells


def _held(mean: float, low: Floats, high: Floats) -> tuple[float, float]:
    inside = (low <= mean + 1e-12) & (mean - 1e-12 <= high)
    return float(inside.mean()), float((high - low).mean())


def _bootstrap(values: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    n = len(values)
    weights = rng.multinomial(n, np.full(n, 1 / n), size=_DRAWS) / n
    low, high = np.quantile(weights @ values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def _truths() -> Iterator[_Truth]:
    for rate in RATES:
        yield _Truth(ONE, f"0 or 1, rate {rate:g}", rate, _binary(rate), True, False)
    for spread in SPREADS:
        for k in KS:
            draw = _scores(spread, k)
            yield _Truth(ONE, f"pass@{k}, {spread.name}", spread.solved(k), draw, False, False)
    for correlation in CORRELATIONS:
        end = f"correlation {correlation:g}"
        for rate in RATES:
            drawn = _correlated(rate, correlation)
            yield _Truth(SAME, f"0 or 1, rate {rate:g}, {end}", 0.0, drawn, True, True)
        for spread in SPREADS:
            for k in KS:
                drawn = _correlated_scores(spread, k, correlation)
                yield _Truth(SAME, f"pass@{k}, {spread.name}, {end}", 0.0, drawn, False, True)
    for low, high in UNLIKE_RATES:
        for is_nested in (False, True):
            how = "the better solves all that the other does" if is_nested else "apart"
            name = f"0 or 1, rates {low:g} and {high:g}, {how}"
            drawn = _unlike(low, high, is_nested=is_nested)
            yield _Truth(UNLIKE, name, low - high, drawn, True, True)
    for one, other in ((SPREADS[0], SPREADS[1]), (SPREADS[2], SPREADS[1])):
        for k in KS:
            gap = one.solved(k) - other.solved(k)
            name = f"pass@{k}, {one.name} and {other.name.removeprefix('rates ')}"
            yield _Truth(UNLIKE, name, gap, _apart(one, other, k), False, True)


def _binary(rate: float) -> Draw:
    return lambda rng, shape: (rng.random(shape) < rate).astype(np.float64)


def _scores(spread: _Rates, k: int) -> Draw:
    return lambda rng, shape: _sampled(spread.draw(rng, shape), k, rng)


def _correlated(rate: float, correlation: float) -> Draw:
    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
        first, other = _binary(rate)(rng, shape), _binary(rate)(rng, shape)
        return first - np.where(rng.random(shape) < correlation, first, other)

    return draw


def _correlated_scores(spread: _Rates, k: int, correlation: float) -> Draw:
    """The rates are correlated; the samples of both runs are drawn apart."""

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
        first, other = spread.draw(rng, shape), spread.draw(rng, shape)
        second = np.where(rng.random(shape) < correlation, first, other)
        return _sampled(first, k, rng) - _sampled(second, k, rng)

    return draw


def _unlike(low: float, high: float, *, is_nested: bool) -> Draw:
    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
        first = rng.random(shape)
        second = first if is_nested else rng.random(shape)
        return (second < low).astype(np.float64) - (first < high)

    return draw


def _apart(one: _Rates, other: _Rates, k: int) -> Draw:
    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
        first = _sampled(one.draw(rng, shape), k, rng)
        return first - _sampled(other.draw(rng, shape), k, rng)

    return draw


def _sampled(rates: Floats, k: int, rng: np.random.Generator) -> Floats:
    """pass@k as estimated from samples drawn at these rates."""
    passed = rng.binomial(N_SAMPLES, rates)
    of_count: Floats = np.asarray(pass_at_k(N_SAMPLES, np.arange(N_SAMPLES + 1), k))
    return of_count[passed]


_HEAD = f"""# Intervals

How sure a pass@k is, and the difference of two: what is computed, how often it holds the truth,
and how wide it is. This page is written by `python docs/intervals.py`; commands, pages, charts,
notebooks and [results](../assets/results/README.md) all show these intervals.

## What is computed

All intervals are of 95 % and over problems: how far from here the mean over all problems like
these may lie.

- **pass@k of a run.** The interval of Clopper and Pearson, for as many problems solved or not as
  would leave the mean as uncertain as these scores, and six more as unlike as can be, leave it (so
  count Korn and Graubard, 1998). With one sample a problem it is Clopper and Pearson's own: 12 of
  12 is 73.5 to 100 %, 0 of 40 is 0 to 8.8 %.
- **Difference of two runs.** Student's interval over the differences, problem by problem, with 1.75
  problems more, half of them won by each run (after Bonett and Price, 2012). Two runs that score
  alike on 40 problems differ by -6.4 to +6.4 points. p is that of a permutation test: it goes by
  the problems that the two score differently, and knows nothing of how many the others are. The
  explorer calls a gap real where interval and test both leave out "no difference".
- **Other measures**, which have no bounds: Student's interval; none where all values are alike.

The problems that are added are the price of not having seen everything: without them scores that
are all alike would leave no doubt. How many was settled by the tables below. Of fewer than
{FEWEST_PROBLEMS} problems, which were not measured, page and command say "{TOO_FEW}".

## How often they hold the truth

Truths are simulated: {REPETITIONS:,} runs for each cell, in which a problem is solved or not ("0 or
1"), or has a rate of its own, and pass@k is estimated from {N_SAMPLES} samples. A cell is the share
of runs whose interval holds the truth, in percent, and behind it the mean width in points. The last
two columns are the percentile bootstrap over problems with 1,000 draws, which was shown before, and
how many times as wide as it the interval is.
"""


def page(cells: Sequence[Cell]) -> str:
    """The page's text, from the cells of `measure`."""
    parts = [_HEAD]
    for group in dict.fromkeys(cell.group for cell in cells):
        parts.append(_section(group, [cell for cell in cells if cell.group == group]))
    if cells:
        parts.append(_sum(cells))
    return "\n".join(parts)


def _section(group: str, cells: Sequence[Cell]) -> str:
    problems = list(dict.fromkeys(cell.n_problems for cell in cells))
    last = problems[-1]
    columns = [*(f"{n} problems" for n in problems), f"bootstrap, {last}", f"times as wide, {last}"]
    lines = [f"| truth | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for truth in dict.fromkeys(cell.truth for cell in cells):
        row = [cell for cell in cells if cell.truth == truth]
        told = [_told(cell.coverage, cell.width) for cell in row]
        widest = row[-1]
        told.append(_told(widest.bootstrap_coverage, widest.bootstrap_width))
        times = widest.width / widest.bootstrap_width if widest.bootstrap_width > 0 else None
        told.append("–" if times is None else f"{times:.2f}")
        lines.append(f"| {truth} | {' | '.join(told)} |")
    return f"### {group}\n\n" + "\n".join(lines) + "\n"


def _told(coverage: float, width: float) -> str:
    return f"{100 * coverage:.1f}, {100 * width:.1f}"


def _sum(cells: Sequence[Cell]) -> str:
    least = {
        is_binary: min(cell.coverage for cell in cells if cell.is_binary is is_binary)
        for is_binary in (True, False)
    }
    under = [cell for cell in cells if cell.coverage < LEAST]
    few = ", ".join(f"{cell.truth} ({cell.n_problems} problems)" for cell in under) or "none"
    largest = [cell for cell in cells if cell.n_problems == max(PROBLEMS)]
    alike = [cell for cell in largest if cell.group != UNLIKE]
    sound = [cell for cell in largest if cell.bootstrap_coverage >= LEAST]
    return f"""### In short

- Where scores are 0 or 1, the interval holds the truth in {100 * least[True]:.1f} % of runs at
  least, elsewhere in {100 * least[False]:.1f} %. Cells under {100 * LEAST:.0f} %: {few}.
- At {max(PROBLEMS)} problems intervals are {_times(largest):.2f} times as wide as the bootstrap's,
  all cells together; {_times(alike):.2f} without the runs of which one is better;
  {_times(sound):.2f} where the bootstrap holds the truth in {100 * LEAST:.0f} % of runs. Where all
  scores are alike it has no width to compare with ("–").
"""


def _times(cells: Sequence[Cell]) -> float:
    """The mean width of the intervals over that of the bootstrap's."""
    other = sum(cell.bootstrap_width for cell in cells)
    return sum(cell.width for cell in cells) / other if other else np.nan


def main() -> None:
    """Write the page into the checkout."""
    if not _PAGE.parent.is_dir():
        raise LintSeqError(f"{_PAGE.parent} is missing; run this in the root of a checkout")
    with whole_file(_PAGE) as file:
        file.write(page(measure()).encode())
    print(_PAGE)


if __name__ == "__main__":
    main()
