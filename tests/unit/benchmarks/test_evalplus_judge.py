"""What counts as a right answer in HumanEval+ and MBPP+: the rules of evalplus 0.3.1."""

from __future__ import annotations

import ast
import math

import pytest

from lintseq_core.benchmarks import evalplus_judge
from lintseq_core.benchmarks.evalplus import cpu_limit_s, judge_text
from lintseq_core.benchmarks.evalplus_judge import check_answers, decoded, encoded, is_right
from lintseq_core.benchmarks.problem import BenchmarkError

INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("out", "expected", "atol", "right"),
    [
        (1, 1, 0, True),
        (1.0, 1, 0, True),
        (True, 1, 0, True),
        ([1], (1,), 0, False),
        ((1, [2]), (1, [2]), 0, True),
        (1.0000005, 1.0, 0, False),
        (1.0000005, 1.0, 1e-6, True),
        (1.000002, 1.0, 1e-6, False),
        (1e9 + 50, 1e9, 1e-6, True),  # rtol 1e-7
        (1, 1.0000005, 1e-6, False),  # an int where floats are close: types must agree
        ([1.0, 2.0000001], [1.0, 2.0], 1e-6, True),
        ((1.0, 2.0000001), [1.0, 2.0], 1e-6, False),
        ([1.0], [1.0, 2.0], 1e-6, False),
        ([[1.0], [2.0]], [[1.0], [2.0000001]], 1e-6, True),
        ([("a", 1.0)], [("a", 1.0000001)], 1e-6, False),
        ("a", "b", 1e-6, False),
        ({1.0}, {1.0000001}, 1e-6, False),
        (None, None, 1e-6, True),
        (INF, INF, 1e-6, True),
        (-INF, INF, 1e-6, False),
        (NAN, NAN, 1e-6, False),
        ([NAN, 1.0], [float("nan"), 1.0], 1e-6, False),
        (1e-8, 0.0, 1e-6, True),
        (10**400, 1.0, 1e-6, False),
        ([10**400], [1.0], 1e-6, False),
        (1 + 1e-9j, 1 + 0j, 1e-6, True),
    ],
)
def test_an_answer_is_equal_or_close_to_the_references(out, expected, atol, right):
    assert is_right("f", [], out, expected, atol) is right


@pytest.mark.parametrize(
    ("name", "arguments", "out", "expected", "atol", "right"),
    [
        ("similar_elements", [], [5, 4, 4], (4, 5), 0, True),
        ("similar_elements", [], [5], (4, 5), 0, False),
        ("check_str", [], True, True, 0, True),
        ("check_str", [], object(), True, 0, True),
        ("check_str", [], None, False, 0, True),
        ("check_str", [], None, True, 0, False),
        ("check_str", [], False, True, 0, False),
        ("are_equivalent", [36, 57], "anything", True, 0, True),
        ("sum_div", [8], 0, 7, 0, True),
        ("sum_div", [8], 1, 7, 0, False),
        ("surface_Area", [3, 4], 35, 33, 0, True),
        ("surface_Area", [3, 4], 34, 33, 0, False),
        ("digit_distance_nums", [1, 20], 3, 1, 0, True),
        ("find_zero", [[1, 2]], -0.5, -0.5, 1e-4, True),
        ("find_zero", [[-6, 11, -6, 1]], 3.0, 1.0, 1e-4, True),
        ("find_zero", [[1, 2]], -0.4, -0.5, 1e-4, False),
    ],
)
def test_tasks_with_more_than_one_right_answer_have_their_own_rule(
    name, arguments, out, expected, atol, right
):
    assert is_right(name, arguments, out, expected, atol) is right


VALUES = [
    [1, 2.5, "x", None, True],
    [(1, (2,)), {3}, {"y"}, {"k": [1], 2: ()}, 1 + 2j],
    [INF, -INF, 10**30, "\ud800", ""],
    [{}, [], (), set()],
]


@pytest.mark.parametrize("value", VALUES)
def test_inputs_survive_as_text_with_their_types(value):
    read = decoded(encoded(value))
    assert read == value
    assert repr(read) == repr(value)


def test_nan_survives_as_text():
    assert math.isnan(decoded(encoded([NAN]))[0])


REFERENCE = "import math\ndef f(xs):\n    return sum(xs)\n"


def test_the_reference_decides_on_every_input_of_every_group():
    groups = [encoded([[[1, 2]]]), encoded([[[3]], [[4, 4]]])]
    check_answers(sum, "f", REFERENCE, groups, 0)
    with pytest.raises(AssertionError, match=r"^input 2 of group 2$"):
        check_answers(lambda xs: sum(set(xs)), "f", REFERENCE, groups, 0)


def test_a_solution_cannot_change_what_the_reference_gets():
    def greedy(xs):
        xs.clear()
        return 0

    with pytest.raises(AssertionError):
        check_answers(greedy, "f", REFERENCE, [encoded([[[1]]])], 0)


def test_tolerance_set_by_a_float_answer_lasts_for_the_group():
    half = "def f(x):\n    return x / 2 if x % 2 else [x, x / 2]\n"

    def near(x):
        return x / 2 if x % 2 else [x, x / 2 + 1e-8]

    check_answers(near, "f", half, [encoded([[1], [2]])], 0)
    with pytest.raises(AssertionError, match="input 1 of group 1"):
        check_answers(near, "f", half, [encoded([[2], [1]])], 0)


def test_the_judge_text_stands_alone_and_takes_no_entry_points_name(data_dir):
    tree = ast.parse(judge_text())
    imports = [
        ast.unparse(node) for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    assert imports == [
        "from __future__ import annotations",
        "import copy",
        "import json",
        "import math",
    ]
    from lintseq_core.benchmarks import humanevalplus, mbppplus

    taken = {
        problem.entry_point
        for problem in humanevalplus.problems(data_dir / "HumanEvalPlus.jsonl.gz")
    }
    taken |= {problem.entry_point for problem in mbppplus.problems(data_dir / "MbppPlus.jsonl.gz")}
    assert taken.isdisjoint(vars(evalplus_judge))


@pytest.mark.parametrize(("reference_s", "limit_s"), [(0.0, 4.0), (0.9, 4.0), (21.0, 84.0)])
def test_the_limit_is_four_times_the_reference_and_four_seconds_at_least(reference_s, limit_s):
    assert cpu_limit_s(reference_s) == limit_s


@pytest.mark.parametrize("wrong", [-1.0, NAN])
def test_a_time_that_is_none_gives_no_limit(wrong):
    with pytest.raises(BenchmarkError, match="seconds, 0 or more"):
        cpu_limit_s(wrong)
