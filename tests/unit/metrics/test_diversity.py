"""Diversity over programs, behaviours and orders, and what is NaN."""

from __future__ import annotations

import dataclasses
import math

import pytest

from lintseq_core import Program, get_linter, sample_paths
from lintseq_core.metrics.behaviour import behaviour_clusters
from lintseq_core.metrics.diversity import (
    benchmark_diversity,
    problem_diversity,
    sampled_pairs,
)
from lintseq_core.metrics.edit_orders import (
    WrittenProgram,
    count_edit_orders,
    written_by,
)
from lintseq_core.metrics.errors import MetricError

ONE, TWO = "def f(a):\n    return a + 1\n", "def f(b):\n    return b + 1\n"
OTHER = "def f(a):\n    return sum([a, 1])\n"


def test_a_problems_measures_in_one():
    found = problem_diversity([ONE, TWO, OTHER, "def f(:"], [(1, 1), (1, 1), (1, 0), (0, 0)])
    assert (found.n_programs, found.distinct_texts, found.distinct_trees, found.unparsable) == (
        4,
        4,
        3,
        1,
    )
    assert (found.behaviours, found.effective_behaviours) == (3, pytest.approx(2 * math.sqrt(2)))
    assert 0 < found.edit_distance < 1 < found.vendi < 4
    assert 0 < found.tree_similarity < 1 and 0 < found.code_bleu < 1


def test_what_cannot_be_said_of_no_programs_is_nan():
    found = dataclasses.asdict(problem_diversity([]))
    counts = {"n_programs", "distinct_texts", "distinct_trees", "unparsable"}
    assert {name for name, value in found.items() if value == 0} == counts
    assert all(math.isnan(value) for name, value in found.items() if name not in counts)


def test_a_benchmark_without_problems_is_nan_throughout():
    found = benchmark_diversity({})
    assert found.n_problems == 0
    assert all(math.isnan(value) for value in dataclasses.asdict(found.mean).values())


def test_a_benchmarks_means_leave_out_problems_without_the_number():
    found = benchmark_diversity(
        {"a": [ONE, ONE], "b": [ONE], "c": [ONE, OTHER]}, {"a": [(1,), (1,)]}
    )
    assert found.mean.n_programs == pytest.approx(5 / 3)
    assert found.mean.edit_distance == problem_diversity([ONE, OTHER]).edit_distance / 2
    assert found.mean.behaviours == 1


def test_sampled_pairs_are_different_and_the_same_each_time():
    pairs = sampled_pairs(50, 40)
    assert len(set(pairs)) == 40
    assert all(0 <= one < other < 50 for one, other in pairs)
    assert pairs == sampled_pairs(50, 40) != sampled_pairs(50, 40, seed=1)


def test_sampling_reaches_every_pair():
    seen = {pair for seed in range(60) for pair in sampled_pairs(6, 5, seed)}
    assert len(seen) == 15


@pytest.mark.parametrize(
    ("outcomes", "sizes"),
    [
        ([], ()),
        ([("passed",)], (1,)),
        ([(1, 0), (0, 1), (1, 0), (1, 1)], (2, 1, 1)),
        ([("wrong", 3), ("wrong", 4)], (1, 1)),
    ],
)
def test_behaviour_clusters_are_equal_outcomes(outcomes, sizes):
    assert behaviour_clusters(outcomes).sizes == sizes


def test_no_programs_have_no_effective_behaviours():
    assert math.isnan(behaviour_clusters([]).effective)


@pytest.mark.parametrize(
    ("outcomes", "message"),
    [
        ([(1,), (1, 0)], "behaviour: programs with 1, 2 outcomes: each needs all tests"),
        ([(), ()], "behaviour: no outcomes; without a test all programs look alike"),
    ],
)
def test_outcomes_that_cannot_be_compared_are_refused(outcomes, message):
    with pytest.raises(MetricError) as caught:
        behaviour_clusters(outcomes)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ([0, 1, 2], [0, 1, 2], 0),
        ([0, 1, 2], [2, 1, 0], 1),
        ([0, 1, 2], [1, 0, 2], 1 / 3),
        ([0, 0, 1], [1, 1, 0], 2 / 3),
        ([0], [0], 0),
        ([5, 7], [0, 1], 0),  # only the order counts
    ],
)
def test_the_distance_of_two_orders_is_the_share_of_pairs_put_differently(one, other, distance):
    lines = tuple(map(str, range(len(one))))
    orders = [WrittenProgram(lines, tuple(order)) for order in (one, other)]
    assert count_edit_orders(orders).mean_distance == pytest.approx(distance)


def test_generated_edits_and_sampled_sequences_have_the_same_orders():
    program = Program.from_text("a = 1\nb = a\nc = 3\nprint(b, c)\n")
    sequences = list(sample_paths(program, seed=0, n_paths=12, linter=get_linter("pyflakes")))
    written = [written_by(sequence.hunks()) for sequence in sequences]
    assert written == [
        WrittenProgram(tuple(program.lines), sequence.birth_steps) for sequence in sequences
    ]
    orders = count_edit_orders(written)
    assert (orders.n_sequences, orders.n_programs, orders.n_pairs) == (12, 1, 66)
    assert orders.n_orders == len({sequence.birth_steps for sequence in sequences}) > 1
    pairs = [
        count_edit_orders([a, b]).mean_distance for i, a in enumerate(written) for b in written[:i]
    ]
    assert orders.mean_distance == pytest.approx(sum(pairs) / 66)


def test_sequences_of_different_programs_have_no_distance():
    orders = count_edit_orders([WrittenProgram(("a",), (0,)), WrittenProgram(("b",), (0,))])
    assert (orders.n_orders, orders.n_pairs) == (2, 0)
    assert math.isnan(orders.mean_distance)
    assert math.isnan(count_edit_orders([]).mean_distance)


def test_orders_that_do_not_fit_their_lines_are_refused():
    with pytest.raises(MetricError, match="edit orders: 2 birth steps for 1 lines"):
        count_edit_orders([WrittenProgram(("a",), (0, 1))])
