"""10, sampling sweeps: temperature, top-p and min-p, and the number s of sequences a program."""

from __future__ import annotations

from lintseq_core.experiments import paper_runs
from lintseq_core.experiments.claims import Claim
from lintseq_core.experiments.experiment import Experiment, Result
from lintseq_core.experiments.pipeline import by_heart
from lintseq_core.experiments.pipeline.arms import Arm
from lintseq_core.experiments.plans import RunPlan
from lintseq_core.experiments.profiles import Profile
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.results.frames import frame_of

NAME = "sampling"
DRAWN = Claim(
    "Hotter sampling costs pass@1 and helps pass@k: at temperature 1 less is solved at k = 1 than "
    "at temperature 0.2",
    "sweeps of version 3; its numbers are in no source seen",
)
SEQUENCES = Claim(
    "More sequences of each program help: s = 5 solves more at pass@1 than s = 1",
    "appendix of version 3; its numbers are in no source seen",
)
CLAIMS = (DRAWN, SEQUENCES)
GRID = tuple(
    SamplingSettings(temperature=t, top_p=p, min_p=m)
    for t in (1.0, 1.1, 1.2)
    for p in (0.95, 1.0)
    for m in (0.0, 0.05)
)
"""The sweep of version 3 (from memory, in no source seen)."""


def _arms(
    grid: tuple[tuple[float, float, float], ...], every_s: tuple[int, ...], max_tokens: int
) -> tuple[Arm, ...]:
    drawn = [
        Arm(
            f"T {t:g}, top-p {p:g}, min-p {m:g}", "lintseq", every_s[-1],
            sampling=SamplingSettings(t, p, m, max_tokens),
        )
        for t, p, m in grid
    ]  # fmt: skip
    taught = [
        Arm(f"s = {s}", "lintseq", s, sampling=SamplingSettings(1.0, 0.95, 0.0, max_tokens))
        for s in every_s
    ]
    return (*drawn, *taught)


_SHORT_GRID = ((0.2, 0.95, 0.0), (1.0, 0.95, 0.0), (1.0, 1.0, 0.05))
_LONG_GRID = (
    (0.2, 0.95, 0.0), (0.6, 0.95, 0.0), (1.0, 0.95, 0.0), (1.2, 0.95, 0.0), (1.0, 1.0, 0.0),
    (1.0, 1.0, 0.05), (1.2, 1.0, 0.05),
)  # fmt: skip


CONFIGS: dict[Profile, by_heart.ArmsConfig] = {
    "smoke": by_heart.ArmsConfig(
        "smoke", by_heart.smoke_recipe(_arms(_SHORT_GRID, (1, 2), 48)), paper_runs.LARGE
    ),
    "cpu": by_heart.ArmsConfig(
        "cpu", by_heart.learned_recipe(_arms(_LONG_GRID, (1, 2, 5, 10), 420)), paper_runs.LARGE
    ),
    "paper": by_heart.ArmsConfig("paper", None, paper_runs.LARGE),
}


def run(config: by_heart.ArmsConfig) -> Result:
    """Sample one model at every setting, and models of every s at one."""
    outcome = by_heart.run_arms(config)
    names = [arm.name for arm in outcome.recipe.arms]
    cold = next(name for name in names if name.startswith("T 0.2,"))
    hot = next(name for name in names if name.startswith("T 1, top-p 0.95, min-p 0"))
    most, least = [name for name in names if name.startswith("s =")][-1], "s = 1"
    effects = (
        (DRAWN, by_heart.score_effect(outcome, cold, hot, 1)),
        (SEQUENCES, by_heart.score_effect(outcome, most, least, 1)),
    )
    drawn = {arm.name: (arm.sampling, arm.s) for arm in outcome.recipe.arms}
    rows = []
    for row in by_heart.score_frame(outcome, (1, outcome.recipe.n_samples)).rows():
        sampling, s = drawn[row["arm"]]
        assert sampling is not None, row["arm"]
        rows.append({
            **row, "temperature": sampling.temperature, "top_p": sampling.top_p,
            "min_p": sampling.min_p, "s": s,
        })  # fmt: skip
    columns = ("arm", "temperature", "top_p", "min_p", "s", "k", "pass_at_k", "low", "high")
    return by_heart.arms_result(
        NAME,
        config,
        outcome,
        {
            "training": by_heart.training_frame(outcome),
            "scores": frame_of(rows, columns),
            "diversity": by_heart.diversity_frame(outcome),
        },
        [by_heart.judge_arms(claim, effect, outcome) for claim, effect in effects],
    )


def plan(config: by_heart.ArmsConfig) -> tuple[RunPlan, ...]:
    """The sweep of version 3 over HumanEval and MBPP(+) for edits."""
    return paper_runs.sampling_plans(
        config.models, ("lintseq",), (paper_runs.HUMANEVAL, paper_runs.MBPP), GRID
    )


EXPERIMENT = Experiment(NAME, "Sampling sweeps and s.", CLAIMS, CONFIGS, run, plan)

if __name__ == "__main__":
    from lintseq_core.experiments.command import main

    main(EXPERIMENT)
