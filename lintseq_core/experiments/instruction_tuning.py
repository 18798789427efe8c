"""04, instruction tuning: edits against whole programs, with the controls the paper leaves out.

Edits give five times the examples and longer texts. So the arms are matched in turn: by optimizer
steps (the paper), by examples (one sequence of each program), and told apart by trained tokens.
"""

from __future__ import annotations

from lintseq_core.experiments import paper_runs, recorded_models
from lintseq_core.experiments.claims import Claim
from lintseq_core.experiments.experiment import Experiment, Result
from lintseq_core.experiments.pipeline import by_heart
from lintseq_core.experiments.pipeline.arms import Arm
from lintseq_core.experiments.plans import RunPlan
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


CONFIGS = by_heart.arms_configs(
    lambda s: (*by_heart.named_arms(s, "whole", "lintseq"), Arm(ONE, "lintseq", 1)),
    (*paper_runs.SMALL, *paper_runs.LARGE),
)


def run(config: by_heart.ArmsConfig) -> Result:
    """Train the arms, compare their losses and what their samples solve."""
    outcome = by_heart.run_arms(config)
    whole, edits = by_heart.NAMES["whole"], by_heart.NAMES["lintseq"]
    losses = [
        {"arm": arm, "step": step, "loss": loss}
        for arm, training in outcome.trainings.items()
        for step, loss in enumerate(training.losses, start=1)
    ]
    judgements = (
        by_heart.judge_arms(STEPS, by_heart.score_effect(outcome, edits, whole, 1), outcome),
        by_heart.judge_arms(EXAMPLES, by_heart.score_effect(outcome, ONE, whole, 1), outcome),
        *recorded_models.recorded_judgements(STEPS, "lintseq", "whole", 1),
        *recorded_models.recorded_judgements(EXAMPLES, "lintseq", "whole-tokens", 1),
    )
    return by_heart.arms_result(
        NAME,
        config,
        outcome,
        {
            "training": by_heart.training_frame(outcome),
            "losses": frame_of(losses, ("arm", "step", "loss")),
            "scores": by_heart.score_frame(outcome, (1, outcome.recipe.n_samples)),
        },
        judgements,
        notes=("Losses of edits and of whole programs are of different texts and do not compare.",),
    )


def plan(config: by_heart.ArmsConfig) -> tuple[RunPlan, ...]:
    """Every model of the paper on whole programs and on edits."""
    return paper_runs.tuning_plans(config.models, ("whole", "lintseq"))


EXPERIMENT = Experiment(NAME, "Instruction tuning and its controls.", CLAIMS, CONFIGS, run, plan)

if __name__ == "__main__":
    from lintseq_core.experiments.command import main

    main(EXPERIMENT)
