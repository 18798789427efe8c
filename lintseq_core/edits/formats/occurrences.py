"""Where blocks of lines stand in a program: what formats without positions go by."""

from __future__ import annotations

from collections.abc import Sequence


class Occurrences:
    """The lines of one state, and the places of each block among them."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        self._ends: dict[int, dict[tuple[str, ...], list[int]]] = {}

    def ends(self, block: Sequence[str]) -> Sequence[int]:
        """For each place of `block`, the number of lines down to its last; ascending.

        Places may overlap: "x" twice stands at two places among three "x".
        """
        size = len(block)
        if size not in self._ends:
            found: dict[tuple[str, ...], list[int]] = {}
            for start in range(len(self.lines) - size + 1):
                found.setdefault(self.lines[start : start + size], []).append(start + size)
            self._ends[size] = found
        return self._ends[size].get(tuple(block), ())
