"""docs/forecasts.md: how often each model's band holds a truth that is known, and what it costs.

    python -m docs.forecasts

Runs are drawn from the truths of `forecast_truths`, which shares no code with the models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from docs.forecast_truths import TRUTHS, Floats, Truth
from lintseq_core.data.files import whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.forecast import (
    DEFAULT_MODEL,
    MODEL_NAMES,
    MODELS,
    Forecast,
    ModelName,
    forecast,
)
from lintseq_core.metrics.pass_at_k import mean_pass_at_k
from lintseq_core.metrics.planning import Prediction, next_samples, predict
from lintseq_core.results.scores.counting import count_results
from lintseq_core.results.scores.tally import Tally

N_PROBLEMS, N_SAMPLES, K = 164, 20, 1_000
REPETITIONS = 100
LEAST_COVERAGE = 0.9
FITTED = 10
SUBSETS = 50
PILOT, EQUAL, ROUNDS = 10, 40, 6
SHARE = 0.65
PLANNED = 60
_PAGE = Path("docs") / "forecasts.md"
_POCKET = Path("assets") / "pocket" / "samples"


@dataclass(frozen=True, slots=True)
class Cell:
    """A model and a truth, and what came of many runs."""

    truth: str
    model: ModelName
    coverage: float
    """Share of runs whose band holds the truth."""
    width: float
    bias: float
    """Mean of the estimate less the truth."""
    score: float
    """Mean interval score (Winkler 1972): the width, and 2 / 0.05 times what the band misses by."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What drawing where it helps most saves, beside as many samples for each problem."""

    truth: str
    equal_samples: int
    planned_samples: int
    equal_width: float
    planned_width: float
    equal_coverage: float
    planned_coverage: float
    equal_bias: float
    planned_bias: float
    bias_error: float
    """The standard error of the last."""


def interval_score(low: float, high: float, truth: float, level: float = 0.95) -> float:
    """Width of the band, and what it misses the truth by, 2 / (1 - level) times; small is good.

    >>> interval_score(0.2, 0.5, 0.4), round(interval_score(0.2, 0.5, 0.6), 3)
    (0.3, 4.3)
    """
    return high - low + 2 / (1 - level) * (max(low - truth, 0.0) + max(truth - high, 0.0))


def within(low: Floats, high: Floats) -> Floats:
    """Whether `low` is not above `high` as pages show both, in tenths of a point."""
    return np.asarray(np.round(low, 3) <= np.round(high, 3))


def measure(repetitions: int = REPETITIONS, truths: Sequence[Truth] = TRUTHS) -> list[Cell]:
    """A cell for each truth and model: fitted to N_SAMPLES of N_PROBLEMS, asked for pass@K."""
    cells = []
    for number, truth in enumerate(truths):
        rng = np.random.default_rng([5, number])
        pairs = []
        while len(pairs) < repetitions:
            passed = rng.binomial(N_SAMPLES, truth.draw(rng, N_PROBLEMS))
            if 0 < passed.sum() < N_SAMPLES * N_PROBLEMS:
                found = forecast(np.full(N_PROBLEMS, N_SAMPLES), passed, [K], seed=len(pairs))
                pairs.append((found, truth.solved(K)))
        cells += _cells(truth.name, pairs)
    return cells


def measure_run(found: Tally, repetitions: int = SUBSETS) -> list[Cell]:
    """The same for a run: fitted to FITTED samples of each problem, asked for what all say."""
    n, c = np.array(found.n), np.array(found.c)
    k = int(n.min())
    (truth,) = mean_pass_at_k(n, c, [k])
    rng = np.random.default_rng(5)
    pairs = []
    for number in range(repetitions):
        few = rng.hypergeometric(c, n - c, FITTED)
        try:
            pairs.append((forecast(np.full(n.size, FITTED), few, [k], seed=number), truth.mean))
        except MetricError:  # no sample of these passes
            continue
    return _cells(f"{found.name}, pass@{k}", pairs) if pairs else []


