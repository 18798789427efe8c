"""Arms in this process: every step of a real run on the tiny model, and words where no box is."""

import dataclasses

import pytest

from lintseq_core.execution.backends import IsolationError
from lintseq_core.experiments.claims import Claim
from lintseq_core.experiments.pipeline import by_heart
from lintseq_core.experiments.pipeline.arms import Arm, Instructions
from lintseq_core.experiments.pipeline.by_heart import BY_HEART, SHORT, smoke_recipe
from lintseq_core.results.sample import Sample
from lintseq_core.results.scores.tally import tally

CLAIM = Claim("more", "here")
TWO = (Arm("whole programs", "whole", 2), Arm("LintSeq", "lintseq", 2))


@pytest.fixture(scope="module")
def unboxed():
    """Both arms, on a machine without a box."""
    with pytest.MonkeyPatch.context() as patch:

        def none(*_):
            raise IsolationError("bwrap is not installed")

        patch.setattr("lintseq_core.execution.selfcheck.choose", none)
        recipe = dataclasses.replace(smoke_recipe(TWO), steps=2, n_samples=2)
        return by_heart.run_recipe(recipe)


def test_every_arm_is_trained_for_the_same_steps_and_asked_the_same(unboxed):
    whole, edits = unboxed.cells
    trained = unboxed.trainings.values()
    assert [len(training.losses) for training in trained] == [2, 2]
    assert [training.examples for training in trained] == [2, 4]
    assert list(whole.ends) == list(edits.ends) == ["Basics/0", "Basics/1"]
    assert all(len(ends) == 2 for one in unboxed.cells for ends in one.ends.values())
    assert 0 < edits.tokens_a_sample <= SHORT.max_tokens


def test_without_a_box_nothing_runs_and_a_note_says_so(unboxed):
    assert unboxed.isolation is None
    assert unboxed.notes == (
        BY_HEART,
        "No program was run, because this machine has no box: bwrap is not installed.",
    )
    assert unboxed.tallies() == {}
    assert len(by_heart.score_frame(unboxed, (1,))) == 0
    effect = by_heart.score_effect(unboxed, "LintSeq", "whole programs", 1)
    found = by_heart.judge_arms(CLAIM, effect, unboxed)
    assert (found.verdict, found.words) == (
        "cannot be told",
        "no program was run: this machine has no box",
    )


def test_what_needs_no_verdict_is_measured_all_the_same(unboxed):
    assert [row["arm"] for row in by_heart.training_frame(unboxed).rows()] == [
        "whole programs",
        "LintSeq",
    ]
    lint = {(row["arm"], row["error"]) for row in by_heart.lint_frame(unboxed).rows()}
    assert ("LintSeq", "any") in lint
    (row, _) = by_heart.diversity_frame(unboxed).rows()
    assert row["programs_a_problem"] == 2


def test_verdicts_become_scores_and_a_paired_difference(unboxed):
    told = []
    for one, verdict in zip(unboxed.cells, ("wrong_answer", "passed"), strict=True):
        verdicts = {task: (verdict, "wrong_answer") for task in one.ends}
        samples = [
            Sample(task, number, verdict=word, passed=word == "passed")
            for task, words in verdicts.items()
            for number, word in enumerate(words)
        ]
        found = tally(samples, one.cell.arm.name)
        told.append(dataclasses.replace(one, verdicts=verdicts, tally=found))
    outcome = dataclasses.replace(unboxed, cells=tuple(told))
    rows = [
        (row["arm"], row["k"], row["pass_at_k"])
        for row in by_heart.score_frame(outcome, (1, 2)).rows()
    ]
    assert rows == [
        ("whole programs", 1, 0.0), ("whole programs", 2, 0.0), ("LintSeq", 1, 0.5),
        ("LintSeq", 2, 1.0),
    ]  # fmt: skip
    effect = by_heart.score_effect(outcome, "LintSeq", "whole programs", 1)
    assert (effect.estimate, effect.n) == (50.0, 2)
    others = dataclasses.replace(outcome.recipe, instructions=Instructions("basics"))
    taught = dataclasses.replace(outcome, recipe=others)
    assert by_heart.judge_arms(CLAIM, effect, taught).words.endswith(
        "and no interval from 2 problems"
    )
    assert "50 points, and no interval" in by_heart.judge_arms(CLAIM, effect, outcome).words
    clear = dataclasses.replace(effect, low=10.0, high=90.0)
    assert by_heart.judge_arms(CLAIM, clear, taught).verdict == "holds"
    learned = by_heart.judge_arms(CLAIM, clear, outcome)
    assert learned.verdict == "cannot be told"
    assert learned.words.endswith("tests the path from data to score and not the claim")
    assert "50 points" in learned.words
    shares = [row["share"] for row in by_heart.verdict_frame(outcome).rows()]
    assert shares == [1.0, 0.5, 0.5]
