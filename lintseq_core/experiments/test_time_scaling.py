"""06, test-time scaling (figure 4): does the score of edits grow faster with FLOPs?

The paper's own curves can be checked without running anything: 12 pairs of a LintSeq and an
Instruct model, 5 or 6 numbers of samples each, with the FLOPs that the figure plots them at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import inf, log10, sqrt

from lintseq_core.experiments import paper_runs, recorded_models
from lintseq_core.experiments.claims import Claim, Effect, Judgement, judge
from lintseq_core.experiments.experiment import Experiment, Result
from lintseq_core.experiments.pipeline import by_heart
from lintseq_core.experiments.plans import RunPlan
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.metrics.flops import ScalingFit, fit_scaling
from lintseq_core.metrics.intervals import LEVEL, mean_interval
from lintseq_core.metrics.quantiles import t_quantile
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.paper import PublishedNumber, published

NAME = "test_time_scaling"
PLACE = "score against test-time FLOPs"
BENCHMARKS = ("HumanEval", "MBPP(+)", "CodeContests")
VARIANTS = ("LintSeqInstruct", "Instruct")
STEEPER = {
    benchmark: Claim(
        f"{benchmark}: scores of edit models grow faster with test-time FLOPs than those of models "
        "of whole programs",
        "Figure 4 (v3); published curves alone",
        published("slope of score against FLOPs", benchmark=benchmark),
    )
    for benchmark in BENCHMARKS
}
EQUAL_BUDGET = Claim(
    "At the largest budget that both can spend, edit models solve more",
    "Figure 4 (v3); published curves alone",
)
SMALL_BUDGET = Claim(
    "At the smallest budget that both can spend, edit models solve more",
    "Figure 4 (v3); published curves alone",
)
OURS = Claim("pass@k of edits lies above that of whole programs at the most samples", "Figure 4")
CLAIMS = (*STEEPER.values(), EQUAL_BUDGET, SMALL_BUDGET, OURS)


CONFIGS = by_heart.arms_configs(
    lambda s: by_heart.named_arms(s, "whole", "lintseq"), paper_runs.LARGE
)


def run(config: by_heart.ArmsConfig) -> Result:
    """The published curves judged, and pass@k over FLOPs of the two arms."""
    outcome = by_heart.run_arms(config)
    most = outcome.recipe.n_samples
    ks = sorted({1, 2, most // 2, most})
    scores = [
        {**row, "flops": by_heart.sample_flops(outcome, str(row["arm"]), int(row["k"]))}
        for row in by_heart.score_frame(outcome, ks).rows()
    ]
    names = (by_heart.NAMES["lintseq"], by_heart.NAMES["whole"])
    ours = by_heart.judge_arms(OURS, by_heart.score_effect(outcome, *names, most), outcome)
    return by_heart.arms_result(
        NAME,
        config,
        outcome,
        {
            "published_slopes": slope_frame(),
            "published_budgets": budget_frame(),
            "training": by_heart.training_frame(outcome),
            "scores": frame_of(scores, ("arm", "k", "flops", "pass_at_k", "low", "high")),
        },
        (
            *published_judgements(),
            ours,
            *recorded_models.recorded_judgements(
                OURS, "lintseq", "whole", recorded_models.most_samples()
            ),
        ),
        notes=(
            "The points of a published curve come from the same samples, so a fit's interval says "
            "how straight the curve is, and not how sure its problems are.",
            "FLOPs are the paper's axis, which no source explains; ratios and slopes do not depend "
            "on its constant.",
        ),
    )


def plan(config: by_heart.ArmsConfig) -> tuple[RunPlan, ...]:
    """Samples of the four large models on the three benchmarks, both variants."""
    return paper_runs.sampling_plans(
        config.models,
        ("whole", "lintseq"),
        (paper_runs.HUMANEVAL, paper_runs.MBPP, paper_runs.CODECONTESTS),
        (SamplingSettings(temperature=1.0, top_p=0.95),),
    )


def slope_frame() -> Frame:
    """Points of score for ten times the FLOPs, both variants, and their difference."""
    rows = []
    for benchmark, model, curves in _pairs():
        ours, theirs = (_fit(curves[variant]) for variant in VARIANTS)
        gap, half = _gap(ours, theirs)
        rows.append({
            "benchmark": benchmark, "model": model, "lintseq": ours.slope_per_decade,
            "instruct": theirs.slope_per_decade, "difference": gap,
            "low": gap - half, "high": gap + half,
        })  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def budget_frame() -> Frame:
    """Scores at the smallest and the largest FLOPs that both curves reach, read off the curves.

    Between the points of a curve its score is taken as straight over log FLOPs.
    """
    rows = []
    for benchmark, model, curves in _pairs():
        ours, theirs = (curves[variant] for variant in VARIANTS)
        least = max(_flops(ours[0]), _flops(theirs[0]))
        most = min(_flops(ours[-1]), _flops(theirs[-1]))
        for name, budget in (("smallest", least), ("largest", most)):
            a, b = _at(ours, budget), _at(theirs, budget)
            rows.append({
                "benchmark": benchmark, "model": model, "budget": name, "flops": f"{budget:.2e}",
                "lintseq": a, "instruct": b, "difference": a - b,
            })  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def curve_frame() -> Frame:
    """benchmark, model, variant, k, flops, score of every published point."""
    rows = [
        {
            "benchmark": benchmark, "model": model, "variant": variant, "k": one.k,
            "flops": one.flops, "score": one.value,
        }
        for benchmark, model, curves in _pairs()
        for variant in VARIANTS
        for one in curves[variant]
    ]  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def published_judgements() -> tuple[Judgement, ...]:
    """Whether the claims follow from the paper's own numbers, over its models."""
    slopes, budgets = list(slope_frame().rows()), list(budget_frame().rows())
    found = []
    for benchmark, claim in STEEPER.items():
        gaps = [row["difference"] for row in slopes if row["benchmark"] == benchmark]
        found.append(judge(claim, _effect("Slope of LintSeq less that of Instruct", gaps)))
    for claim, name in ((EQUAL_BUDGET, "largest"), (SMALL_BUDGET, "smallest")):
        gaps = [row["difference"] for row in budgets if row["budget"] == name]
        what = f"Score of LintSeq less that of Instruct at the {name} common budget"
        found.append(judge(claim, _effect(what, gaps, "points", "pairs of models")))
    return tuple(found)


