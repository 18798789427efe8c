"""Which programs count as the same."""

from __future__ import annotations

import pytest

from lintseq_core.metrics.normal_form import DistinctCounts, count_distinct, normal_text, tree_key

BASE = "def f(xs, n):\n    total = 0\n    for x in xs:\n        total += x * n\n    return total\n"


@pytest.mark.parametrize(
    "same",
    [
        BASE.replace("total", "t"),
        BASE.replace("xs", "values")
        .replace("n", "k")
        .replace("retur" + "k", "return")
        .replace(
            "def f(values, k):\n    total = 0\n    for x ik",
            "def f(values, k):\n    total = 0\n    for x in",
        ),
        BASE.replace("    total = 0", "    # start\n\n    total = 0"),
        BASE.replace("(xs, n)", "(xs: list[int], n: int) -> int"),
        BASE.replace("    total = 0", '    """Add up."""\n    total: int = 0'),
        BASE.replace("def f", "def g"),
        BASE.replace("x * n", "(x * n)"),
    ],
)
def test_names_layout_docstrings_and_annotations_make_no_difference(same):
    assert tree_key(same) == tree_key(BASE)


@pytest.mark.parametrize(
    "other",
    [
        BASE.replace("x * n", "n * x"),
        BASE.replace("= 0", "= 1"),
        BASE.replace("return total", "return n"),
        BASE.replace("+=", "-="),
        BASE + "f([], 1)\n",
    ],
)
def test_what_a_program_does_makes_a_difference(other):
    assert tree_key(other) != tree_key(BASE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("print(a)", "print(b)"),  # not bound here: two names of something else
        ("a.x = 1", "a.y = 1"),
        ("import os", "import sys"),
        ("f(x=1)", "f(y=1)"),
        ("x = len", "x = max"),
    ],
)
def test_names_that_a_program_does_not_bind_make_a_difference(one, other):
    assert tree_key(one) != tree_key(other)


def test_every_kind_of_binding_is_numbered():
    one = "class A:\n    def m(self, *a, **k):\n        global g\n        g = [i for i in a]\n        try:\n            pass\n        except E as e:\n            print(e)\n"
    renamed = "class B:\n    def n(this, *b, **c):\n        global h\n        h = [j for j in b]\n        try:\n            pass\n        except E as x:\n            print(x)\n"
    assert tree_key(one) == tree_key(renamed)


@pytest.mark.parametrize("broken", ["def f(:", "\0", "(" * 2000 + ")" * 2000])
def test_a_program_without_a_tree_has_no_key(broken):
    assert tree_key(broken) is None


@pytest.mark.parametrize(
    ("text", "normal"),
    [("", ""), (" \n\n", ""), ("x\r\ny\r", "x\ny\n"), ("\n  x = 1\t \n\n", "  x = 1\n")],
)
def test_normal_text_has_no_spaces_at_ends(text, normal):
    assert normal_text(text) == normal


def test_programs_that_do_not_parse_count_by_text():
    assert count_distinct(["def (", "def ( ", "def [", "x = 1"]) == DistinctCounts(4, 3, 3, 3)


def test_of_no_programs_none_differ():
    assert count_distinct([]) == DistinctCounts(0, 0, 0, 0)
