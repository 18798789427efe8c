"""What each line of a program needs, what needs it, and what it is free of, as its sequences show.

A line that others need comes before them or with them: when it is drawn, it takes them along.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lintseq_core.charts.orders import Orders, drawn_lines
from lintseq_core.edits.words import name_lines
from lintseq_core.results.frames import Frame, frame_of


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Of one line; each other line that edits draw stands in one of four tuples, 0-based."""

    line_index: int
    needs: tuple[int, ...]
    """Come before it or with it in every sequence, and before it in one at least."""
    together: tuple[int, ...]
    """Come with it in every sequence."""
    needed_by: tuple[int, ...]
    """Come after it or with it in every sequence, and after it in one at least."""
    free: tuple[int, ...]
    """Come before it in one sequence, after it in another."""

    @property
    def words(self) -> str:
        """One sentence: "Line 7 needs lines 2 and 5; lines 9-11 need it; ..."."""
        told = [f"needs {_lines(self.needs)}" if self.needs else "needs no other line"]
        if self.together:
            told.append(f"it always comes together with {_lines(self.together)}")
        need = "needs" if len(self.needed_by) == 1 else "need"
        told.append(f"{_lines(self.needed_by)} {need} it" if self.needed_by else "no line needs it")
        n_free, is_rest = len(self.free), len(self.free) < self._n_others
        others = "other line" if n_free == 1 else f"other {n_free} lines"
        told.append(
            f"it is free of {'the' if is_rest or n_free == 1 else 'all'} {others}"
            if n_free
            else "it is free of none"
        )
        return f"Line {self.line_index + 1} {'; '.join(told)}."

    @property
    def _n_others(self) -> int:
        return sum(map(len, (self.needs, self.together, self.needed_by, self.free)))


def read_dependencies(orders: Orders) -> tuple[Dependencies, ...]:
    """The dependencies of every line that edits draw, in line order. O(samples x lines^2)."""
    lines = np.array(drawn_lines(orders), dtype=int)
    births = orders.births[:, lines]
    never_later = np.ones((len(lines), len(lines)), dtype=bool)
    for row in births:
        never_later &= row[:, None] <= row[None, :]
    found = []
    for at, line in enumerate(lines.tolist()):
        before, after = never_later[:, at].copy(), never_later[at].copy()
        before[at] = after[at] = False
        kinds = (before & ~after, before & after, after & ~before, ~before & ~after)
        kinds[3][at] = False
        needs, together, needed_by, free = (tuple(lines[kind].tolist()) for kind in kinds)
        found.append(Dependencies(line, needs, together, needed_by, free))
    return tuple(found)


def most_telling(dependencies: Sequence[Dependencies]) -> Dependencies | None:
    """The first of those lines that have most on their lesser side: lines needed, or that need."""
    return max(
        dependencies,
        key=lambda one: (min(len(one.needs), len(one.needed_by)), bool(one.needs or one.needed_by)),
        default=None,
    )


def dependencies_frame(orders: Orders, dependencies: Iterable[Dependencies]) -> Frame:
    """line, text, needs, together, needed_by, free: a row a line, lines from 1, with spaces."""
    names = ("needs", "together", "needed_by", "free")
    rows = [
        {"line": one.line_index + 1, "text": orders.lines[one.line_index]}
        | {name: " ".join(str(line + 1) for line in getattr(one, name)) for name in names}
        for one in dependencies
    ]
    return frame_of(rows, ("line", "text", *names))


def _lines(lines: tuple[int, ...]) -> str:
    return name_lines(lines).replace("L", "l", 1)