def _cells(name: str, pairs: Sequence[tuple[tuple[Forecast, ...], float]]) -> list[Cell]:
    cells = []
    for place, model in enumerate(MODEL_NAMES):
        ends = [(f[place].low[0], f[place].high[0], f[place].estimate[0], t) for f, t in pairs]
        low, high, middle, truth = np.array(ends).T
        scores = [interval_score(*map(float, (one[0], one[1], one[3]))) for one in ends]
        cells.append(
            Cell(
                name,
                model,
                float((within(low, truth) & within(truth, high)).mean()),
                float((high - low).mean()),
                float((middle - truth).mean()),
                float(np.mean(scores)),
            )
        )
    return cells


def best_model(cells: Sequence[Cell]) -> ModelName | None:
    """Of the models that cover LEAST_COVERAGE over all truths the one with the least mean score."""
    scores = {}
    for model in MODEL_NAMES:
        own = [cell for cell in cells if cell.model == model]
        if own and np.mean([cell.coverage for cell in own]) >= LEAST_COVERAGE:
            scores[model] = float(np.mean([cell.score for cell in own]))
    return min(scores, key=scores.__getitem__) if scores else None


def measure_planning(
    repetitions: int = PLANNED, truths: Sequence[Truth] = TRUTHS, share: float = SHARE
) -> list[Saving]:
    """Both ways to draw, for pass@K of the problems that were drawn.

    EQUAL samples for each, or PILOT for each and then, in ROUNDS, `share` of that number in all
    where the planner says.
    """
    savings = []
    for number, truth in enumerate(truths):
        rng = np.random.default_rng([6, number])
        rows = []
        for _ in range(repetitions):
            rates = truth.draw(rng, N_PROBLEMS)
            target = float((1 - (1 - rates) ** K).mean())
            n = np.full(N_PROBLEMS, EQUAL)
            equal = predict(n, rng.binomial(n, rates), K)
            n = np.full(N_PROBLEMS, PILOT)
            c = rng.binomial(n, rates)
            left = round(share * EQUAL * N_PROBLEMS) - PILOT * N_PROBLEMS
            for turn in range(ROUNDS):
                more = next_samples(n, c, K, left // (ROUNDS - turn))
                n, c, left = n + more, c + rng.binomial(more, rates), left - int(more.sum())
            planned = predict(n, c, K)
            rows.append([*_judged(equal, target), *_judged(planned, target), float(n.sum())])
        means = np.mean(rows, axis=0)
        error = float(np.std([row[5] for row in rows], ddof=1) / np.sqrt(repetitions))
        savings.append(
            Saving(
                truth.name, EQUAL * N_PROBLEMS, round(means[6]), means[0], means[3], means[1],
                means[4], means[2], means[5], error,
            )
        )  # fmt: skip
    return savings


def _judged(found: Prediction, truth: float) -> tuple[float, float, float]:
    """Width, whether the band holds the truth, and the estimate less the truth."""
    low, high = np.array(found.low), np.array(found.high)
    holds = within(low, np.array(truth)) & within(np.array(truth), high)
    return found.high - found.low, float(holds), found.estimate - truth


_HEAD = """# Forecasts

What pass@k would be at more samples than there are: four models, how far each can be trusted, and
where to draw next. This page is written by `python -m docs.forecasts`.

## The models

All are fitted to the counts of passed samples; none sees more than they say.

| model | what it takes for granted |
|---|---|
"""


def page(cells: Sequence[Cell], runs: Sequence[Cell], savings: Sequence[Saving]) -> str:
    """The page's text."""
    models = "".join(f"| {name} | {told} |\n" for name, told in MODELS.items())
    best = best_model(cells)
    chosen = (
        f"By this table the default is **{best}**: of the models that hold the truth in at least "
        f"{LEAST_COVERAGE:.0%} of runs, all truths together, it has the smallest mean score."
        if best
        else f"No model holds the truth in {LEAST_COVERAGE:.0%} of runs, all truths together: none "
        f"should be relied on, and {DEFAULT_MODEL} is shown first only because it has to be one."
    )
    parts = [
        _HEAD + models,
        f"""## How often they hold a truth that is known

{REPETITIONS} runs of {N_PROBLEMS} problems for each truth. The models see {N_SAMPLES} samples of
each problem and forecast pass@{K:,}. A cell is the share of runs whose 95 % band holds the truth
(both to a tenth of a point), in percent; behind it the mean width in points, and the mean of the
estimate less the truth. The last line has the mean interval score in points (the width, and forty
times what the band misses by): small is good.
""",
        _table(cells),
        chosen
        + " A band holds how sure a fit is, not whether its model is right: look at several, and\n"
        "where they part.\n",
        f"""## Runs that ship

Of the pocket models: the models of pass@k see {FITTED} samples of each problem, drawn {SUBSETS}
times, and forecast what all of them say.
""",
        _table(runs) if runs else "Not measured yet.\n",
        f"""## Where to draw next

The planner gives the next samples to the problems where they are expected to lower the variance of
the predicted pass@{K:,} most (after 2510.05197). Here {N_PROBLEMS} problems, {PLANNED} times:
{EQUAL} samples for each, or {PILOT} for each and then more in {ROUNDS} rounds, {1 - SHARE:.0%}
fewer in all. Widths are those of 95 % bands for the problems at hand, in points; beside them how
often they hold the truth, and the mean of the estimate less the truth. The prediction is a
beta-binomial's: where solve rates are no beta distribution, both ways to draw are biased alike.
""",
        _savings(savings),
    ]
    return "\n".join(parts)


def _table(cells: Sequence[Cell]) -> str:
    names = [name for name in MODEL_NAMES if any(cell.model == name for cell in cells)]
    lines = [f"| truth | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for truth in dict.fromkeys(cell.truth for cell in cells):
        told = [
            f"{100 * cell.coverage:.0f}, {100 * cell.width:.1f}, {100 * cell.bias:+.1f}"
            for cell in cells
            if cell.truth == truth
        ]
        lines.append(f"| {truth} | {' | '.join(told)} |")
    sums = []
    for name in names:
        own = [cell for cell in cells if cell.model == name]
        coverage = float(np.mean([cell.coverage for cell in own]))
        score = float(np.mean([cell.score for cell in own]))
        sums.append(f"{100 * coverage:.0f}, score {100 * score:.1f}")
    lines.append(f"| all together | {' | '.join(sums)} |")
    return "\n".join(lines) + "\n"


def _savings(savings: Sequence[Saving]) -> str:
    lines = [
        "| truth | equal: samples | width, held, bias | planned: samples | width, held, bias |",
        "|---|---|---|---|---|",
    ]
    for one in savings:
        equal = _way(one.equal_width, one.equal_coverage, one.equal_bias)
        planned = _way(one.planned_width, one.planned_coverage, one.planned_bias)
        planned += f" (± {100 * one.bias_error:.2f})"
        samples = f"{one.equal_samples:,} | {equal} | {one.planned_samples:,}"
        lines.append(f"| {one.truth} | {samples} | {planned} |")
    return "\n".join(lines) + "\n"


def _way(width: float, coverage: float, bias: float) -> str:
    return f"{100 * width:.1f}, {100 * coverage:.0f} %, {100 * bias:+.2f}"


def pocket_runs() -> list[Tally]:
    """The runs of pocket models that are here."""
    return [count_results(str(path)) for path in sorted(_POCKET.glob("*.jsonl.gz"))]


def main() -> None:
    """Write the page into the checkout."""
    if not _PAGE.parent.is_dir():
        raise LintSeqError(f"{_PAGE.parent} is missing; run this in the root of a checkout")
    runs = [cell for found in pocket_runs() for cell in measure_run(found)]
    text = page(measure(), runs, measure_planning())
    with whole_file(_PAGE) as file:
        file.write(text.encode())
    print(_PAGE)


if __name__ == "__main__":
    main()
