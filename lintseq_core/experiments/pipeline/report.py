"""Tables and effects of a chain's arms, alike for every experiment that compares arms."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lintseq_core.experiments.claims import Claim, Effect, Judgement, judge, untold
from lintseq_core.experiments.pipeline.chain import ChainOutcome
from lintseq_core.linting import get_linter
from lintseq_core.metrics.diversity import benchmark_diversity
from lintseq_core.metrics.flops import flops_kaplan
from lintseq_core.metrics.lint_errors import count_lint_errors
from lintseq_core.metrics.normal_form import count_distinct
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.scores.pass_at_k import compare, score

_NO_BOX = "no program was run: this machine has no box"


def training_frame(outcome: ChainOutcome) -> Frame:
    """A row an arm: what its training took, and what its samples cost."""
    rows = [
        {
            "arm": one.arm.name,
            "examples": one.training.examples,
            "steps": one.training.steps,
            "trained_tokens": one.training.trained_tokens,
            "loss_a_token": one.training.loss,
            "samples": sum(map(len, one.ends.values())),
            "tokens_a_sample": one.tokens_a_sample,
            "flops_a_sample": sample_flops(outcome, one.arm.name),
        }
        for one in outcome.arms
    ]
    return frame_of(rows, tuple(rows[0]))


def score_frame(outcome: ChainOutcome, ks: Sequence[int]) -> Frame:
    """arm, k, pass_at_k, low, high; no row without verdicts."""
    rows = [
        {"arm": name, "k": one.k, "pass_at_k": one.value, "low": one.low, "high": one.high}
        for name, found in outcome.tallies().items()
        for one in score(found, ks)
    ]
    return frame_of(rows, ("arm", "k", "pass_at_k", "low", "high"))


def verdict_frame(outcome: ChainOutcome) -> Frame:
    """arm, verdict, samples, share."""
    rows = []
    for name, found in outcome.tallies().items():
        for verdict, n in sorted(found.verdicts.items()):
            share = n / found.n_samples
            rows.append({"arm": name, "verdict": verdict, "samples": n, "share": share})
    return frame_of(rows, ("arm", "verdict", "samples", "share"))


def lint_frame(outcome: ChainOutcome) -> Frame:
    """arm, error, programs that have it, their share; "any" for one error at least."""
    rows = []
    for one in outcome.arms:
        programs = [text for texts in one.programs.values() for text in texts]
        errors = count_lint_errors(programs, get_linter("pyflakes"))
        kinds = [("any", errors.n_with_errors), *((c, n) for c, n, _ in errors.by_code)]
        for kind, n in kinds:
            share = n / errors.n_programs
            rows.append({"arm": one.arm.name, "error": kind, "programs": n, "share": share})
    return frame_of(rows, ("arm", "error", "programs", "share"))


def diversity_frame(outcome: ChainOutcome) -> Frame:
    """A row an arm: means over problems of what tells its programs apart."""
    rows = []
    for one in outcome.arms:
        found = benchmark_diversity(one.programs, one.verdicts and _as_outcomes(one.verdicts)).mean
        rows.append({
            "arm": one.arm.name, "programs_a_problem": found.n_programs,
            "different_texts": found.distinct_texts, "different_trees": found.distinct_trees,
            "do_not_parse": found.unparsable, "edit_distance": found.edit_distance,
            "vendi": found.vendi, "behaviours": found.behaviours,
        })  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def _as_outcomes(verdicts: object) -> dict[str, list[tuple[str]]]:
    assert isinstance(verdicts, dict)
    return {task: [(verdict,) for verdict in told] for task, told in verdicts.items()}


def sample_flops(outcome: ChainOutcome, arm: str) -> float:
    """Floating point operations of one sample of every problem, prompts included."""
    from lintseq_core.models.tiny import TINY_CONFIG

    found = next(one for one in outcome.arms if one.arm.name == arm)
    prompts = found.prompt_tokens.values()
    return flops_kaplan(
        n_params=outcome.n_parameters,
        n_layers=TINY_CONFIG["num_hidden_layers"],
        d_model=TINY_CONFIG["hidden_size"],
        prompt_tokens=sum(prompts) / len(prompts),
        tokens_per_sample=found.tokens_a_sample,
        samples_per_problem=1,
        n_problems=len(found.ends),
    )


def score_effect(outcome: ChainOutcome, a: str, b: str, k: int) -> Effect:
    """pass@k of arm `a` less that of `b`, paired over problems; NaN without verdicts."""
    tallies = outcome.tallies()
    name = f"pass@{k} of {a} less that of {b}"
    if a not in tallies or b not in tallies:
        return Effect(name, math.nan, math.nan, math.nan, "points")
    (found,) = compare(tallies[a], tallies[b], [k])
    return Effect.from_interval(name, found.paired.difference)


def lint_effect(outcome: ChainOutcome, a: str, b: str) -> Effect:
    """Share of programs with a linter error, `a` less `b`, paired over problems."""
    from lintseq_core.metrics.intervals import paired_difference

    shares = {}
    for one in outcome.arms:
        shares[one.arm.name] = {
            task: count_lint_errors(texts, get_linter("pyflakes")).share
            for task, texts in one.programs.items()
        }
    found = paired_difference(shares[a], shares[b]).difference
    return Effect.from_interval(f"Programs with a linter error, {a} less {b}", found)


def diversity_effect(outcome: ChainOutcome, a: str, b: str) -> Effect:
    """Share of different syntax trees among the samples of a problem, `a` less `b`."""
    from lintseq_core.metrics.intervals import paired_difference

    shares = {}
    for one in outcome.arms:
        counts = {task: count_distinct(texts) for task, texts in one.programs.items()}
        shares[one.arm.name] = {t: c.n_trees / c.n_programs for t, c in counts.items()}
    found = paired_difference(shares[a], shares[b]).difference
    return Effect.from_interval(f"Different syntax trees a sample, {a} less {b}", found)


def judge_arms(claim: Claim, effect: Effect, outcome: ChainOutcome) -> Judgement:
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
