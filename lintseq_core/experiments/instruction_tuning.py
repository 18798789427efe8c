"""04, instruction tuning: edits against whole programs, with the controls the paper leaves out.

Edits give five times the examples and longer texts. So the arms are matched in turn: by optimizer
steps (the paper), by examples (one sequence of each program), and told apart by trained tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lintseq_core.experiments import paper_runs, recorded_models
from lintseq_core.experiments.claims import Claim
from lintseq_core.experiments.experiment import Experiment, Result, Stopwatch, make_record
from lintseq_core.experiments.pipeline import arms
from lintseq_core.experiments.pipeline.chain import (
    LEARNED,
    LONG,
    NAMES,
    SMOKE,
    Arm,
    ChainConfig,
    run_chain,
)
from lintseq_core.experiments.plans import RunPlan
from lintseq_core.experiments.profiles import Profile
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.results.frames import frame_of
from lintseq_core.results.paper import published

NAME = "instruction_tuning"
ONE = "LintSeq, one sequence a program"
STEPS = Claim(
    "At equal optimizer steps, fine-tuning on edits gives a better pass@1 than on whole programs",
    "Tables 1 and 2 (v1), Table 1 (v3)",
    published("relative gain in pass@k over Instruct"),
)
EXAMPLES = Claim(
    "It still does with one sequence of each program, so with as many examples",
    "a control the reviews ask for; not in the paper",
)
CLAIMS = (STEPS, EXAMPLES)


def _arms(s: int, sampling: SamplingSettings) -> tuple[Arm, ...]:
    return (
        Arm(NAMES["whole"], "whole", 1, sampling),
        Arm(NAMES["lintseq"], "lintseq", s, sampling),
        Arm(ONE, "lintseq", 1, sampling),
    )


@dataclass(frozen=True, slots=True)
class TuningConfig:
    """Arms with the same steps."""

    profile: Profile
    chain: ChainConfig = SMOKE
    arms: tuple[Arm, ...] = field(default_factory=lambda: _arms(2, SamplingSettings(max_tokens=64)))
    models: tuple[str, ...] = (*paper_runs.SMALL, *paper_runs.LARGE)


CONFIGS: dict[Profile, TuningConfig] = {
    "smoke": TuningConfig("smoke"),
    "cpu": TuningConfig("cpu", LEARNED, _arms(5, LONG)),
    "paper": TuningConfig("paper"),
}


def run(config: TuningConfig) -> Result:
    """Train the arms, compare their losses and what their samples solve."""
    watch = Stopwatch()
    outcome = run_chain(config.chain, config.arms)
    whole, edits = NAMES["whole"], NAMES["lintseq"]
    losses = [
        {"arm": one.arm.name, "step": step, "loss": loss}
        for one in outcome.arms
        for step, loss in enumerate(one.training.losses, start=1)
    ]
    judgements = (
        arms.judge_arms(STEPS, arms.score_effect(outcome, edits, whole, 1), outcome),
        arms.judge_arms(EXAMPLES, arms.score_effect(outcome, ONE, whole, 1), outcome),
        *recorded_models.recorded_judgements(STEPS, "lintseq", "whole", 1),
        *recorded_models.recorded_judgements(EXAMPLES, "lintseq", "whole-tokens", 1),
    )
    return Result(
        NAME,
        config.profile,
        {
            "training": arms.training_frame(outcome),
            "losses": frame_of(losses, ("arm", "step", "loss")),
            "scores": arms.score_frame(outcome, (1, config.chain.n_samples)),
        },
        judgements,
        make_record(
            NAME, config.profile, config, seeds={"seed": config.chain.seed},
            packages=("torch", "transformers", "accelerate"), isolation=outcome.isolation,
        ),
        (
            "Losses of edits and of whole programs are of different texts and do not compare.",
            *outcome.notes,
        ),
        watch.seconds(),
    )  # fmt: skip


def plan(config: TuningConfig) -> tuple[RunPlan, ...]:
    """Every model of the paper on whole programs and on edits."""
    return paper_runs.tuning_plans(config.models, ("whole", "lintseq"))


EXPERIMENT = Experiment(NAME, "Instruction tuning and its controls.", CLAIMS, CONFIGS, run, plan)

if __name__ == "__main__":
    from lintseq_core.experiments.command import main

    main(EXPERIMENT)
