"""The orders in which the lines of a program were written, and how much they differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lintseq_core.edits.hunks import Edit, insert_hunks
from lintseq_core.metrics.errors import MetricError


@dataclass(frozen=True, slots=True)
class WrittenProgram:
    """A program and, for each of its lines, the 0-based index of the edit that wrote it."""

    lines: tuple[str, ...]
    birth_steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EditOrders:
    """Different orders among sequences, and how far apart those of one program are."""

    n_sequences: int
    n_programs: int
    n_orders: int
    """Different pairs of program and order."""
    n_pairs: int
    """Pairs of sequences that write the same program."""
    mean_distance: float
    """Over those pairs, the share of pairs of lines that the two orders put differently: 0 for the
    same order, 1 for the reversed one. A pair that one order writes in one edit and the other in
    two counts half (Kendall's distance with ties, p = 1/2). NaN without a pair of sequences."""


def written_by(edits: Sequence[Edit]) -> WrittenProgram:
    """What `edits`, applied to nothing, write, and when."""
    lines: list[str] = []
    births: list[str] = []
    for step, edit in enumerate(edits):
        insert_hunks(lines, edit)
        stamps = [replace(hunk, lines=(str(step),) * len(hunk.lines)) for hunk in edit]
        insert_hunks(births, stamps)
    return WrittenProgram(tuple(lines), tuple(map(int, births)))


def count_edit_orders(written: Iterable[WrittenProgram]) -> EditOrders:
    """Orders among sequences of any programs; only those of one program have a distance.

    >>> ab, ba, c = [WrittenProgram(("a", "b"), (0, 1)), WrittenProgram(("a", "b"), (1, 0)),
    ...              WrittenProgram(("c",), (0,))]
    >>> orders = count_edit_orders([ab, ba, ab, c])
    >>> orders.n_orders, round(orders.mean_distance, 3)
    (3, 0.667)
    """
    by_program: dict[tuple[str, ...], Counter[tuple[int, ...]]] = defaultdict(Counter)
    for item in written:
        if len(item.lines) != len(item.birth_steps):
            raise MetricError(
                f"edit orders: {len(item.birth_steps)} birth steps for {len(item.lines)} lines"
            )
        by_program[item.lines][item.birth_steps] += 1
    total, n_pairs = 0.0, 0
    for orders in by_program.values():
        n = sum(orders.values())
        n_pairs += n * (n - 1) // 2
        signs = [_signs(order) for order in orders]
        counts = list(orders.values())
        for second in range(len(signs)):
            for first in range(second):
                weight = counts[first] * counts[second]
                total += weight * _distance(signs[first], signs[second])
    return EditOrders(
        n_sequences=sum(sum(orders.values()) for orders in by_program.values()),
        n_programs=len(by_program),
        n_orders=sum(len(orders) for orders in by_program.values()),
        n_pairs=n_pairs,
        mean_distance=total / n_pairs if n_pairs else float("nan"),
    )


def _signs(order: Sequence[int]) -> NDArray[np.int8]:
    """For each pair of lines, -1, 0 or 1: written before, with or after."""
    steps = np.asarray(order, dtype=np.int64)
    rows, columns = np.triu_indices(len(steps), 1)
    return np.asarray(np.sign(steps[rows] - steps[columns]), dtype=np.int8)


def _distance(first: NDArray[np.int8], second: NDArray[np.int8]) -> float:
    return float(np.abs(first - second).sum() / (2 * first.size)) if first.size else 0.0
