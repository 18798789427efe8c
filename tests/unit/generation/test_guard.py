from __future__ import annotations

import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.generation.guard import LintGuard, samples_within
from tests.unit.generation.scripted import EOS, scripted_model, spelled
from tests.unit.generation.test_stepwise import CALL, CLOSE, DEFINE, GOOD, PROGRAM, USE_UNDEFINED
from tests.unit.generation.test_stepwise import run as run_stepwise

HEAD = f"{DEFINE}\n<|diff|>"
BAD = spelled(f"{HEAD}{USE_UNDEFINED}{CLOSE}")
BROKEN = spelled(f"{HEAD}@@ -9,0 +10 @@\n+print(1){CLOSE}")
REJECTED = len(spelled(f"{USE_UNDEFINED}\n<|diff|>"))


def test_an_edit_that_adds_a_finding_is_drawn_again() -> None:
    model = scripted_model([BAD, spelled(GOOD)])
    steps, (end,) = run_stepwise(model, guard=LintGuard(3))
    assert [(s.step_index, s.attempt, s.text, s.outcome, s.objection) for s in steps] == [
        (0, 0, DEFINE, "accepted", None),
        (1, 0, USE_UNDEFINED, "rejected", "adds UndefinedName doubel"),
        (1, 1, CALL, "accepted", None),
    ]
    assert (end.program, end.text, end.stop_reason) == (PROGRAM, GOOD, "close")
    assert (end.n_rejected_tokens, end.n_tokens) == (REJECTED, REJECTED + len(spelled(GOOD)))


def test_an_edit_that_cannot_be_applied_is_drawn_again() -> None:
    steps, (end,) = run_stepwise(scripted_model([BROKEN, spelled(GOOD)]), guard=LintGuard(1))
    assert [(step.outcome, step.objection) for step in steps[1:]] == [
        ("rejected", "position out of range"),
        ("accepted", None),
    ]
    assert end.program == PROGRAM


@pytest.mark.parametrize("n_retries", [1, 2, 4])
def test_an_edit_is_drawn_again_at_most_r_times_then_kept_and_marked(n_retries: int) -> None:
    steps, (end,) = run_stepwise(scripted_model(BAD), guard=LintGuard(n_retries))
    assert [step.outcome for step in steps] == ["accepted", *["rejected"] * n_retries, "kept"]
    assert steps[-1].attempt == n_retries
    assert steps[-1].objection == "adds UndefinedName doubel"
    assert end.program == "def double(x):\n    return 2 * x\nprint(doubel(3))\n"
    assert end.n_rejected_tokens == n_retries * REJECTED


def test_a_kept_edits_findings_are_not_held_against_the_next() -> None:
    text = f"{HEAD}{USE_UNDEFINED}\n<|diff|>@@ -0,0 +1 @@\n+import os{CLOSE}"
    steps, _ = run_stepwise(scripted_model(spelled(text)), guard=LintGuard(1))
    assert [step.outcome for step in steps] == ["accepted", "rejected", "kept", "accepted"]


def test_an_edit_that_the_end_marker_cuts_short_is_drawn_again_too() -> None:
    cut = [*spelled(f"{HEAD}@@ -2,0 +3,2 @@\n+print(1)"), EOS]
    steps, (end,) = run_stepwise(scripted_model([cut, spelled(GOOD)]), guard=LintGuard(2))
    assert [step.outcome for step in steps] == ["accepted", "rejected", "accepted"]
    assert steps[1].objection == "count differs from the lines"
    assert (end.program, end.stop_reason) == (PROGRAM, "close")
    assert end.n_rejected_tokens == len(cut) - len(spelled(HEAD))


def test_rejected_tokens_are_paid_from_the_same_budget() -> None:
    spent = len(BAD) - 1  # up to the first marker of the close
    steps, (end,) = run_stepwise(
        scripted_model([BAD, spelled(GOOD)]), max_tokens=spent + 10, guard=LintGuard(3)
    )
    assert end.stop_reason == "max_tokens"
    assert end.n_tokens == spent + 10
    steps, (end,) = run_stepwise(
        scripted_model([BAD, spelled(GOOD)]), max_tokens=len(BAD) - 2, guard=LintGuard(3)
    )
    assert [step.outcome for step in steps] == ["accepted", "kept"]


def test_where_nothing_is_wrong_the_guard_changes_nothing() -> None:
    plain, (end,) = run_stepwise(scripted_model(spelled(GOOD)))
    guarded, (guarded_end,) = run_stepwise(scripted_model(spelled(GOOD)), guard=LintGuard(3))
    assert (guarded, guarded_end) == (plain, end)


def test_each_sample_of_a_batch_is_guarded_by_itself() -> None:
    model = scripted_model([BAD, spelled(GOOD)], spelled(GOOD), BAD)
    _, ends = run_stepwise(model, n_samples=3, guard=LintGuard(2))
    found = {end.sample_index: (end.program == PROGRAM, end.n_rejected_tokens) for end in ends}
    assert found == {0: (True, REJECTED), 1: (True, 0), 2: (False, 2 * REJECTED)}


def test_runs_are_cut_to_one_budget_of_tokens() -> None:
    _, ends = run_stepwise(scripted_model(*[spelled(GOOD)] * 4), n_samples=4)
    each = ends[0].n_tokens
    for n_tokens, n_samples in (
        (0, 0),
        (each - 1, 0),
        (each, 1),
        (3 * each + 5, 3),
        (99 * each, 4),
    ):
        assert samples_within(ends, n_tokens=n_tokens) == tuple(ends[:n_samples])


def test_a_guard_without_tries_is_refused() -> None:
    with pytest.raises(LintSeqError, match=r"^n_retries is 0; expected 1 or more$"):
        LintGuard(0)
