"""Hunks of insert-only edits, straight from birth steps: no diff algorithm that could guess."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of lines inserted at one place."""

    start: int
    """1-based number of its first line, counted after the edit's earlier hunks are in."""
    lines: tuple[str, ...]
    after: int
    """How many lines of the state before the edit stand above it."""

    @property
    def header(self) -> str:
        """As `difflib.unified_diff(n=0)` prints it; `,n` is left out for one line."""
        count = "" if len(self.lines) == 1 else f",{len(self.lines)}"
        return f"@@ -{self.after},0 +{self.start}{count} @@"

    def __str__(self) -> str:
        """The header, then each line after a "+"."""
        return "\n".join([self.header, *(f"+{line}" for line in self.lines)])


Edit = tuple[Hunk, ...]


def edits_from_birth_steps(lines: Sequence[str], birth_steps: Sequence[int]) -> tuple[Edit, ...]:
    """One edit per birth step, in order."""
    new_lines: list[list[int]] = [[] for _ in range(max(birth_steps, default=-1) + 1)]
    for index, step in enumerate(birth_steps):
        new_lines[step].append(index)
    edits = []
    present: list[int] = []
    for new in new_lines:
        hunks = []
        inserted = 0
        for after, run in groupby(new, key=lambda index: bisect_left(present, index)):
            texts = tuple(lines[index] for index in run)
            hunks.append(Hunk(after + inserted + 1, texts, after))
            inserted += len(texts)
        edits.append(tuple(hunks))
        for index in new:
            insort(present, index)
    return tuple(edits)


def edit_text(edit: Edit) -> str:
    """The hunks of `edit`, one after the other, without a final newline."""
    return "\n".join(str(hunk) for hunk in edit)


def insert_hunks(lines: list[str], edit: Iterable[Hunk]) -> None:
    """Apply `edit` to `lines` in place; a hunk beyond the end is appended."""
    for hunk in edit:
        lines[hunk.start - 1 : hunk.start - 1] = hunk.lines
