"""Edit distance, tree similarity, CodeBLEU, Vendi score: worked values and their limits."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from lintseq_core.metrics.code_bleu import bleu, code_bleu, symmetric_code_bleu, weighted_recall
from lintseq_core.metrics.data_flow import data_flow
from lintseq_core.metrics.edit_distance import edit_distances, mean_edit_distance
from lintseq_core.metrics.errors import MetricError
from lintseq_core.metrics.subtrees import subtree_similarity
from lintseq_core.metrics.vendi import program_vendi_score


def plain_levenshtein(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


PROGRAMS = ["x = 1\n", "y = 12\n", "x = 1\n", "def f(a):\n    return a\n", "ä = 'ß'\n"]


def test_edit_distances_are_levenshteins_over_the_longer_length():
    expected = [[plain_levenshtein(a, b) / max(len(a), len(b)) for b in PROGRAMS] for a in PROGRAMS]
    found = edit_distances(PROGRAMS)
    assert np.allclose(found, expected)
    pairs = found[np.triu_indices(len(PROGRAMS), 1)]
    assert mean_edit_distance(PROGRAMS) == pytest.approx(pairs.mean())


@pytest.mark.parametrize("programs", [[], ["x = 1"]])
def test_fewer_than_two_programs_have_no_mean_distance(programs):
    assert math.isnan(mean_edit_distance(programs))
    assert edit_distances(programs).shape == (len(programs), len(programs))


def test_empty_programs_are_no_distance_apart():
    assert mean_edit_distance(["", "\n", "x"]) == pytest.approx(2 / 3)


def test_without_rapidfuzz_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "rapidfuzz.distance", None)
    with pytest.raises(MetricError) as caught:
        mean_edit_distance(["a", "b"])
    assert str(caught.value) == 'edit distance needs rapidfuzz: pip install "lintseq-core[eval]"'


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("x = a + 1", "x = a + 1", 1.0),
        ("x = a + 1", "if a:\n    f(b)", 0.0),
        ("x = a + 1", "x = a + 1\ny = b + 2", 2 / 6),  # Assign and its sum; not the modules
        ('def f():\n    """Doc."""\n    return 1', "def f():\n    return 2", 1.0),
    ],
)
def test_tree_similarity_is_shared_subtrees_over_all(one, other, expected):
    assert subtree_similarity(one, other) == pytest.approx(expected)
    assert subtree_similarity(other, one) == pytest.approx(expected)


@pytest.mark.parametrize("measure", [subtree_similarity, symmetric_code_bleu])
@pytest.mark.parametrize(("one", "other"), [("def f(:", "x = 1"), ("x = 1", "def f(:")])
def test_a_program_without_a_tree_has_no_similarity(measure, one, other):
    assert math.isnan(measure(one, other))


@pytest.mark.parametrize(
    ("candidate", "reference", "ngrams", "weighted"),
    [  # what codebleu 0.7.0 gives for these tokens
        ("a b c d e", "a b c d f", 0.668740304976422, 0.668740304976422),
        ("return a + b", "return a - b", 0.1880301546543197, 0.19541783642057514),
        ("a b", "a b c d e f g h", 0.015744053406497194, 0.05873949094699214),
        ("x y z", "p q r", 0.0, 0.0),
    ],
)
def test_ngram_scores_are_the_published_packages(candidate, reference, ngrams, weighted):
    tokens, expected = candidate.split(), reference.split()
    assert bleu(tokens, expected) == pytest.approx(ngrams, abs=1e-12)
    assert weighted_recall(tokens, expected) == pytest.approx(weighted, abs=1e-12)


def test_code_bleu_leaves_data_flow_out_where_there_is_none():
    score = code_bleu("print(1)", "print(1)")
    assert (score.syntax, score.score) == (1.0, 1.0)
    assert math.isnan(score.data_flow)


def test_code_bleu_of_the_empty_program_is_nan():
    assert math.isnan(code_bleu("", "").score)


@pytest.mark.parametrize(
    ("program", "flows"),
    [
        ("a = b + c", [(2, (0, 1))]),
        ("a, b = c, d", [(1, (0,)), (3, (2,))]),
        ("a, b = f(c)", [(2, (0, 1)), (3, (0, 1))]),
        ("a += 1", [(0, (0,))]),
        ("for i in xs: pass", [(1, (0,))]),
        ("with f() as g: pass", [(1, (0,))]),
        ("y = [i for i in xs]", [(2, (0, 1)), (0, (1,))]),
        ("if (n := g(m)): pass", [(2, (0, 1))]),
        ("x: int = y", [(1, (0,))]),
        ("x: int", []),
        ("print(a)", []),
    ],
)
def test_data_flow_is_who_is_made_of_whom(program, flows):
    assert sorted(data_flow(program).elements()) == sorted(flows)


def test_program_vendi_score_is_that_of_the_whole_kernel():
    programs = ["a = 1", "a = 1", "a = 2", "b = f(a)", ""]
    kinds = program_vendi_score(programs)
    assert 1 < kinds < 4
    assert program_vendi_score(programs * 3) == pytest.approx(kinds)
    assert program_vendi_score(["a = 1"] * 9) == pytest.approx(1)
    assert program_vendi_score(["a", "b", "c"]) == pytest.approx(3)


def test_no_programs_have_no_vendi_score():
    assert math.isnan(program_vendi_score([]))
