"""Intervals over seeds and tasks together: their parts by hand, and how often they hold a truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lintseq_core.metrics.crossed import crossed_interval
from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.intervals import score_interval

BY_HAND = np.array([[0.0, 0.2, 0.4, 0.6, 0.8], [0.2, 0.4, 0.6, 0.8, 1.0]])


def test_the_parts_are_those_that_a_hand_works_out() -> None:
    """Seeds have the means 0.4 and 0.6: variance 0.02, halved 0.01. Tasks have the means 0.1, 0.3
    ... 0.9: variance 0.1, over 5 of them 0.02."""
    found = crossed_interval(BY_HAND)
    assert found.estimate == pytest.approx(0.5)
    assert found.seed_error == pytest.approx(0.1)
    assert found.task_error == pytest.approx(math.sqrt(0.02))
    assert (found.n_seeds, found.n_tasks) == (2, 5)
    whole = found.as_interval()
    assert whole.standard_error == pytest.approx(math.sqrt(0.03))
    assert (whole.low, whole.high, whole.n_problems) == (found.low, found.high, 5)


def test_of_two_arms_the_seeds_of_both_add_up() -> None:
    other = np.array([[0.1] * 5, [0.1] * 5, [0.4] * 5])
    found = crossed_interval(BY_HAND, other)
    assert found.estimate == pytest.approx(0.3)
    assert found.seed_error == pytest.approx(math.sqrt(0.01 + 0.03 / 3))
    assert found.task_error == pytest.approx(math.sqrt(0.02))
    turned = crossed_interval(other, BY_HAND)
    assert turned.estimate == pytest.approx(-0.3)
    assert (found.low < 0.3 < found.high) and found.low < 0 < found.high


def test_the_interval_is_a_normal_one_where_seeds_and_tasks_are_many() -> None:
    rng = np.random.default_rng(0)
    scores = 5 + rng.normal(size=(40, 1)) + rng.normal(size=(1, 200)) + rng.normal(size=(40, 200))
    found = crossed_interval(scores, n_draws=20_000)
    error = math.hypot(found.seed_error, found.task_error)
    assert found.low == pytest.approx(found.estimate - 1.99 * error, abs=0.1 * error)
    assert found.high == pytest.approx(found.estimate + 1.99 * error, abs=0.1 * error)


def test_tasks_without_a_score_in_any_seed_or_arm_are_left_out() -> None:
    nan = math.nan
    scores = np.hstack([[[nan], [0.5]], BY_HAND, [[1.0], [1.0]]])
    other = np.hstack([[[0.5]], np.zeros((1, 5)), [[nan]]])
    found = crossed_interval(scores, other)
    assert found == crossed_interval(BY_HAND, np.zeros((1, 5)))
    assert found.n_tasks == 5


def test_one_seed_shows_no_error_of_seeds_and_is_over_tasks_alone() -> None:
    scores = np.random.default_rng(1).random(60)
    found = crossed_interval(scores)
    assert math.isnan(found.seed_error) and found.n_seeds == 1
    alone = score_interval(scores)
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high), abs=0.01)
    assert found.as_interval().standard_error == pytest.approx(alone.standard_error)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_scores_that_are_all_alike_leave_doubt(value: float) -> None:
    scores = np.full((3, 40), value)
    found = crossed_interval(scores, bounds=(0.0, 1.0))
    alone = score_interval([value] * 40)
    assert found.low <= alone.low and found.high >= alone.high
    gap = crossed_interval(scores, scores)
    assert gap.low < -0.05 and gap.high > 0.05


def test_an_interval_stays_within_its_bounds() -> None:
    scores = np.array([[0.0] * 9 + [1.0], [1.0] * 9 + [0.0]])
    found = crossed_interval(scores, bounds=(0.0, 1.0))
    assert (found.low, found.high) == (0.0, 1.0)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_too_few_tasks_have_no_interval(n: int) -> None:
    found = crossed_interval(np.ones((3, n)))
    assert math.isnan(found.low) and math.isnan(found.high)
    assert math.isnan(found.estimate) == (n == 0)


@pytest.mark.parametrize(
    ("scores", "less"),
    [
        (np.ones((2, 5)), np.ones((2, 6))),
        (np.ones((2, 5, 1)), None),
        (np.ones((2, 5)), np.ones((2, 5, 1))),
        (np.ones((0, 5)), None),
    ],
)
def test_shapes_that_do_not_fit_are_refused(scores: np.ndarray, less: np.ndarray | None) -> None:
    with pytest.raises(MetricError, match=r"expected \(seeds, tasks\), with the same tasks"):
        crossed_interval(scores, less)


@pytest.mark.parametrize(("n_seeds", "seed_spread"), [(3, 0.3), (3, 1.0), (5, 0.3)])
def test_intervals_hold_a_truth_that_is_known(n_seeds: int, seed_spread: float) -> None:
    """Scores of seeds and tasks that are drawn anew 150 times; the truth is 0."""
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(150):
        seeds = seed_spread * rng.normal(size=(n_seeds, 1))
        scores = seeds + rng.normal(size=(1, 50)) + rng.normal(size=(n_seeds, 50))
        found = crossed_interval(scores, n_draws=400)
        held += found.low <= 0 <= found.high
    assert held / 150 >= 0.88
