"""In what order many sequences of one program bring its lines: the numbers behind the charts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lintseq_core.edits import EditSequence
from lintseq_core.errors import LintSeqError
from lintseq_core.programs.blocks import is_code

Matrix = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """The birth steps of several sequences of one program."""

    lines: tuple[str, ...]
    births: Matrix
    """(samples, lines): the 0-based edit that inserts the line."""

    @property
    def n_samples(self) -> int:
        return int(self.births.shape[0])

    @property
    def n_edits(self) -> Matrix:
        """(samples,): the number of edits of each."""
        last: Matrix = self.births.max(axis=1)
        return last + 1

    @property
    def relative(self) -> NDArray[np.float64]:
        """(samples, lines): 0 for the first edit of the sequence, 1 for its last."""
        last: NDArray[np.float64] = np.maximum(self.n_edits - 1, 1)[:, None].astype(float)
        return self.births / last


def read_orders(sequences: Iterable[EditSequence]) -> Orders:
    """The orders of `sequences`, which are of one program. LintSeqError if they are not."""
    rows, lines = [], None
    for sequence in sequences:
        if lines not in (None, sequence.program.lines):
            raise LintSeqError("sequences of different programs: compare those of one program")
        lines = sequence.program.lines
        rows.append(sequence.birth_steps)
    if lines is None:
        raise LintSeqError("no sequence to compare: sample one at least")
    return Orders(lines, np.array(rows, dtype=np.int32))


def drawn_lines(orders: Orders) -> tuple[int, ...]:
    """The lines, 0-based, that edits bring: no blank ones, no comments there from the first on."""
    last = orders.births.max(axis=0).tolist()
    return tuple(
        line
        for line, text in enumerate(orders.lines)
        if is_code(text) or (text.strip() and last[line] > 0)
    )


def edit_sizes(orders: Orders) -> Counter[int]:
    """How many edits of all samples together insert 1, 2, ... lines."""
    sizes: Counter[int] = Counter()
    for births in orders.births:
        sizes.update(np.bincount(births).tolist())
    return sizes


def n_distinct(orders: Orders) -> int:
    """How many different sequences there are among the samples."""
    return len({row.tobytes() for row in orders.births})


def order_entropy_bits(orders: Orders) -> float:
    """Entropy of the samples taken as whole sequences; at most log2 of their number."""
    counts = Counter(row.tobytes() for row in orders.births).values()
    return -sum(n / orders.n_samples * math.log2(n / orders.n_samples) for n in counts) + 0.0


def pair_entropy_bits(orders: Orders) -> float:
    """Mean entropy of "before, together or after" over all pairs of lines; at most log2 3.

    Unlike the entropy of whole sequences, it does not run into the number of samples. NaN for a
    program of one line. O(samples x lines^2).
    """
    n_lines = len(orders.lines)
    if n_lines < 2:
        return math.nan
    before = _share_before(orders)
    upper = np.triu_indices(n_lines, 1)
    shares = np.stack([before[upper], before.T[upper]])
    shares = np.vstack([shares, 1 - shares.sum(axis=0)])
    logs = np.log2(shares, out=np.zeros_like(shares), where=shares > 1e-12)
    return float(-(shares * logs).sum(axis=0).mean()) + 0.0


def _share_before(orders: Orders) -> NDArray[np.float64]:
    """(lines, lines): in what share of the samples the row's line comes before the column's."""
    n_lines = len(orders.lines)
    count = np.zeros((n_lines, n_lines))
    for births in orders.births:
        count += births[:, None] < births[None, :]
    return count / orders.n_samples


@dataclass(frozen=True, slots=True)
class Precedence:
    """Which lines never come after which, in any sample, as a graph without shortcuts.

    Never after, and not always before: a line that others need takes them along when it is drawn,
    and then they come in one edit.
    """

    groups: tuple[tuple[int, ...], ...]
    """Lines that came in one edit in every sample, in line order."""
    layers: tuple[int, ...]
    """For each group, how many groups at least came one after the other before it."""
    arrows: tuple[tuple[int, int], ...]
    """(earlier or together, later) groups, without those that follow from others."""


def never_after(orders: Orders) -> Precedence:
    """The order of the lines that edits bring which held in all samples. O(samples x groups^2)."""
    columns: dict[bytes, list[int]] = {}
    for line in drawn_lines(orders):
        columns.setdefault(orders.births[:, line].tobytes(), []).append(line)
    groups = tuple(tuple(lines) for lines in columns.values())
    births = orders.births[:, [lines[0] for lines in groups]]
    before = np.ones((len(groups), len(groups)), dtype=bool)
    for row in births:
        before &= row[:, None] <= row[None, :]
    np.fill_diagonal(before, False)  # groups differ somewhere, so what is left is an order
    through = (before.astype(np.float32) @ before.astype(np.float32)) > 0
    direct = before & ~through
    layers = [0] * len(groups)
    for at in sorted(range(len(groups)), key=lambda at: int(before[:, at].sum())):
        earlier = np.flatnonzero(direct[:, at])
        layers[at] = max((layers[other] + 1 for other in earlier), default=0)
    arrows = tuple((int(a), int(b)) for a, b in np.argwhere(direct))
    return Precedence(groups, tuple(layers), arrows)


@dataclass(frozen=True, slots=True)
class Alignment:
    """How far two samples agree."""

    n_pairs: int
    """Pairs of lines that come in different edits in both samples."""
    n_same: int
    """Those of them in the same order in both."""
    common_states: tuple[tuple[int, int], ...]
    """(step of one, step of the other) at which both hold the same lines, ends included."""


def align(orders: Orders, one: int, other: int) -> Alignment:
    """The agreement of samples `one` and `other`."""
    a, b = orders.births[one], orders.births[other]
    upper = np.triu_indices(len(a), 1)
    signs_a = np.sign(a[:, None] - a[None, :])[upper]
    signs_b = np.sign(b[:, None] - b[None, :])[upper]
    decided = (signs_a != 0) & (signs_b != 0)
    seen = {(b < step).tobytes(): step for step in range(int(b.max()) + 2)}
    common = tuple(
        (step, seen[state])
        for step in range(int(a.max()) + 2)
        if (state := (a < step).tobytes()) in seen
    )
    return Alignment(int(decided.sum()), int((decided & (signs_a == signs_b)).sum()), common)
