"""Arms of the tiny model, trained, drawn and judged in this process: every path of a real run.

It needs no download and takes seconds. The model is taught the reference solutions of the problems
that it is asked, so its scores say how well it learned them by heart, and nothing about code that
nobody wrote yet.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from lintseq_core.experiments.claims import Claim, Effect, Judgement, judge, untold
from lintseq_core.experiments.experiment import Result, Stopwatch, make_record, planned_only
from lintseq_core.experiments.pipeline.arms import Arm, Recipe, Suite, Taught
from lintseq_core.experiments.pipeline.cells import CellOutcome, lint_errors, read_cell, shape
from lintseq_core.experiments.pipeline.stages import STAGES, RunFolder, run_here, run_stages
from lintseq_core.experiments.profiles import Profile
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.linting import get_linter
from lintseq_core.metrics.diversity import benchmark_diversity
from lintseq_core.metrics.flops import flops_kaplan
from lintseq_core.metrics.intervals import paired_difference
from lintseq_core.metrics.lint_errors import count_lint_errors
from lintseq_core.metrics.normal_form import count_distinct
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.scores.pass_at_k import compare, score
from lintseq_core.results.scores.tally import Tally

NAMES: dict[Taught, str] = {"whole": "whole programs", "lintseq": "LintSeq", "randseq": "RandSeq"}
BY_HEART = (
    "The model is tiny and was taught the reference solutions of these very problems: its scores "
    "say what it learned by heart."
)
_NO_BOX = "no program was run: this machine has no box"
SHORT = SamplingSettings(temperature=1.0, top_p=0.95, max_tokens=64)
LONG = SamplingSettings(temperature=1.0, top_p=0.95, max_tokens=420)


@dataclass(frozen=True, slots=True)
class ArmsConfig:
    """Arms that run here, and the models of the plan at full size."""

    profile: Profile
    recipe: Recipe | None
    """None: this profile is planned alone."""
    models: tuple[str, ...]


def arms_configs(
    arms: Callable[[int], tuple[Arm, ...]], models: tuple[str, ...]
) -> dict[Profile, ArmsConfig]:
    """A configuration a size; `arms` takes the number of sequences of each program."""
    return {
        "smoke": ArmsConfig("smoke", smoke_recipe(arms(2)), models),
        "cpu": ArmsConfig("cpu", learned_recipe(arms(5)), models),
        "paper": ArmsConfig("paper", None, models),
    }


def named_arms(s: int, *taught: Taught) -> tuple[Arm, ...]:
    """An arm for each thing taught, by its name."""
    return tuple(Arm(NAMES[one], one, s) for one in taught)


def smoke_recipe(arms: tuple[Arm, ...]) -> Recipe:
    """Seconds: nothing is learned."""
    return Recipe(
        arms, (Suite("basics", 2, is_spread=False),), n_samples=4, sampling=(SHORT,), steps=6,
        batch_size=4, save_every=6,
    )  # fmt: skip


def learned_recipe(arms: tuple[Arm, ...]) -> Recipe:
    """Enough for the tiny model to know most of what it was taught: minutes for each arm."""
    return Recipe(
        arms, (Suite("basics", 6, is_spread=False),), n_samples=10, sampling=(LONG,), steps=400,
        batch_size=12, save_every=400,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Training:
    """What a training took and came to."""

    examples: int
    trained_tokens: int
    """Of these examples, each once."""
    losses: tuple[float, ...]
    """A token, of each step."""


@dataclass(frozen=True, slots=True)
class ArmsOutcome:
    """What the arms of a recipe came to, one suite and one setting each."""

    recipe: Recipe
    cells: tuple[CellOutcome, ...]
    """One an arm."""
    trainings: Mapping[str, Training]
    """By arm."""
    isolation: str | None
    notes: tuple[str, ...]
    watch: Stopwatch
    """Since the run began."""

    @property
    def by_heart(self) -> bool:
        """Whether the problems asked are those taught."""
        return self.recipe.instructions.source == "asked"

    def tallies(self) -> dict[str, Tally]:
        """By arm, of those that have verdicts."""
        return {one.cell.arm.name: one.tally for one in self.cells if one.tally is not None}


def run_arms(config: ArmsConfig) -> ArmsOutcome:
    """The arms of `config`; LintSeqError where they are only planned."""
    if config.recipe is None:
        raise planned_only(config.profile)
    return run_recipe(config.recipe)


def run_recipe(recipe: Recipe) -> ArmsOutcome:
    """Train, sample and judge every arm, in a folder that is then removed.

    Without a box on this machine programs are not run: there are no verdicts, and a note says why.
    """
    from lintseq_core.execution.backends import IsolationError
    from lintseq_core.execution.selfcheck import choose, proven_once
    from lintseq_core.execution.verdict import Isolation
    from lintseq_core.models.devices import one_thread
    from lintseq_core.models.extra import quiet_progress, require_extra

    require_extra("torch", "transformers", "accelerate")
    quiet_progress()
    watch, stages, notes = Stopwatch(), list(STAGES), []
    if recipe.instructions.source == "asked":
        notes.append(BY_HEART)
    threads = one_thread() if recipe.model == "tiny" else nullcontext()
    with threads, proven_once(), tempfile.TemporaryDirectory() as path:
        try:
            choose(Isolation.BOX)[0].close()
        except IsolationError as error:
            stages.remove("evaluate")
            notes.append(f"No program was run, because this machine has no box: {error}.")
        folder = RunFolder(recipe, Path(path), device="cpu", workers=1)
        run_stages(folder, stages, run=run_here)
        cells = tuple(map(read_cell, folder.cells()))
        trainings = {arm.name: _training(folder, arm, seed) for arm, seed in recipe.runs()}
    levels = {level for one in cells if one.tally for level in one.tally.isolation}
    notes += [
        f"The reference solution of {task} does not pass here: programs had the default limit."
        for task in sorted({task for one in cells for task in one.failed_references})
    ]
    return ArmsOutcome(recipe, cells, trainings, min(levels, default=None), tuple(notes), watch)


def _training(folder: RunFolder, arm: Arm, seed: int) -> Training:
    from lintseq_core.models.load import load_encoder
    from lintseq_core.training.config import fine_tuning_preset
    from lintseq_core.training.encode import fit_examples
    from lintseq_core.training.examples import read_examples
    from lintseq_core.training.metrics_log import read_metrics

    model = folder.recipe.model
    limit = folder.recipe.max_length or fine_tuning_preset(model).optimization().max_length
    examples = read_examples(folder.edits(arm), "edits" if arm.writes_edits else "whole")
    _, counts = fit_examples(examples, load_encoder(model), max_length=limit, too_long="truncate")
    losses = tuple(step.loss for step in read_metrics(folder.run(arm, seed) / "metrics.jsonl"))
    return Training(counts.examples, counts.trained_tokens, losses)


def arms_result(
    name: str,
    config: ArmsConfig,
    outcome: ArmsOutcome,
    tables: Mapping[str, Frame],
    judgements: Sequence[Judgement],
    *,
    packages: tuple[str, ...] = (),
    notes: Sequence[str] = (),
) -> Result:
    """The result of the experiment called `name`; `packages` beside those that train."""
    seeds = {f"{arm.name}-{seed}": seed for arm, seed in outcome.recipe.runs()}
    record = make_record(
        name, config.profile, config, seeds=seeds,
        packages=("torch", "transformers", "accelerate", *packages), isolation=outcome.isolation,
    )  # fmt: skip
    return Result(
        name, config.profile, tables, tuple(judgements), record, (*notes, *outcome.notes),
        outcome.watch.seconds(),
    )  # fmt: skip


def training_frame(outcome: ArmsOutcome) -> Frame:
    """A row an arm: what its training took, and what its samples cost."""
    rows = []
    for one in outcome.cells:
        training = outcome.trainings[one.cell.arm.name]
        rows.append({
            "arm": one.cell.arm.name,
            "examples": training.examples,
            "steps": len(training.losses),
            "trained_tokens": training.trained_tokens,
            "loss_a_token": training.losses[-1],
            "samples": len(one.all_ends),
            "tokens_a_sample": one.tokens_a_sample,
            "flops_a_sample": sample_flops(outcome, one.cell.arm.name),
        })  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def score_frame(outcome: ArmsOutcome, ks: Sequence[int]) -> Frame:
    """arm, k, pass_at_k, low, high; no row without verdicts."""
    rows = [
        {"arm": name, "k": one.k, "pass_at_k": one.value, "low": one.low, "high": one.high}
        for name, found in outcome.tallies().items()
        for one in score(found, ks)
    ]
    return frame_of(rows, ("arm", "k", "pass_at_k", "low", "high"))


def verdict_frame(outcome: ArmsOutcome) -> Frame:
    """arm, verdict, samples, share."""
    rows = []
    for name, found in outcome.tallies().items():
        for verdict, n in sorted(found.verdicts.items()):
            share = n / found.n_samples
            rows.append({"arm": name, "verdict": verdict, "samples": n, "share": share})
    return frame_of(rows, ("arm", "verdict", "samples", "share"))


def lint_frame(outcome: ArmsOutcome) -> Frame:
    """arm, error, programs that have it, their share; "any" for one error at least."""
    rows = []
    for one in outcome.cells:
        errors = lint_errors(one)
        kinds = [("any", errors.n_with_errors), *((c, n) for c, n, _ in errors.by_code)]
        for kind, n in kinds:
            share = n / errors.n_programs
            rows.append({"arm": one.cell.arm.name, "error": kind, "programs": n, "share": share})
    return frame_of(rows, ("arm", "error", "programs", "share"))


def diversity_frame(outcome: ArmsOutcome) -> Frame:
    """A row an arm: means over problems of what tells its programs apart."""
    rows = []
    for one in outcome.cells:
        known = {task: [[word] for word in words] for task, words in (one.verdicts or {}).items()}
        found = benchmark_diversity(one.programs, known).mean
        rows.append({
            "arm": one.cell.arm.name, "programs_a_problem": found.n_programs,
            "different_texts": found.distinct_texts, "different_trees": found.distinct_trees,
            "do_not_parse": found.unparsable, "edit_distance": found.edit_distance,
            "vendi": found.vendi, "behaviours": found.behaviours,
        })  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def sample_flops(outcome: ArmsOutcome, arm: str, k: int = 1) -> float:
    """Floating point operations of `k` samples of every problem, which read its prompt once."""
    found = next(one for one in outcome.cells if one.cell.arm.name == arm)
    n_parameters, n_layers, width = shape(outcome.recipe.model)
    return flops_kaplan(
        n_params=n_parameters,
        n_layers=n_layers,
        d_model=width,
        prompt_tokens=found.prompt_tokens_a_problem,
        tokens_per_sample=found.tokens_a_sample,
        samples_per_problem=k,
        n_problems=len(found.traces),
        prompt_is_shared=True,
    )


def score_effect(outcome: ArmsOutcome, a: str, b: str, k: int) -> Effect:
    """pass@k of arm `a` less that of `b`, paired over problems; NaN without verdicts."""
    tallies = outcome.tallies()
    name = f"pass@{k} of {a} less that of {b}"
    if a not in tallies or b not in tallies:
        return Effect(name, math.nan, math.nan, math.nan, "points")
    (found,) = compare(tallies[a], tallies[b], [k])
    return Effect.from_interval(name, found.paired.difference)


def lint_effect(outcome: ArmsOutcome, a: str, b: str) -> Effect:
    """Share of programs with a linter error, `a` less `b`, paired over problems."""

    def share(programs: list[str]) -> float:
        return count_lint_errors(programs, get_linter("pyflakes")).share

    return _paired(outcome, a, b, share, "Programs with a linter error")


def diversity_effect(outcome: ArmsOutcome, a: str, b: str) -> Effect:
    """Share of different syntax trees among the samples of a problem, `a` less `b`."""

    def share(programs: list[str]) -> float:
        found = count_distinct(programs)
        return found.n_trees / found.n_programs

    return _paired(outcome, a, b, share, "Different syntax trees a sample")


def _paired(
    outcome: ArmsOutcome, a: str, b: str, measure: Callable[[list[str]], float], name: str
) -> Effect:
    measured = {
        one.cell.arm.name: {task: measure(texts) for task, texts in one.programs.items()}
        for one in outcome.cells
        if one.cell.arm.name in (a, b)
    }
    found = paired_difference(measured[a], measured[b]).difference
    return Effect.from_interval(f"{name}, {a} less {b}", found)


def judge_arms(claim: Claim, effect: Effect, outcome: ArmsOutcome) -> Judgement:
    """As `judge`; of arms that learned by heart it says what came out and tells nothing by it."""
    if math.isnan(effect.estimate) and effect.n == 0:
        return untold(claim, _NO_BOX)
    found = judge(claim, effect)
    if not outcome.by_heart:
        return found
    has_interval = not math.isnan(effect.low)
    said = found.words.rpartition(":")[0] if has_interval else found.words
    return Judgement(
        claim, effect, "cannot be told",
        f"{said}; learned by heart, which tests the path from data to score and not the claim",
    )  # fmt: skip
