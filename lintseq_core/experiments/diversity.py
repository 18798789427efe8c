"""09, diversity measured directly: the paper argues by the growth of pass@k alone."""

from __future__ import annotations

from collections.abc import Iterator

from lintseq_core.experiments import paper_runs
from lintseq_core.experiments.claims import Claim, Effect, Judgement, judge
from lintseq_core.experiments.experiment import Experiment, Result
from lintseq_core.experiments.pipeline import by_heart
from lintseq_core.experiments.plans import RunPlan
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.metrics.intervals import mean_interval
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.paper import published

NAME = "diversity"
GROWTH = Claim(
    "pass@k grows more from k = 1 to k = 50 for LintSeq than for whole programs, in the paper's "
    "own numbers: its argument for diversity",
    "Figure 3 (v1)",
)
DIVERSE = Claim(
    "Samples of LintSeq differ more than whole programs: more of them have a syntax tree of "
    "their own",
    "the paper's explanation of its pass@k; no direct measure is published",
)
CLAIMS = (GROWTH, DIVERSE)


CONFIGS = by_heart.arms_configs(
    lambda s: by_heart.named_arms(s, "whole", "lintseq"), paper_runs.LARGE
)


def run(config: by_heart.ArmsConfig) -> Result:
    """Train, sample and judge the arms; measure how much their samples differ."""
    outcome = by_heart.run_arms(config)
    effect = by_heart.diversity_effect(outcome, by_heart.NAMES["lintseq"], by_heart.NAMES["whole"])
    return by_heart.arms_result(
        NAME,
        config,
        outcome,
        {
            "published_growth": growth_frame(),
            "training": by_heart.training_frame(outcome),
            "diversity": by_heart.diversity_frame(outcome),
            "scores": by_heart.score_frame(outcome, (1, outcome.recipe.n_samples)),
        },
        (growth_judgement(), by_heart.judge_arms(DIVERSE, effect, outcome)),
        packages=("rapidfuzz",),
        notes=(
            "Broken programs differ too: more different programs are worth nothing by themselves.",
            "Growth of pass@k needs diversity and right programs among them; it is no measure of "
            "diversity alone.",
        ),
    )


def plan(config: by_heart.ArmsConfig) -> tuple[RunPlan, ...]:
    """Samples as in version 1; the measures themselves cost minutes on a CPU."""
    return paper_runs.sampling_plans(
        config.models,
        ("whole", "lintseq"),
        (paper_runs.HUMANEVAL, paper_runs.MBPP),
        (SamplingSettings(temperature=1.0, top_p=0.95),),
    )


def growth_frame() -> Frame:
    """benchmark, model, and the growth from k = 1 to 50 of both variants, published (v1)."""
    rows = [
        {
            "benchmark": benchmark, "model": model, "growth_lintseq": ours,
            "growth_whole_programs": theirs, "difference": ours - theirs,
        }
        for benchmark, model, ours, theirs in _growths()
    ]  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def growth_judgement() -> Judgement:
    """Over the published pairs that have both ends."""
    gaps = [ours - theirs for _, _, ours, theirs in _growths()]
    name = "Growth of LintSeq's published pass@k less that of Instruct"
    effect = Effect.from_interval(name, mean_interval(gaps), scale=1, of="pairs of models")
    return judge(GROWTH, effect)


def _growths() -> Iterator[tuple[str, str, float, float]]:
    numbers = published("pass@k", version="v1", place="Figure 3")
    value = {(one.benchmark, one.model, one.variant, one.k): one.value for one in numbers}
    for benchmark, model in dict.fromkeys((one.benchmark, one.model) for one in numbers):
        ends = [
            (
                value.get((benchmark, model, variant, 1)),
                value.get((benchmark, model, variant, 50)),
            )
            for variant in ("LintSeqInstruct", "Instruct")
        ]
        if all(low is not None and high is not None for low, high in ends):
            ours, theirs = (float(high or 0) - float(low or 0) for low, high in ends)
            yield benchmark, model, ours, theirs


EXPERIMENT = Experiment(
    NAME, "Diversity of samples, measured directly.", CLAIMS, CONFIGS, run, plan
)

if __name__ == "__main__":
    from lintseq_core.experiments.command import main

    main(EXPERIMENT)
