"""Which lines may be drawn, how likely each is, and that a draw is what numpy would draw."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintseq_core import Program
from lintseq_core.edits.draws import Candidates, Rng, candidate_lines, line_weights
from lintseq_core.edits.upstream import draw_upstream, upstream_candidates, upstream_weights
from tests.property.real_code import humaneval_programs

# --- candidates ----------------------------------------------------------------------------------

# program -> its candidates by our rule, and by the authors'
CANDIDATES = [
    ("x = 1\n\n# note\n    # note\n   \ny = 2  # note\n", [0, 5], [0, 5]),
    ("def f():\n    '''One.\n\n    # two\n    '''\n", [0, 1, 4], [0, 1, 4]),
    # the inside of a list or tuple named in capitals; its opening line may be drawn
    ("PRIMES = [\n    2,\n    3,\n]\nx = 1\n", [0, 4], [0, 4]),
    ("PRIMES = (\n    2,\n    3,\n)\nx = 1\n", [0, 4], [0, 4]),
    ("PRIMES = [\n    2,\n    3]\nx = 1\n", [0, 3], [0, 3]),
    ("class A:\n    B_2 = [\n        2,\n    ]\n    c = 1\n", [0, 1, 4], [0, 1, 4]),
    ("PRIMES = range(\n    3\n)\nx = 1\n", [0, 3], [0, 3]),
    ("P=[\n    2,\n]\nx = 1\n", [0, 3], [0, 3]),
    # not in capitals, not a list or tuple, not open at the end of its line
    ("primes = [\n    2,\n]\n", [0, 1, 2], [0, 1, 2]),
    ("PRIMES: list = [\n    2,\n]\n", [0, 1, 2], [0, 1, 2]),
    ("PRIMES = {\n    2,\n}\n", [0, 1, 2], [0, 1, 2]),
    ("PRIMES = [2,\n    3,\n]\n", [0, 1, 2], [0, 1, 2]),
    ("PRIMES = [  # two\n    2,\n]\n", [0, 1, 2], [0, 1, 2]),
    ("print(\n    2,\n)\n", [0, 1, 2], [0, 1, 2]),
    ("if [] == [\n    2,\n]:\n    pass\n", [0, 1, 2, 3], [0, 1, 2, 3]),
    ("_ = [\n    2,\n]\n", [0, 1, 2], [0, 1, 2]),  # no capital in it
    # ours ends with the statement; the authors' at a line that ends in the bracket, or never
    ("PRIMES = [\n    2,\n]  # two\nx = 1\ny = 2\n", [0, 3, 4], [0]),
    ("PRIMES = [\n    2,\n]  # two\nx = 1\ny = x[0]\nz = 3\n", [0, 3, 4, 5], [0, 5]),
    ("PAIRS = [\n    [2, 3],\n    [5, 7]\n]\nx = 1\n", [0, 4], [0, 3, 4]),
    ("PAIRS = [\n    2, 3,\n].index(\n    3)\nx = 1\n", [0, 4], [0]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ours", "theirs"), CANDIDATES)
def test_the_lines_that_may_be_drawn(text: str, ours: list[int], theirs: list[int]) -> None:
    program = Program.from_text(text)
    assert candidate_lines(program) == ours
    assert upstream_candidates(program.lines) == theirs


# --- weights -------------------------------------------------------------------------------------

NESTED = "if a:\n    if b:\n        x = 1\n\n  # note\ny = 2\n"
WEIGHTS = [
    (NESTED, 1, [4, 4, 8, 4, 4, 4]),
    (NESTED, 2, [4, 8, 16, 4, 4, 4]),
    (NESTED, 5, [4, 20, 40, 4, 10, 4]),
    (NESTED, None, [1, 1, 1, 1, 1, 1]),
    # the tab width is the first indent above zero, whatever it belongs to
    ("  # note\nif a:\n    x = 1\n", 1, [2, 2, 4]),
    ("if a:\n   x = 1\nif b:\n  y = 1\n", 1, [3, 3, 3, 3]),
    ("if a:\n   x = 1\nif b:\n  y = 1\n", 2, [3, 6, 3, 4]),
    ("if a:\n\tif b:\n\t\tx = 1\n", 1, [1, 1, 2]),
    # a blank line has no indent, however many blanks it holds
    ("if a:\n        \n    x = 1\n", 1, [4, 4, 4]),
    # nothing is indented
    ("x = 1\ny = 2\n", 1, [1, 1]),
    ("x = 1\ny = 2\n", 7, [1, 1]),
]


@pytest.mark.parametrize(("text", "indent_bias", "expected"), WEIGHTS)
def test_the_weight_of_each_line(text: str, indent_bias: int | None, expected: list[int]) -> None:
    assert line_weights(Program(text), indent_bias) == expected


# --- one draw ------------------------------------------------------------------------------------


class Uniforms:
    """An rng that gives what it is told to, once."""

    def __init__(self, *values: float) -> None:
        self.values = list(values)

    def random(self) -> float:
        return self.values.pop(0)


LAST = math.nextafter(1, 0)


def draw_weighted(weights: Sequence[float], rng: Rng) -> int:
    """The definition: the first index whose running sum is above one uniform times the total."""
    cumulative = list(accumulate(weights))
    position = bisect_right(cumulative, float(rng.random()) * cumulative[-1])
    return min(position, len(weights) - 1)


def draw_one(weights: Sequence[int], rng: Rng) -> int:
    return Candidates(range(len(weights)), weights).draw(rng)


DRAWS = [
    ([1], 0.0, 0),
    ([1], LAST, 0),
    ([4, 4, 8], 0.0, 0),
    ([4, 4, 8], math.nextafter(0.25, 0), 0),
    ([4, 4, 8], 0.25, 1),
    ([4, 4, 8], math.nextafter(0.5, 0), 1),
    ([4, 4, 8], 0.5, 2),
    ([4, 4, 8], LAST, 2),
]


@pytest.mark.parametrize(("weights", "uniform", "expected"), DRAWS)
def test_a_draw_is_one_uniform(weights: list[int], uniform: float, expected: int) -> None:
    rng = Uniforms(uniform)
    assert draw_one(weights, rng) == expected
    assert rng.values == []


def first_weight_beyond(weights: list[int], uniform: float) -> int:
    """The first index whose running sum is above uniform * total, in exact arithmetic."""
    place = Fraction(uniform) * sum(weights)
    running = 0
    for index, weight in enumerate(weights):
        running += weight
        if running > place:
            return index
    raise AssertionError("no uniform below 1 lies beyond the last weight")


def test_10_000_draws_are_those_of_the_definition() -> None:
    choices = random.Random(0)
    rng, again = random.Random(1), random.Random(1)
    for _ in range(10_000):
        weights = [choices.randint(1, 16) for _ in range(choices.randint(1, 40))]
        assert draw_one(weights, rng) == first_weight_beyond(weights, again.random())
    assert rng.getstate() == again.getstate()


def test_lines_are_drawn_as_often_as_they_weigh() -> None:
    weights = line_weights(Program(NESTED), 1)
    rng = random.Random(2)
    n_draws = 20_000
    counts = Counter(draw_one(weights, rng) for _ in range(n_draws))
    expected = [n_draws * weight / sum(weights) for weight in weights]
    chi_square = sum((counts[i] - each) ** 2 / each for i, each in enumerate(expected))
    assert chi_square < 15.09  # 99 % of fair draws, 5 degrees of freedom
    uniform = sum((counts[i] - n_draws / 6) ** 2 / (n_draws / 6) for i in range(6))
    assert uniform > 1000  # and the test would notice equal weights


def test_5_000_upstream_draws_are_the_stream_of_numpy_choice() -> None:
    weights = [upstream_weights(program.lines, 1) for _, program in humaneval_programs()]
    choices = random.Random(3)
    ours, theirs = np.random.RandomState(4), np.random.RandomState(4)
    drawn = []
    for _ in range(5_000):
        some = weights[choices.randrange(len(weights))]
        some = some[choices.randrange(len(some)) :]
        array = np.array(some)
        expected = theirs.choice(len(some), 1, p=array / array.sum(), replace=False)
        assert [draw_upstream(some, ours)] == expected.tolist()
        drawn.append(expected[0])
    assert len(set(drawn)) > 20
    assert ours.random() == theirs.random()


# --- many draws ----------------------------------------------------------------------------------


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=70),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=70, max_size=70),
    st.data(),
)
def test_candidates_draw_what_a_draw_from_the_weights_of_those_left_gives(
    weights: list[int], uniforms: list[float], data: st.DataObject
) -> None:
    lines = list(range(3, 3 + len(weights)))
    by_line = dict(zip(lines, weights, strict=True))
    pool = Candidates(lines, [0, 0, 0, *weights])
    left = lines[:]
    for uniform in uniforms:
        if not left:
            break
        drawn = pool.draw(Uniforms(uniform))
        assert drawn == left[draw_weighted([by_line[line] for line in left], Uniforms(uniform))]
        others = data.draw(st.lists(st.sampled_from(lines), max_size=3))
        pool.discard([drawn, *others, 99])
        left = [line for line in left if line != drawn and line not in others]
        assert bool(pool) == bool(left)


def test_a_uniform_that_is_rounded_up_draws_the_last_line_left() -> None:
    pool = Candidates([0, 1, 2], [2**60, 2**60, 2**60])
    pool.discard([2])
    assert pool.draw(Uniforms(LAST)) == 1
