"""05, pass@1 (figure 3, table 1): one sample a problem, edits against whole programs."""

from __future__ import annotations

from collections.abc import Iterator

from lintseq_core.experiments import paper_runs, recorded_models
from lintseq_core.experiments.claims import Claim, Effect, Judgement, judge
from lintseq_core.experiments.experiment import Experiment, Result
from lintseq_core.experiments.pipeline import by_heart
from lintseq_core.experiments.plans import RunPlan
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.metrics.intervals import mean_interval
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.paper import PublishedNumber, published

NAME = "pass_at_1"
BENCHMARKS = ("HumanEval", "MBPP(+)")
_LARGE_PLACE = "score against test-time FLOPs"
MATCH = Claim(
    "Edit models match or outperform models of whole programs at pass@1: not below by more than "
    "a point, over the large models",
    "abstract and Figure 3 (v3)",
    published("pass@k", version="v3", place="pass@1 of the large models"),
    low=-1.0,
)
BETTER = Claim(
    "Edit models are better at pass@1, over the large models",
    "Figure 3 (v3)",
)
SMALL = Claim(
    "TinyCodeLM on edits is better at pass@1 than on whole programs",
    "Table 1 (v3)",
)
OURS = Claim("A model of edits solves more at pass@1 than a model of whole programs", "Figure 3")
CLAIMS = (MATCH, BETTER, SMALL, OURS)


CONFIGS = by_heart.arms_configs(
    lambda s: by_heart.named_arms(s, "whole", "lintseq"), paper_runs.LARGE
)


def run(config: by_heart.ArmsConfig) -> Result:
    """The published pairs judged, and pass@1 of the two arms."""
    outcome = by_heart.run_arms(config)
    effect = by_heart.score_effect(outcome, by_heart.NAMES["lintseq"], by_heart.NAMES["whole"], 1)
    return by_heart.arms_result(
        NAME,
        config,
        outcome,
        {
            "published": published_frame(),
            "training": by_heart.training_frame(outcome),
            "scores": by_heart.score_frame(outcome, (1,)),
            "verdicts": by_heart.verdict_frame(outcome),
        },
        (
            *published_judgements(),
            by_heart.judge_arms(OURS, effect, outcome),
            *recorded_models.recorded_judgements(OURS, "lintseq", "whole", 1),
        ),
        notes=(
            "No published value of DS-1000 and BigCodeBench could be seen in a source, so none "
            "stands here.",
        ),
    )


def plan(config: by_heart.ArmsConfig) -> tuple[RunPlan, ...]:
    """One sample a problem of all five benchmarks; settings as far as a source has them."""
    suites = (paper_runs.HUMANEVAL, paper_runs.MBPP, paper_runs.DS1000, paper_runs.BIGCODEBENCH)
    return paper_runs.sampling_plans(
        config.models,
        ("whole", "lintseq"),
        suites,
        (SamplingSettings(temperature=0.0, top_p=0.95),),
    )


def published_frame() -> Frame:
    """benchmark, model, lintseq, instruct, difference: the paper's pairs at k = 1."""
    rows = [
        {
            "benchmark": one.benchmark, "model": one.model, "lintseq": one.value,
            "instruct": other.value, "difference": one.value - other.value,
            "place": f"{one.version}, {one.place}", "evidence": one.evidence,
        }
        for one, other in _pairs()
    ]  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def published_judgements() -> tuple[Judgement, ...]:
    """The claims judged by the paper's own pairs."""
    rows = list(published_frame().rows())
    large = [row["difference"] for row in rows if "TinyCodeLM" not in row["model"]]
    small = [row["difference"] for row in rows if "TinyCodeLM" in row["model"]]
    name = "Published pass@1 of LintSeq less that of Instruct"
    found = []
    for claim, gaps in ((MATCH, large), (BETTER, large), (SMALL, small)):
        effect = Effect.from_interval(name, mean_interval(gaps), scale=1, of="pairs of models")
        found.append(judge(claim, effect))
    return tuple(found)


def _pairs() -> Iterator[tuple[PublishedNumber, PublishedNumber]]:
    numbers = [
        one
        for place in (_LARGE_PLACE, "Table 1")
        for one in published("pass@k", version="v3", k=1, place=place)
        if one.benchmark in BENCHMARKS
    ]
    for one in numbers:
        for other in numbers:
            same = (one.benchmark, one.model, one.place) == (
                other.benchmark, other.model, other.place,
            )  # fmt: skip
            if same and one.variant == "LintSeqInstruct" and other.variant == "Instruct":
                yield one, other


EXPERIMENT = Experiment(NAME, "pass@1 of edits and of whole programs.", CLAIMS, CONFIGS, run, plan)

if __name__ == "__main__":
    from lintseq_core.experiments.command import main

    main(EXPERIMENT)
