"""Pairs of programs under each similarity, and which programs count as the same."""

from __future__ import annotations

import numpy as np
import pytest

from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.similarity import group_numbers, similarity_matrix

ONE = "def f(a):\n    return a + 1\n"
RENAMED = "def g(b):\n    return b + 1\n"
OTHER = "def f(a):\n    for x in a:\n        print(x)\n"
BROKEN = "def f(\n"


@pytest.mark.parametrize("measure", ["text", "tokens", "tree", "code_bleu", "tests"])
def test_every_similarity_is_symmetric_and_one_for_the_same_program(measure):
    programs = [ONE, RENAMED, OTHER, ONE]
    outcomes = [("1", "1"), ("1", "0"), ("0", "0"), ("1", "1")]
    matrix = similarity_matrix(programs, measure, outcomes)

    assert matrix.shape == (4, 4)
    assert np.allclose(matrix, matrix.T)
    assert np.allclose(np.diag(matrix), 1) and matrix[0, 3] == pytest.approx(1)
    assert (matrix >= 0).all() and (matrix <= 1).all()


@pytest.mark.parametrize("measure", ["tree", "code_bleu"])
def test_by_structure_a_renamed_program_is_nearer_than_another(measure):
    same, renamed, other = similarity_matrix([ONE, RENAMED, OTHER], measure)[0]
    assert same == 1 and renamed > other


def test_what_does_not_parse_has_a_text_but_no_tree():
    assert np.isnan(similarity_matrix([ONE, BROKEN], "tree")[0, 1])
    assert np.isnan(similarity_matrix([ONE, BROKEN], "code_bleu")[0, 1])
    assert 0 < similarity_matrix([ONE, BROKEN], "text")[0, 1] < 1


@pytest.mark.parametrize(
    ("by", "expected"),
    [("text", (1, 2, 0, 0, 3)), ("tree", (0, 0, 1, 1, 2)), ("tests", (0, 0, 0, 1, 1))],
)
def test_groups_are_numbered_by_size_then_by_who_comes_first(by, expected):
    outcomes = [("1",), ("1",), ("1",), ("0",), ("0",)]
    assert group_numbers([ONE, RENAMED, OTHER, OTHER, BROKEN], by, outcomes) == expected


@pytest.mark.parametrize("outcomes", [None, [("1",)], [("1",), ("1", "0")], [(), ()]])
def test_behaviour_needs_the_outcome_of_every_test(outcomes):
    with pytest.raises(MetricError, match="behaviour"):
        similarity_matrix(["a", "b"], "tests", outcomes)
    with pytest.raises(MetricError, match="behaviour"):
        group_numbers(["a", "b"], "tests", outcomes)


def test_no_programs_are_an_empty_matrix():
    for measure in ("text", "tokens", "tree", "code_bleu"):
        assert similarity_matrix([], measure).size == 0
    assert group_numbers([], "text") == ()
