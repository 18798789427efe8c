"""08, the linter ablation (figures 4 and 5): edits by a linter against edits drawn blindly."""

from __future__ import annotations

from collections.abc import Iterator

from lintseq_core.data.settings import Method
from lintseq_core.experiments import paper_runs, recorded_models
from lintseq_core.experiments.claims import Claim, Effect, Judgement, judge
from lintseq_core.experiments.experiment import Experiment, Result
from lintseq_core.experiments.pipeline import by_heart
from lintseq_core.experiments.plans import RunPlan
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.metrics.intervals import mean_interval
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.paper import PublishedNumber, published

NAME = "linter_ablation"
_ABLATION = (
    *published("pass@k", version="v3", place="linter ablation"),
    *published("pass@k", version="v1", place="Figure 4"),
)
PUBLISHED = Claim(
    "Models of LintSeq solve more than models of RandSeq, in the paper's own numbers",
    "linter ablation (v3), Figure 4 (v1)",
    _ABLATION,
)
SCORE = Claim("A model of LintSeq solves more than a model of RandSeq", "linter ablation")
ERRORS = Claim(
    "Programs of RandSeq have linter errors more often than those of LintSeq",
    "Figure 5 (v3); its numbers are in no source seen",
)
CLAIMS = (PUBLISHED, SCORE, ERRORS)


CONFIGS = by_heart.arms_configs(
    lambda s: by_heart.named_arms(s, "whole", "lintseq", "randseq"), paper_runs.SMALL
)


def run(config: by_heart.ArmsConfig) -> Result:
    """Train, sample and judge the arms; count linter errors by kind."""
    outcome = by_heart.run_arms(config)
    ours, theirs = by_heart.NAMES["lintseq"], by_heart.NAMES["randseq"]
    most = outcome.recipe.n_samples
    judgements = (
        published_judgement(),
        *(
            by_heart.judge_arms(SCORE, by_heart.score_effect(outcome, ours, theirs, k), outcome)
            for k in (1, most)
        ),
        by_heart.judge_arms(ERRORS, by_heart.lint_effect(outcome, theirs, ours), outcome),
        *recorded_models.recorded_judgements(SCORE, "lintseq", "randseq", 1),
    )
    return by_heart.arms_result(
        NAME,
        config,
        outcome,
        {
            "published": published_frame(),
            "training": by_heart.training_frame(outcome),
            "scores": by_heart.score_frame(outcome, (1, most)),
            "errors": by_heart.lint_frame(outcome),
        },
        judgements,
        packages=("pyflakes",),
    )


def plan(config: by_heart.ArmsConfig) -> tuple[RunPlan, ...]:
    """Both TinyCodeLM on both kinds of edits, sampled as in version 1."""
    targets: tuple[Method, ...] = ("lintseq", "randseq")
    return (
        *paper_runs.tuning_plans(config.models, targets),
        *paper_runs.sampling_plans(
            config.models,
            targets,
            (paper_runs.HUMANEVAL, paper_runs.MBPP),
            (SamplingSettings(temperature=1.0, top_p=0.95),),
        ),
    )


def published_frame() -> Frame:
    """benchmark, model, k, lintseq, randseq, difference, place: the paper's pairs."""
    rows = [
        {
            "score": f"{one.model}, {one.benchmark}, pass@{one.k}",
            "benchmark": one.benchmark, "model": one.model, "k": one.k, "lintseq": one.value,
            "randseq": other.value, "difference": one.value - other.value,
            "place": f"{one.version}, {one.place}", "evidence": one.evidence,
        }
        for one, other in _pairs()
    ]  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def published_judgement() -> Judgement:
    """Over the four published pairs of scores."""
    gaps = [one.value - other.value for one, other in _pairs()]
    name = "Published score of LintSeq less that of RandSeq"
    return judge(PUBLISHED, Effect.from_interval(name, mean_interval(gaps), scale=1, of="pairs"))


def _pairs() -> Iterator[tuple[PublishedNumber, PublishedNumber]]:
    for one in _ABLATION:
        for other in _ABLATION:
            same = (one.benchmark, one.model, one.k, one.place) == (
                other.benchmark, other.model, other.k, other.place,
            )  # fmt: skip
            if same and one.variant == "LintSeqInstruct" and other.variant == "RandSeqInstruct":
                yield one, other


EXPERIMENT = Experiment(
    NAME, "The linter ablation: LintSeq against RandSeq.", CLAIMS, CONFIGS, run, plan
)

if __name__ == "__main__":
    from lintseq_core.experiments.command import main

    main(EXPERIMENT)
