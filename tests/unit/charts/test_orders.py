"""The numbers behind the charts, on birth steps small enough to count by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lintseq_core import EditSequence, LintSeqError, Program, closure, sample_paths
from lintseq_core.charts.orders import (
    Alignment,
    Orders,
    align,
    edit_sizes,
    n_distinct,
    never_after,
    order_entropy_bits,
    pair_entropy_bits,
    read_orders,
)
from lintseq_core.edits.reasons import Drawn

ROOT = Path(__file__).resolve().parents[3]


def orders(*births: tuple[int, ...]) -> Orders:
    n_lines = len(births[0])
    program = Program("".join(f"x{i} = {i}\n" for i in range(n_lines)))
    return read_orders(
        EditSequence(program, each, (Drawn(),) * n_lines, "lintseq") for each in births
    )


@pytest.mark.parametrize(
    ("births", "distinct", "bits"),
    [
        ([(0, 1)], 1, 0.0),
        ([(0, 1), (0, 1)], 1, 0.0),
        ([(0, 1), (1, 0)], 2, 1.0),
        ([(0, 1), (1, 0), (0, 0), (0, 0)], 3, 1.5),
    ],
)
def test_distinct_orders_and_their_entropy(
    births: list[tuple[int, ...]], distinct: int, bits: float
) -> None:
    assert n_distinct(orders(*births)) == distinct
    assert order_entropy_bits(orders(*births)) == pytest.approx(bits)


@pytest.mark.parametrize(
    ("births", "bits"),
    [
        ([(0, 1)], 0.0),
        ([(0, 1), (1, 0)], 1.0),
        ([(0, 1), (1, 0), (0, 0)], math.log2(3)),
        ([(0, 0, 1), (0, 0, 1)], 0.0),
    ],
)
def test_entropy_of_pairs_counts_before_together_and_after(
    births: list[tuple[int, ...]], bits: float
) -> None:
    assert pair_entropy_bits(orders(*births)) == pytest.approx(bits)


def test_one_line_has_no_pair() -> None:
    assert math.isnan(pair_entropy_bits(orders((0,))))


def test_sizes_are_those_of_all_edits() -> None:
    assert edit_sizes(orders((0, 0, 1), (0, 1, 2))) == {2: 1, 1: 4}


def test_the_partial_order_leaves_out_what_follows() -> None:
    found = never_after(orders((0, 1, 2, 2), (0, 1, 1, 1)))

    assert found.groups == ((0,), (1,), (2, 3))
    assert found.layers == (0, 1, 2)
    assert found.arrows == ((0, 1), (1, 2))


def test_lines_that_come_either_way_are_not_joined() -> None:
    assert never_after(orders((0, 1), (1, 0))).arrows == ()


def test_a_line_that_others_need_never_comes_after_them() -> None:
    program = Program.from_file(ROOT / "assets" / "programs" / "inventory_report.py")
    found = read_orders(sample_paths(program, seed=0, n_paths=30))
    births = found.births

    for line in range(len(program.lines)):
        for other in closure(program, line).lines:
            assert (births[:, line] <= births[:, other]).all(), (line, other)


def test_two_samples_share_their_ends_and_what_else_they_both_hold() -> None:
    both = orders((0, 1, 2), (1, 0, 2))

    assert align(both, 0, 1) == Alignment(3, 2, ((0, 0), (2, 2), (3, 3)))
    assert align(both, 0, 0) == Alignment(3, 3, ((0, 0), (1, 1), (2, 2), (3, 3)))


def test_sequences_of_different_programs_are_refused() -> None:
    one, other = (next(sample_paths(Program(f"a = {i}\n"), seed=0, n_paths=1)) for i in range(2))

    with pytest.raises(LintSeqError, match="different programs"):
        read_orders([one, other])
    with pytest.raises(LintSeqError, match="no sequence"):
        read_orders([])
