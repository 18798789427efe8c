"""The small chain: every step of a real run on the tiny model, and words where no box is."""

import dataclasses

import pytest

from lintseq_core import LintSeqError
from lintseq_core.execution.backends import IsolationError
from lintseq_core.experiments.claims import Claim
from lintseq_core.experiments.pipeline import arms
from lintseq_core.experiments.pipeline.chain import BY_HEART, SHORT, SMOKE, Arm, run_chain

CLAIM = Claim("more", "here")
TWO = (Arm("whole programs", "whole", 1), Arm("LintSeq", "lintseq"))


@pytest.fixture(scope="module")
def unboxed():
    """Both arms, on a machine without a box."""
    with pytest.MonkeyPatch.context() as patch:

        def none(*_):
            raise IsolationError("bwrap is not installed")

        patch.setattr("lintseq_core.execution.selfcheck.choose", none)
        return run_chain(dataclasses.replace(SMOKE, steps=2, n_samples=2), TWO)


def test_every_arm_is_trained_for_the_same_steps_and_asked_the_same(unboxed):
    whole, edits = unboxed.arms
    assert (whole.training.steps, edits.training.steps) == (2, 2)
    assert (whole.training.examples, edits.training.examples) == (2, 4)
    assert list(whole.ends) == list(edits.ends) == ["Basics/0", "Basics/1"]
    assert all(len(ends) == 2 for one in unboxed.arms for ends in one.ends.values())
    assert 0 < edits.tokens_a_sample <= SHORT.max_tokens


def test_without_a_box_nothing_runs_and_a_note_says_so(unboxed):
    assert unboxed.isolation is None
    assert unboxed.notes == (
        BY_HEART,
        "No program was run, because this machine has no box: bwrap is not installed.",
    )
    assert unboxed.tallies() == {}
    assert len(arms.score_frame(unboxed, (1,))) == 0
    effect = arms.score_effect(unboxed, "LintSeq", "whole programs", 1)
    found = arms.judge_arms(CLAIM, effect, unboxed)
    assert (found.verdict, found.words) == (
        "cannot be told",
        "no program was run: this machine has no box",
    )


def test_what_needs_no_verdict_is_measured_all_the_same(unboxed):
    assert [row["arm"] for row in arms.training_frame(unboxed).rows()] == [
        "whole programs",
        "LintSeq",
    ]
    lint = {(row["arm"], row["error"]) for row in arms.lint_frame(unboxed).rows()}
    assert ("LintSeq", "any") in lint
    (row, _) = arms.diversity_frame(unboxed).rows()
    assert row["programs_a_problem"] == 2


def test_verdicts_become_scores_and_a_paired_difference(unboxed):
    told = [
        dataclasses.replace(
            one,
            verdicts={task: (verdict, "wrong_answer") for task in one.ends},
        )
        for one, verdict in zip(unboxed.arms, ("wrong_answer", "passed"), strict=True)
    ]
    outcome = dataclasses.replace(unboxed, arms=tuple(told))
    rows = [
        (row["arm"], row["k"], row["pass_at_k"]) for row in arms.score_frame(outcome, (1, 2)).rows()
    ]
    assert rows == [
        ("whole programs", 1, 0.0), ("whole programs", 2, 0.0), ("LintSeq", 1, 0.5),
        ("LintSeq", 2, 1.0),
    ]  # fmt: skip
    effect = arms.score_effect(outcome, "LintSeq", "whole programs", 1)
    assert (effect.estimate, effect.n) == (50.0, 2)
    taught = dataclasses.replace(outcome, by_heart=False)
    assert arms.judge_arms(CLAIM, effect, taught).words.endswith("and no interval from 2 problems")
    assert "50 points, and no interval" in arms.judge_arms(CLAIM, effect, outcome).words
    clear = dataclasses.replace(effect, low=10.0, high=90.0)
    assert arms.judge_arms(CLAIM, clear, taught).verdict == "holds"
    by_heart = arms.judge_arms(CLAIM, clear, outcome)
    assert by_heart.verdict == "cannot be told"
    assert by_heart.words.endswith("tests the path from data to score and not the claim")
    assert "50 points" in by_heart.words
    shares = [row["share"] for row in arms.verdict_frame(outcome).rows()]
    assert shares == [1.0, 0.5, 0.5]


def test_more_problems_than_there_are_is_an_error():
    with pytest.raises(LintSeqError, match="basics has 24 problems, not 25: lower it"):
        run_chain(dataclasses.replace(SMOKE, n_problems=25), TWO)