def _effect(
    name: str, values: Sequence[float], unit: str = "points a decade", of: str = "models"
) -> Effect:
    return Effect.from_interval(name, mean_interval(values), unit=unit, scale=1, of=of)


def _pairs() -> Iterator[tuple[str, str, Mapping[str, Sequence[PublishedNumber]]]]:
    """Benchmark, model and its two curves by variant, points in order of FLOPs."""
    numbers = published("pass@k", place=PLACE, version="v3")
    models = dict.fromkeys(one.model for one in numbers)
    for benchmark in BENCHMARKS:
        for model in models:
            curves = {
                variant: sorted(
                    (
                        one
                        for one in numbers
                        if (one.benchmark, one.model, one.variant) == (benchmark, model, variant)
                    ),
                    key=_flops,
                )
                for variant in VARIANTS
            }
            if all(curves.values()):
                yield benchmark, model, curves


def _flops(number: PublishedNumber) -> float:
    assert number.flops is not None, number.citation()
    return number.flops


def _fit(curve: Sequence[PublishedNumber]) -> ScalingFit:
    return fit_scaling([_flops(one) for one in curve], [one.value for one in curve])


def _gap(ours: ScalingFit, theirs: ScalingFit) -> tuple[float, float]:
    """The difference of slopes and half its 95 % interval, by both fits' residuals."""
    error = sqrt(ours.slope_standard_error**2 + theirs.slope_standard_error**2)
    degrees = ours.n_points + theirs.n_points - 4
    times = t_quantile(degrees, (1 + LEVEL) / 2) if degrees else inf
    return ours.slope_per_decade - theirs.slope_per_decade, times * error


def _at(curve: Sequence[PublishedNumber], flops: float) -> float:
    """The score of a curve at `flops`, which lies between its ends."""
    for left, right in pairwise(curve):
        if _flops(left) <= flops <= _flops(right) * (1 + 1e-9):
            width = log10(_flops(right) / _flops(left))
            share = min(1.0, log10(flops / _flops(left)) / width)
            return left.value + share * (right.value - left.value)
    raise AssertionError(f"{flops:.3g} FLOPs lie outside the curve")


EXPERIMENT = Experiment(
    NAME, "Score against test-time FLOPs (figure 4).", CLAIMS, CONFIGS, run, plan
)

if __name__ == "__main__":
    from lintseq_core.experiments.command import main

    main(EXPERIMENT)
